import { type ReliableChannel, openChannel } from '@reliable-channels/channel'
import { xchacha } from '@reliable-channels/encryption'
import { simulatedNetwork } from '@reliable-channels/simulator'

const network = simulatedNetwork({ seed: 1 })
const channel = { channelId: 'team', contentTopic: '/my-app/1/team/proto' }

// #region log
/** A log of all that a channel tells, without the contents of messages. */
function log(of: ReliableChannel): void {
  of.events$.subscribe((event) => {
    const what = event.type === 'diagnostic' ? event.code : event.type.replace('reliable:', '')
    console.log(`${of.senderId}  ${what}`)
  })
  of.health$.subscribe(({ state, missing }) => console.log(`${of.senderId}  is ${state}, ${missing} missing`))
}
// #endregion

// #region wrong
// Bob was given the wrong key. What does he see?
const right = xchacha({ key: new Uint8Array(32).fill(1) })
const wrong = xchacha({ key: new Uint8Array(32).fill(2) })
const alice = await openChannel({
  ...channel,
  senderId: 'alice',
  transport: network.peer('alice'),
  cipher: right,
})
const bob = await openChannel({ ...channel, senderId: 'bob', transport: network.peer('bob'), cipher: wrong })
log(bob)
const puzzled = new Promise<void>((resolve) => {
  bob.health$.subscribe(({ state }) => state === 'unreadable' && resolve())
})
await alice.send(new TextEncoder().encode('hello')).sent()
await puzzled
for (const [reason, count] of Object.entries(bob.drops)) {
  if (count > 0) console.log(`bob  dropped: ${count} × ${reason}`)
}
// #endregion
await Promise.all([alice.close(), bob.close()])
