import { sealFrame, xchacha } from '@reliable-channels/encryption'
import {
  HEADER_BYTES,
  TAG_BYTES,
  XCHACHA_NONCE_BYTES,
  XCHACHA_VERSION,
  associatedData,
  keyIdOf,
  portableAead,
  readHeader,
} from '@reliable-channels/encryption/core'

const key = new Uint8Array(32).fill(7)
const binding = { channelId: 'chat', contentTopic: '/demo/1/chat/proto' }
const sealed = await sealFrame(xchacha({ key }), new TextEncoder().encode('hello'), binding)

// A program that knows only the format can read it: header ‖ nonce ‖ ciphertext ‖ tag.
const header = readHeader(sealed)
console.log(header?.version === XCHACHA_VERSION, header?.keyId === keyIdOf(key), header?.kind)
const body = HEADER_BYTES + XCHACHA_NONCE_BYTES
const nonce = sealed.subarray(HEADER_BYTES, body)
const plain = portableAead.open(key, nonce, associatedData(sealed, binding), sealed.subarray(body))
console.log(plain && new TextDecoder().decode(plain), sealed.length - body - TAG_BYTES, 'bytes')
