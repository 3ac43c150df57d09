import { openChannel } from '@reliable-channels/channel'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { filter } from 'rxjs'

const network = simulatedNetwork({ seed: 3, loss: 0.1 })
const channel = { channelId: 'files', contentTopic: '/my-app/1/files/proto' }

const bar = (done: number, of: number): string => {
  const filled = Math.round((done / of) * 20)
  return `${'█'.repeat(filled)}${'░'.repeat(20 - filled)}`
}

// #region receive
const bob = await openChannel({ ...channel, senderId: 'bob', transport: network.peer('bob') })
bob.events$.pipe(filter((event) => event.type === 'reliable:message:progress')).subscribe((event) => {
  if (event.held % 5 === 0) console.log(`${bar(event.held, event.needed)} ${event.bytes} bytes are here`)
})
bob.incoming$.subscribe(({ senderId, payload }) => {
  console.log(`${bar(1, 1)} ${payload.length} bytes from ${senderId}, whole`)
})
// #endregion

// #region send
const alice = await openChannel({
  ...channel,
  senderId: 'alice',
  transport: network.peer('alice'),
  parityRate: 0.25, // one segment more for every four, so that what is lost need not be asked for
})
const photo = Uint8Array.from({ length: 2_000_000 }, (_, i) => (i * i) >> 5)
const sent = alice.send(photo)
sent.status$.subscribe(({ state, segments }) => {
  if (state === 'delivered')
    console.log(`delivered: ${segments.data} segments of the file, ${segments.total} sent`)
})
// #endregion

// #region cancel
const again = alice.send(photo)
console.log(`sent by mistake: ${again.cancel()}`)
// #endregion

await sent.delivered()
await Promise.all([alice.close(), bob.close()])
