import {
  type Cipher,
  DecryptionError,
  aesGcm,
  keyIdOf,
  openFrame,
  xchacha,
} from '@reliable-channels/encryption'
import { AES_GCM_VERSION } from '@reliable-channels/encryption/core'
import type { Opening } from './describe-sealed.ts'
import type { SealedPart } from './inspect-frame.ts'

/** Where a frame was sealed for: it opens nowhere else. */
export interface SealedPlace {
  readonly channelId?: string | undefined
  readonly contentTopic?: string | undefined
}

/** Tries a key on a sealed part, and says in a sentence why it does not open. */
export async function openSealed(part: SealedPart, key: Uint8Array, place: SealedPlace): Promise<Opening> {
  const { bytes, header, author } = part
  const keyId = keyIdOf(key)
  if (keyId !== header.keyId) {
    return { refusal: `sealed with key ${header.keyId}, and yours is ${keyId}: another key or passphrase` }
  }
  const channelId = author?.channelId ?? place.channelId
  const contentTopic = place.contentTopic ?? part.contentTopic
  if (channelId === undefined || contentTopic === undefined) {
    return { refusal: 'it is bound to its channel and topic: say which with --channel (and --topic)' }
  }
  const cipher: Cipher = header.version === AES_GCM_VERSION ? aesGcm({ key }) : xchacha({ key })
  const context = { channelId, contentTopic, ...(author && { senderId: author.senderId }) }
  try {
    return { plain: await openFrame(cipher, bytes, context) }
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error
    return {
      refusal: `the key is right, and it does not open: ${error.message.replace('decryption failed: ', '')}`,
    }
  }
}
