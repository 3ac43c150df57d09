import { createKeccak256, keccak256 } from '@reliable-channels/keccak'
import { hexOf } from './hex.ts'
import { encodeText } from './text.ts'

/** A wall-clock time in nanoseconds: whole milliseconds and the nanoseconds within. */
export interface Nanoseconds {
  readonly ms: number
  readonly nanos: number
}

/**
 * The time that goes into the next message id: now, with nanoseconds made up at random, but always later than `last`, so
 * that equal content never gets the same id.
 *
 * @param random - in [0, 1)
 */
export function nextNanoseconds(now: number, random: number, last: Nanoseconds): Nanoseconds {
  const ms = Math.max(0, Math.floor(now))
  const nanos = Math.floor(random * 1_000_000)
  if (ms > last.ms || (ms === last.ms && nanos > last.nanos)) return { ms, nanos }
  return last.nanos < 999_999 ? { ms: last.ms, nanos: last.nanos + 1 } : { ms: last.ms + 1, nanos: 0 }
}

/** keccak-256(sender id ‖ time in nanoseconds, decimal ‖ content) in hex. */
export function messageIdOf(senderId: Uint8Array, time: Nanoseconds, content: Uint8Array): string {
  const digits = encodeText(
    time.ms === 0 ? String(time.nanos) : `${time.ms}${String(time.nanos).padStart(6, '0')}`,
  )
  const digest = hash(senderId, digits, content)
  return hexOf(digest, 0, digest.length)
}

/** Above so many bytes, copying them costs more than hashing in pieces. */
const COPIED = 1024

function hash(senderId: Uint8Array, digits: Uint8Array, content: Uint8Array): Uint8Array {
  const length = senderId.length + digits.length + content.length
  if (length > COPIED) return createKeccak256().update(senderId).update(digits).update(content).digest()
  const input = new Uint8Array(length)
  input.set(senderId)
  input.set(digits, senderId.length)
  input.set(content, senderId.length + digits.length)
  return keccak256(input)
}
