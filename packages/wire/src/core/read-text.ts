import { decodeText } from './text.ts'

/** Longer texts are not remembered. */
const SHORT = 128

/** Texts seen lately, at a place given by a few of their bytes. */
const RECENT = 4096
const recent: string[] = Array.from({ length: RECENT }, () => '')

/**
 * The text of bytes `start` to `end`, as `decodeText` gives it. Ids come again and again, in one message after another:
 * one that was seen lately is compared instead of decoded, and is the same string.
 */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start
  if (length === 0) return ''
  if (length > SHORT) return decodeText(bytes.subarray(start, end))
  const middle = start + (length >> 1)
  let place = length
  for (const at of [start, middle, end - 1]) place = Math.imul(place, 31) + bytes[at]!
  if (length >= 8) {
    place = Math.imul(place, 31) + (bytes[start + 1]! | (bytes[start + 2]! << 8) | (bytes[middle + 1]! << 16))
    place = Math.imul(place, 31) + (bytes[end - 2]! | (bytes[end - 3]! << 8))
  }
  place = (place ^ (place >>> 12)) & (RECENT - 1)
  const known = recent[place]!
  if (known.length === length && isTextOf(known, bytes, start)) return known
  const text = decodeText(bytes.subarray(start, end))
  recent[place] = text
  return text
}

/** Whether `text`, of one character a byte, is what the bytes say. */
function isTextOf(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = bytes[start + i]!
    if (code > 0x7f || text.charCodeAt(i) !== code) return false
  }
  return true
}
