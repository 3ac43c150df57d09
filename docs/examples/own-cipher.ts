import { openChannel } from '@reliable-channels/channel'
import { fromHook } from '@reliable-channels/encryption'
import { simulatedNetwork } from '@reliable-channels/simulator'

// #region cipher
/** AES-256-GCM of WebCrypto by hand: a nonce of 12 bytes before what is sealed, a tag of 16 behind it. */
async function handMade(secret: Uint8Array<ArrayBuffer>) {
  const key = await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt', 'decrypt'])
  return fromHook(
    {
      async encrypt(plain) {
        const iv = crypto.getRandomValues(new Uint8Array(12))
        const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, Uint8Array.from(plain))
        const frame = new Uint8Array(iv.length + sealed.byteLength)
        frame.set(iv)
        frame.set(new Uint8Array(sealed), iv.length)
        return frame
      },
      async decrypt(bytes) {
        const [iv, sealed] = [bytes.slice(0, 12), bytes.slice(12)]
        return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed))
      },
    },
    { id: 'hand-made AES-GCM', overheadBytes: 28 },
  )
}
// #endregion

// #region use
const network = simulatedNetwork({ seed: 1 })
const cipher = await handMade(new Uint8Array(32).fill(7))
const channel = { channelId: 'vault', contentTopic: '/my-app/1/vault/proto', cipher }
const alice = await openChannel({ ...channel, senderId: 'alice', transport: network.peer('alice') })
const bob = await openChannel({ ...channel, senderId: 'bob', transport: network.peer('bob') })
bob.incoming$.subscribe(({ payload }) => console.log(`bob reads: ${new TextDecoder().decode(payload)}`))

// Eve listens to the network itself.
const eve = network.peer('eve')
const heard: string[] = []
eve.messages$.subscribe(({ payload }) => heard.push(new TextDecoder('latin1').decode(payload)))
await eve.subscribe(channel.contentTopic)

await alice.send(new TextEncoder().encode('the code is 4711')).delivered()
console.log(`eve hears ${heard.some((text) => text.includes('4711')) ? 'the code' : 'no code'}`)
// #endregion

// What he answers takes segments that are as long as any.
await bob.send(new Uint8Array(500_000)).delivered()
await Promise.all([alice.close(), bob.close()])
