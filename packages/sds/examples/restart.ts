import { createParticipant } from '@reliable-channels/sds'
import { memoryStore } from '@reliable-channels/store'
import { Subject } from 'rxjs'

const store = memoryStore()

/** A participant with all that an earlier one stored. */
async function start() {
  const restore = []
  for await (const { key, value } of store.entries('sds/')) restore.push({ key: key.slice(4), value })
  return createParticipant({
    participantId: 'alice',
    channelId: 'log',
    keyPrefix: 'sds/',
    write: (changes) => store.write(changes),
    restore,
  })
}

const first = await start()
const lines$ = new Subject<{ payload: Uint8Array }>()
const sent = new Promise<string>((resolve) => {
  lines$.pipe(first.wrap()).subscribe(({ messageId }) => resolve(messageId))
})
lines$.next({ payload: new TextEncoder().encode('Nobody hears this.') })
const messageId = await sent
first.close()

// A message leaves only after it was stored: this one is sent again until somebody has it.
const second = await start()
second.events$.subscribe((event) => {
  if (event.type !== 'retransmitted') return
  console.log('the same message:', event.messageId === messageId)
  second.close()
})
second.traffic$.subscribe(({ kind }) => console.log('sent by itself:', kind))
