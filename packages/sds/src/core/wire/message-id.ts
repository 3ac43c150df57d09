import { createKeccak256, keccak256 } from '@reliable-channels/keccak'
import { hexOf } from '@reliable-channels/wire'

/** A wall-clock time in nanoseconds: whole milliseconds and the nanoseconds within. */
export interface Nanoseconds {
  readonly ms: number
  readonly nanos: number
}

export const NANOS_PER_MS = 1_000_000

/**
 * The time that goes into the next message id: now, with nanoseconds made up at random, but always later than `last`, so
 * that equal content never gets the same id.
 *
 * @param random - in [0, 1)
 */
export function nextNanoseconds(now: number, random: number, last: Nanoseconds): Nanoseconds {
  const ms = Math.max(0, Math.floor(now))
  const nanos = Math.floor(random * NANOS_PER_MS)
  if (ms > last.ms || (ms === last.ms && nanos > last.nanos)) return { ms, nanos }
  return last.nanos < NANOS_PER_MS - 1
    ? { ms: last.ms, nanos: last.nanos + 1 }
    : { ms: last.ms + 1, nanos: 0 }
}

/** Above so many bytes, copying them costs more than hashing in pieces. */
const COPIED = 1_024
/** Where shorter ones are put together. */
const input = new Uint8Array(COPIED)
const digits = new Uint8Array(48)
/** Digits below the nanosecond: so many that a short message is still one block of the hash, and none is made twice. */
const FINER = 11

/**
 * keccak-256(sender id ‖ time in nanoseconds, decimal ‖ content) in hex.
 *
 * @param finer - in [0, 1): what the time is below the nanosecond, as eleven more digits
 */
export function messageIdOf(
  senderId: Uint8Array,
  time: Nanoseconds,
  content: Uint8Array,
  finer?: number,
): string {
  const first = writeDigits(time, finer)
  const count = digits.length - first
  const length = senderId.length + count + content.length
  let digest: Uint8Array
  if (length > COPIED) {
    digest = createKeccak256().update(senderId).update(digits.subarray(first)).update(content).digest()
  } else {
    input.set(senderId)
    for (let i = 0; i < count; i++) input[senderId.length + i] = digits[first + i]!
    input.set(content, senderId.length + count)
    digest = keccak256(input.subarray(0, length))
  }
  return hexOf(digest)
}

/** Writes a time in nanoseconds, decimal, at the end of `digits`; returns where it starts. */
function writeDigits({ ms, nanos }: Nanoseconds, finer: number | undefined): number {
  let at = digits.length
  if (finer !== undefined) at = writeNumber(Math.floor(finer * 10 ** FINER), FINER, at)
  at = writeNumber(nanos, ms > 0 ? 6 : 1, at)
  return writeNumber(ms, 0, at)
}

/** Digits at a time: dividing small integers takes a fraction of what dividing large numbers does. */
const AT_A_TIME = 6
const PART = 10 ** AT_A_TIME

/** Writes a number before `end`, with leading zeros up to `least` digits; returns where it starts. */
function writeNumber(number: number, least: number, end: number): number {
  let at = end
  let rest = number
  // A time that is none ends too.
  while (rest >= PART && at > 0) {
    const above = Math.floor(rest / PART)
    at = writePart(rest - above * PART, AT_A_TIME, at)
    rest = above
  }
  return writePart(rest, least - (end - at), at)
}

/** The same of what is below {@link PART}. */
function writePart(number: number, least: number, end: number): number {
  let at = end
  for (let rest = number | 0; (rest > 0 || end - at < least) && at > 0; rest = (rest / 10) | 0)
    digits[--at] = 0x30 + (rest % 10)
  return at
}
