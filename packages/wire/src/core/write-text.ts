import { encodeText } from './text.ts'

const encoder = new TextEncoder()

/** Up to so many characters, a loop is faster than the platform's encoder. */
const SHORT = 128

/**
 * Writes `text`, as `encodeText` gives it, into `target` at `offset`; `target` has room for 3 bytes for each of its
 * UTF-16 units. Returns how many bytes it took.
 */
export function writeText(text: string, target: Uint8Array, offset: number): number {
  const { length } = text
  if (length <= SHORT) {
    let seen = 0
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      seen |= code
      target[offset + i] = code
    }
    if (seen < 0x80) return length
  }
  const { read, written } = encoder.encodeInto(text, target.subarray(offset))
  if (read === text.length && text.isWellFormed()) return written
  const bytes = encodeText(text)
  target.set(bytes, offset)
  return bytes.length
}
