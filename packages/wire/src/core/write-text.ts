import { encodeText } from './text.ts'

const encoder = new TextEncoder()

/** Longer texts are not remembered. */
const SHORT = 64

/** Texts written lately, at a place given by a few of their characters, and their bytes. */
const RECENT = 1024
const recent: string[] = Array.from({ length: RECENT }, () => '')
const recentBytes: Uint8Array[] = Array.from({ length: RECENT }, () => new Uint8Array(0))

/**
 * Writes `text`, as `encodeText` gives it, into `target` at `offset`; `target` has room for 3 bytes for each of its
 * UTF-16 units. Returns how many bytes it took. Ids come again and again: one that was written lately is copied.
 */
export function writeText(text: string, target: Uint8Array, offset: number): number {
  const { length } = text
  if (length === 0) return 0
  if (length > SHORT) return encodeInto(text, target, offset)
  let place = Math.imul(length, 31) + text.charCodeAt(0)
  place = Math.imul(place, 31) + text.charCodeAt(length >> 1)
  place = Math.imul(place, 31) + text.charCodeAt(length - 1)
  if (length >= 3) place = Math.imul(place, 31) + text.charCodeAt(length - 2)
  place = (place ^ (place >>> 10)) & (RECENT - 1)
  if (recent[place] === text) {
    const bytes = recentBytes[place]!
    target.set(bytes, offset)
    return bytes.length
  }
  const written = writeAscii(text, target, offset) ? length : encodeInto(text, target, offset)
  recent[place] = text
  // Not `slice`, which shares the memory of a Buffer.
  recentBytes[place] = new Uint8Array(target.subarray(offset, offset + written))
  return written
}

/** Writes a text of ASCII alone, which is faster than to call the encoder for it; tells whether it is. */
function writeAscii(text: string, target: Uint8Array, offset: number): boolean {
  const { length } = text
  let seen = 0
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    seen |= code
    target[offset + i] = code
  }
  return seen < 0x80
}

function encodeInto(text: string, target: Uint8Array, offset: number): number {
  const { read, written } = encoder.encodeInto(text, target.subarray(offset))
  if (read === text.length && text.isWellFormed()) return written
  const bytes = encodeText(text)
  target.set(bytes, offset)
  return bytes.length
}
