import { openChannel } from '@reliable-channels/channel'
import { type KeyRing, createKeyRing, xchacha } from '@reliable-channels/encryption'
import { simulatedNetwork } from '@reliable-channels/simulator'

const network = simulatedNetwork({ seed: 1 })
const keyOf = (year: number) => new Uint8Array(32).fill(year % 100) // in an application: random, and told in secret

// #region join
/** A member with a ring: it seals with the newest key and opens with all that it keeps. */
async function join(senderId: string, keyRing: KeyRing) {
  const channel = await openChannel({
    channelId: 'team',
    contentTopic: '/my-app/1/team/proto',
    senderId,
    transport: network.peer(senderId),
    cipher: xchacha({ keyRing }),
  })
  channel.incoming$.subscribe(({ payload }) => {
    console.log(`${senderId} reads: ${new TextDecoder().decode(payload)}`)
  })
  return channel
}
const rings = { alice: createKeyRing({ keys: [keyOf(2025)] }), bob: createKeyRing({ keys: [keyOf(2025)] }) }
const alice = await join('alice', rings.alice)
const bob = await join('bob', rings.bob)
await alice.send(new TextEncoder().encode('Happy new year!')).delivered()
// #endregion

// #region rotate
// First everybody learns the new key. Nobody seals with it yet.
rings.alice.accept(keyOf(2026))
rings.bob.accept(keyOf(2026))

// Then each turns to it, in any order and at any time: both keys open.
rings.alice.rotate(keyOf(2026))
await alice.send(new TextEncoder().encode('This is sealed with the key of 2026.')).delivered()
await bob.send(new TextEncoder().encode('This is still sealed with that of 2025.')).delivered()
rings.bob.rotate(keyOf(2026))
// #endregion

// #region leaver
// Mallory left the team with the key of 2025. He hears frames that he cannot read.
const mallory = await join('mallory', createKeyRing({ keys: [keyOf(2025)] }))
const unread = new Promise<void>((resolve) => {
  mallory.health$.subscribe(({ state }) => state === 'unreadable' && resolve())
})
await bob.send(new TextEncoder().encode('What mallory does not know.')).delivered()
await unread
console.log(`mallory could not open ${mallory.drops.undecryptable > 0 ? 'what he heard' : 'nothing'}`)
// #endregion
await Promise.all([alice.close(), bob.close(), mallory.close()])
