import { equalBytes } from '@reliable-channels/wire'
import { CipherError } from '../errors.ts'
import { CipherOptionError, check } from '../guard.ts'
import { publicKeyIdOf } from './signing-key.ts'

/** A public key, and whose it is. */
export interface MemberKey {
  readonly publicKeyId: string
  readonly publicKey: Uint8Array
  readonly senderId: string
}

/** The public keys of the members of a channel. Made by {@link createMemberRing}. */
export interface MemberRing {
  /** The keys that count, those that came first first. */
  readonly keys: readonly MemberKey[]
  /** What is signed with that key is the member's from now on; he may have several. Returns its id. */
  add(senderId: string, publicKey: Uint8Array): string
  /** What is signed with that key is refused from now on. Returns whether it counted. */
  revoke(publicKeyId: string): boolean
  /** The key of that id. Throws a `CipherError` where there is none (`unknown-signer`) or it was revoked (`revoked-signer`). */
  find(publicKeyId: string): MemberKey
}

/** Keys of a ring. @limit `add` throws. */
const MAX_KEYS = 4_096
/** Ids of revoked keys that are remembered. @limit The oldest counts as one that was never there, and is refused all the same. */
const MAX_REVOKED = 4_096

/**
 * Makes a ring of the members' public keys, the same for all who read: whose key is in it speaks in that name, and nobody
 * else does.
 *
 * @param members Public keys by member: one, or several, as of a member's devices.
 * @throws CipherKeyError if a key is not 32 bytes; CipherOptionError if two members have one key.
 * @example
 * ```ts
 * const members = createMemberRing({ alice: alicesPublicKey, bob: [bobsPhone, bobsLaptop] })
 * members.revoke(publicKeyIdOf(bobsPhone))
 * ```
 */
export function createMemberRing(
  members: Readonly<Record<string, Uint8Array | readonly Uint8Array[]>> = {},
): MemberRing {
  check.secret(typeof members === 'object' && members !== null, 'members', 'public keys by member', members)
  const keys = new Map<string, MemberKey>()
  const revoked = new Set<string>()
  const ring: MemberRing = {
    get keys() {
      return [...keys.values()]
    },
    add(senderId, publicKey) {
      check.text('senderId', senderId)
      const publicKeyId = publicKeyIdOf(publicKey)
      const known = keys.get(publicKeyId)
      if (known !== undefined) {
        if (known.senderId === senderId && equalBytes(known.publicKey, publicKey)) return publicKeyId
        throw new CipherOptionError(`the key ${publicKeyId} is that of ${known.senderId} already`)
      }
      if (revoked.has(publicKeyId)) {
        throw new CipherOptionError(`the key ${publicKeyId} was revoked: make another one`)
      }
      if (keys.size >= MAX_KEYS) throw new CipherOptionError(`a ring holds at most ${MAX_KEYS} public keys`)
      keys.set(publicKeyId, { publicKeyId, publicKey: Uint8Array.from(publicKey), senderId })
      return publicKeyId
    },
    revoke(publicKeyId) {
      check.text('publicKeyId', publicKeyId)
      revoked.add(publicKeyId)
      if (revoked.size > MAX_REVOKED) revoked.delete(revoked.values().next().value!)
      return keys.delete(publicKeyId)
    },
    find(publicKeyId) {
      const key = keys.get(publicKeyId)
      if (key !== undefined) return key
      const reason = revoked.has(publicKeyId) ? 'revoked-signer' : 'unknown-signer'
      const what = reason === 'revoked-signer' ? 'was revoked' : 'is of no member'
      throw new CipherError(`signed with the key ${publicKeyId}, which ${what}`, { reason })
    },
  }
  for (const [senderId, own] of Object.entries(members))
    for (const publicKey of Array.isArray(own) ? own : [own]) ring.add(senderId, publicKey as Uint8Array)
  return ring
}
