import { sha256 } from '@noble/hashes/sha2.js'
import { modulo } from '../filter/bloom.ts'
import { farmHash } from '../filter/farm-hash.ts'
import type { Dialect } from '../wire/message.ts'
import { encodeText } from '@reliable-channels/wire'

/** The times of SDS-R, common to all participants of a channel. LIP-109, "SDS-R global state". */
export interface RepairTimes {
  readonly tMinMs: number
  readonly tMaxMs: number
}

const words = new Uint32Array(2)
const other = new Uint32Array(2)

/** The hash of SDS-R as two halves: SHA-256's first 8 bytes (`lip`), or Nim's (`nim`), where it is signed. */
function hash(dialect: Dialect, text: string, out: Uint32Array): void {
  const bytes = encodeText(text)
  if (dialect === 'nim') return farmHash(bytes, out)
  const view = new DataView(sha256(bytes).buffer)
  out[0] = view.getUint32(0)
  out[1] = view.getUint32(4)
}

/** The half pair, or in the `nim` dialect its absolute value, modulo `modulus`. */
function reduce(dialect: Dialect, pair: Uint32Array, modulus: number): number {
  let high = pair[0]!
  let low = pair[1]!
  if (dialect === 'nim' && high >= 0x8000_0000) {
    low = -low >>> 0
    high = (low === 0 ? -high : ~high) >>> 0
  }
  return modulo(high, low, modulus)
}

/**
 * How long after it was found missing the repair of a message is asked for, in ms: at least T_min, below T_max.
 * LIP-109, "Determine T_req".
 */
export function requestDelayMs(
  dialect: Dialect,
  participantId: string,
  messageId: string,
  { tMinMs, tMaxMs }: RepairTimes,
): number {
  if (tMaxMs <= tMinMs) return tMinMs
  hash(dialect, participantId + messageId, words)
  return tMinMs + reduce(dialect, words, tMaxMs - tMinMs)
}

/**
 * How long after a repair was asked for it is given, in ms: at once by the message's sender, below T_max by others.
 * LIP-109, "Determine T_resp".
 */
export function responseDelayMs(
  dialect: Dialect,
  participantId: string,
  senderId: string,
  messageId: string,
  tMaxMs: number,
): number {
  if (tMaxMs <= 0 || participantId === senderId) return 0
  hash(dialect, participantId, words)
  hash(dialect, senderId, other)
  words[0]! ^= other[0]!
  words[1]! ^= other[1]!
  const distance = reduce(dialect, words, tMaxMs)
  hash(dialect, messageId, words)
  return (distance * reduce(dialect, words, tMaxMs)) % tMaxMs
}

/**
 * Whether a participant is among those who answer a repair request. LIP-109, "Determine response group".
 *
 * @param groups - number of response groups; everyone answers where there is one
 */
export function inResponseGroup(
  dialect: Dialect,
  participantId: string,
  senderId: string,
  messageId: string,
  groups: number,
): boolean {
  if (groups <= 1 || participantId === senderId) return true
  hash(dialect, participantId + messageId, words)
  const group = reduce(dialect, words, groups)
  hash(dialect, senderId + messageId, words)
  return group === reduce(dialect, words, groups)
}
