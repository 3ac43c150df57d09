const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

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

/** Writes `text` into `target` at `offset`; `target` has room for 3 bytes for each of its UTF-16 units. */
export function writeText(text: string, target: Uint8Array, offset: number): number {
  const { read, written } = encoder.encodeInto(text, target.subarray(offset))
  if (read === text.length && text.isWellFormed()) return written
  const bytes = encodeText(text)
  target.set(bytes, offset)
  return bytes.length
}
