import {
  CipherError,
  DecryptionError,
  aesGcm,
  fromHook,
  keyFromPassphrase,
  keyIdOf,
  none,
  openFrame,
  readHeader,
  sealFrame,
} from '@reliable-channels/encryption'

const chat = { channelId: 'chat', contentTopic: '/demo/1/chat/proto' }
const plain = new TextEncoder().encode('hello')
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

// A key that all who know the words can make. Leave `logN` out: 14 is for those in a hurry.
const key = await keyFromPassphrase('correct horse battery staple', { salt: 'chat of friends', logN: 14 })
const cipher = aesGcm({ key })
const sealed = await sealFrame(cipher, plain, { ...chat, kind: 'sync' })
const header = readHeader(sealed)
console.log(
  header?.keyId === keyIdOf(key),
  header?.kind,
  sealed.length - plain.length === cipher.overheadBytes,
)
console.log(text(await openFrame(cipher, sealed, chat)))

// A frame that was not meant for this place is refused, and the error says why.
try {
  await openFrame(cipher, sealed, { ...chat, contentTopic: '/demo/1/other/proto' })
} catch (error) {
  if (error instanceof DecryptionError) console.log(error.reason)
}

// A pair of functions of your own. It may give its reasons, too.
const reversed = fromHook(
  {
    encrypt(bytes) {
      const frame = new Uint8Array(bytes.length + 1)
      frame.set(bytes.toReversed(), 1)
      frame[0] = bytes.length % 256
      return frame
    },
    decrypt(bytes) {
      if (bytes[0] !== (bytes.length - 1) % 256) throw new CipherError('cut short', { reason: 'malformed' })
      return bytes.slice(1).toReversed()
    },
  },
  { id: 'reversed', overheadBytes: 1 },
)
const turned = await sealFrame(reversed, plain, chat)
console.log(text(turned.slice(1)), text(await openFrame(reversed, turned, chat)))
try {
  await openFrame(reversed, turned.slice(0, -1), chat)
} catch (error) {
  if (error instanceof DecryptionError) console.log(error.reason, error.cause instanceof CipherError)
}

// And none at all, said explicitly.
console.log(text(await sealFrame(none(), plain, chat)))
