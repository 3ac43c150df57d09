const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** Up to so many characters, a loop is faster than the platform's coders. */
const SHORT = 128

/** Bytes that are no UTF-8 become lone surrogates from here on, as in Python's `surrogateescape`. */
const ESCAPE = 0xdc00

/**
 * The text of an id. Ids are opaque, and peers exist that send ids that are no UTF-8: each offending byte becomes a
 * lone surrogate, so that {@link encodeText} gives back the very same bytes.
 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.length === 0) return ''
  try {
    return decoder.decode(bytes)
  } catch {
    return decodeEscaped(bytes)
  }
}

/** Texts seen lately, at a place given by a few of their bytes. */
const RECENT = 4096
const recent: string[] = Array.from({ length: RECENT }, () => '')

/**
 * The text of bytes `start` to `end`. Ids come again and again, in one causal history after another: one that was seen
 * lately is compared instead of decoded, and is the same string.
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

/** The bytes of an id; the inverse of {@link decodeText}. */
export function encodeText(text: string): Uint8Array {
  return text.isWellFormed() ? encoder.encode(text) : encodeEscaped(text)
}

function decodeEscaped(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length;) {
    const length = sequenceLength(bytes[i]!)
    const piece = bytes.subarray(i, i + length)
    try {
      text += decoder.decode(piece)
      i += length
    } catch {
      text += String.fromCharCode(ESCAPE + bytes[i]!)
      i++
    }
  }
  return text
}

const sequenceLength = (lead: number): number => (lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4)

function encodeEscaped(text: string): Uint8Array {
  const pieces: number[] = []
  for (const character of text) {
    const code = character.charCodeAt(0)
    if (character.length === 1 && code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff) pieces.push(code - ESCAPE)
    else pieces.push(...encoder.encode(character))
  }
  return Uint8Array.from(pieces)
}

/** Whether an id is of more than so many bytes. */
export function isLonger(text: string, maxBytes: number): boolean {
  if (3 * text.length <= maxBytes) return false
  return text.length > maxBytes || encodeText(text).length > maxBytes
}

/** Writes `text` into `target` at `offset`; `target` has room for 3 bytes for each of its UTF-16 units. */
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
