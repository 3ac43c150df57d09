import { decodeText } from './text.ts'

/** Longer texts are not remembered. */
const WORDS = 16
const SHORT = 4 * WORDS

/** Texts seen lately, at a place given by a few of their bytes, and those bytes. */
const RECENT = 4096
const recent: string[] = Array.from({ length: RECENT }, () => '')
const lengths = new Uint8Array(RECENT)
const words = new Int32Array(RECENT * WORDS)
const wordBytes = new Uint8Array(words.buffer)

/**
 * The text of bytes `start` to `end`, as `decodeText` gives it. Ids come again and again, in one message after another:
 * one that was seen lately is compared instead of decoded, and is the same string.
 */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start
  if (length === 0) return ''
  if (length > SHORT) return decodeText(bytes.subarray(start, end))
  const middle = start + (length >> 1)
  let place = Math.imul(length, 31) + bytes[start]!
  place = Math.imul(place, 31) + bytes[middle]!
  place = Math.imul(place, 31) + bytes[end - 1]!
  if (length >= 8) {
    place = Math.imul(place, 31) + (bytes[start + 1]! | (bytes[start + 2]! << 8) | (bytes[middle + 1]! << 16))
    place = Math.imul(place, 31) + (bytes[end - 2]! | (bytes[end - 3]! << 8))
  }
  place = (place ^ (place >>> 12)) & (RECENT - 1)
  if (lengths[place] === length && isAt(place, bytes, start, length)) return recent[place]!
  const read = bytes.subarray(start, end)
  const text = decodeText(read)
  recent[place] = text
  lengths[place] = length
  remember(place, bytes, start, length)
  return text
}

/** Four bytes as a word, the same on every machine. */
const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)

function remember(place: number, bytes: Uint8Array, start: number, length: number): void {
  const whole = length >> 2
  const first = WORDS * place
  for (let i = 0; i < whole; i++) words[first + i] = wordAt(bytes, start + 4 * i)
  for (let i = 4 * whole; i < length; i++) wordBytes[4 * first + i] = bytes[start + i]!
}

/** Whether the bytes of the text at a place are these. */
function isAt(place: number, bytes: Uint8Array, start: number, length: number): boolean {
  const whole = length >> 2
  const first = WORDS * place
  for (let i = 0; i < whole; i++) if (words[first + i] !== wordAt(bytes, start + 4 * i)) return false
  for (let i = 4 * whole; i < length; i++) if (wordBytes[4 * first + i] !== bytes[start + i]) return false
  return true
}
