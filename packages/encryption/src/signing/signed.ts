import { onlyNames } from '@reliable-channels/options'
import { ed25519 } from '@noble/curves/ed25519.js'
import { concat, hexOf, parseHex } from '@reliable-channels/wire'
import type { Cipher, CipherContext } from '../cipher.ts'
import { associatedData } from '../core/associated-data.ts'
import { HEADER_BYTES } from '../core/header.ts'
import { CipherError } from '../errors.ts'
import { CipherOptionError, check, checkCipher } from '../guard.ts'
import type { MemberRing } from './member-ring.ts'
import { PUBLIC_KEY_ID_BYTES, checkSigningKey, publicKeyIdOf, publicKeyOf } from './signing-key.ts'

/** Options of {@link signed}. */
export interface SignedOptions {
  /** The key that signs what this member sends, 32 bytes; see `newSigningKey`. */
  readonly secretKey: Uint8Array
  /** The public keys of all members, this one's among them. */
  readonly members: MemberRing
}

const NAMES = Object.keys({ secretKey: 1, members: 1 } satisfies Record<keyof SignedOptions, 1>)

/** First byte of what is sealed. */
const VERSION = 1
const SIGNATURE_BYTES = 64
/** Version ‖ kind ‖ id of the public key. */
const HEAD_BYTES = 2 + PUBLIC_KEY_ID_BYTES
const FRONT_BYTES = HEAD_BYTES + SIGNATURE_BYTES

const DOMAIN = new TextEncoder().encode('reliable-channels signed frame 1')

/** What is signed: all that the frame says, and where it belongs. */
const toBeSigned = (head: Uint8Array, context: CipherContext, plain: Uint8Array): Uint8Array =>
  concat([DOMAIN, associatedData(head, context), head.subarray(HEADER_BYTES), plain])

/**
 * A cipher around another one that proves who has sealed a frame, by Ed25519 (RFC 8032): without the member's secret key
 * nobody speaks in his name, though all share the key of the cipher within.
 *
 * What is sealed is version ‖ kind ‖ id of the public key ‖ signature ‖ plaintext: nobody without the key sees who sends,
 * nor can make others verify anything. The signature covers all of it, channel, content topic, and author where there is
 * one.
 *
 * @throws CipherKeyError if the secret key is not 32 bytes; CipherOptionError if its public key is not in the ring.
 * @example
 * ```ts
 * const cipher = signed(xchacha({ key }), { secretKey, members })
 * ```
 */
export function signed(cipher: Cipher, options: SignedOptions): Cipher {
  checkCipher(cipher)
  check.object('options', options, 'an object with "secretKey" and "members"')
  onlyNames(check, options, NAMES)
  const { members } = options
  checkSigningKey('secretKey', options.secretKey)
  check.object('members', members, 'a ring as createMemberRing() makes')
  check.function('members.find', members.find)
  const secretKey = Uint8Array.from(options.secretKey)
  const publicKeyId = publicKeyIdOf(publicKeyOf(secretKey))
  if (!members.keys.some((key) => key.publicKeyId === publicKeyId))
    throw new CipherOptionError(
      '"members" lacks the public key of "secretKey": add(senderId, publicKeyOf(secretKey))',
    )
  const idBytes = parseHex(publicKeyId)!

  const verify = (opened: Uint8Array, context: CipherContext): Uint8Array => {
    const head = opened.subarray(0, HEAD_BYTES)
    if (opened.length < FRONT_BYTES || head[0] !== VERSION || head[1]! > 1) {
      throw new CipherError('nothing is signed in it: its sender uses the cipher alone', {
        reason: 'malformed',
      })
    }
    if (context.kind !== undefined && (context.kind === 'sync') !== (head[1] === 1)) {
      throw new CipherError(`expected ${context.kind}, and another kind is signed`, { reason: 'wrong-kind' })
    }
    const { publicKey, senderId } = members.find(hexOf(head, 2, HEAD_BYTES))
    const plain = opened.subarray(FRONT_BYTES)
    const signature = opened.subarray(HEAD_BYTES, FRONT_BYTES)
    if (!ed25519.verify(signature, toBeSigned(head, context, plain), publicKey, { zip215: false })) {
      throw new CipherError('the signature is not of this frame', { reason: 'not-authentic' })
    }
    if (context.senderId !== undefined && context.senderId !== senderId) {
      throw new CipherError(`signed by ${senderId}, in the name of ${context.senderId}`, {
        reason: 'wrong-sender',
      })
    }
    context.onSigner?.(senderId)
    return plain.slice()
  }

  return {
    id: `${cipher.id}+ed25519`,
    overheadBytes: cipher.overheadBytes + FRONT_BYTES,
    signs: true,
    seal(plain, context) {
      const head = Uint8Array.of(VERSION, context.kind === 'sync' ? 1 : 0, ...idBytes)
      const signature = ed25519.sign(toBeSigned(head, context, plain), secretKey)
      return cipher.seal(concat([head, signature, plain]), context)
    },
    open(sealed, context) {
      const opened = cipher.open(sealed, context)
      return opened instanceof Promise
        ? opened.then((bytes) => verify(bytes, context))
        : verify(opened, context)
    },
  }
}
