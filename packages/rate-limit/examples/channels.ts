import { createRateLimiter } from '@reliable-channels/rate-limit'
import { Subject, VirtualTimeScheduler } from 'rxjs'

interface Message {
  readonly text: string
  readonly payload: Uint8Array
  readonly priority?: 'critical' | 'normal' | 'optional'
}
const message = (text: string, priority: Message['priority'] = 'normal'): Message => ({
  text,
  payload: new TextEncoder().encode(text),
  priority,
})

// Four messages in ten minutes, whatever the channel. Virtual time, so that the example ends soon.
const scheduler = new VirtualTimeScheduler()
const limiter = createRateLimiter({ epochMs: 600_000, messagesPerEpoch: 4, scheduler })

const files = new Subject<Message>()
const chat = new Subject<Message>()
const log = (channel: string) => (sent: Message) =>
  console.log(`${String(scheduler.now() / 60_000).padStart(2)} min  ${channel}: ${sent.text}`)
files.pipe(limiter.lane('files')).subscribe(log('files'))
chat.pipe(limiter.lane('chat')).subscribe(log('chat'))

for (let part = 1; part <= 8; part++) files.next(message(`part ${part}`))
chat.next(message('hello'))
files.next(message('acknowledgement', 'critical'))
console.log('a word more on chat would leave in', limiter.estimate('chat')! / 60_000, 'min')

scheduler.flush()
limiter.close()
