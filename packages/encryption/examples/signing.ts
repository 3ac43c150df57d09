import { type DecryptionError, openFrame, sealFrame, xchacha } from '@reliable-channels/encryption'
import { createMemberRing, newSigningKey, publicKeyIdOf, signed } from '@reliable-channels/encryption/signing'

// The key of the channel, which all members share; and keys of their own, of which they share the public ones.
const key = crypto.getRandomValues(new Uint8Array(32))
const [alices, bobs, mallorys] = [newSigningKey(), newSigningKey(), newSigningKey()]
const members = createMemberRing({
  alice: alices.publicKey,
  bob: bobs.publicKey,
  mallory: mallorys.publicKey,
})
const cipherOf = ({ secretKey }: typeof alices) => signed(xchacha({ key }), { secretKey, members })

const chat = { channelId: 'chat', contentTopic: '/demo/1/chat/proto', senderId: 'alice' }
const plain = new TextEncoder().encode('hello')

/** Who has sealed a frame that names alice, as bob finds. */
async function whoSealed(sealed: Uint8Array): Promise<string> {
  try {
    let signer = 'nobody'
    await openFrame(cipherOf(bobs), sealed, { ...chat, onSigner: (senderId) => (signer = senderId) })
    return signer
  } catch (error) {
    return (error as DecryptionError).reason
  }
}

const byAlice = await sealFrame(cipherOf(alices), plain, chat)
console.log(await whoSealed(byAlice))
console.log(await whoSealed(await sealFrame(cipherOf(mallorys), plain, chat)))
console.log(await whoSealed(await sealFrame(xchacha({ key }), plain, chat)))
members.revoke(publicKeyIdOf(alices.publicKey))
console.log(await whoSealed(byAlice))
