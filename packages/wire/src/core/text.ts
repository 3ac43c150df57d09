const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** Bytes that are no UTF-8 become lone surrogates from here on, as in Python's `surrogateescape`. */
const ESCAPE = 0xdc00

/**
 * The text of bytes that should be UTF-8 and may be anything: each offending byte becomes a lone surrogate, so that
 * {@link encodeText} gives back the very same bytes. So an id stays the id that it was.
 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.length === 0) return ''
  try {
    return decoder.decode(bytes)
  } catch {
    return decodeEscaped(bytes)
  }
}

/** The bytes of a text; the inverse of {@link decodeText}. Other lone surrogates become U+FFFD. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return text.isWellFormed() ? encoder.encode(text) : encodeEscaped(text)
}

/** Whether a text is of more than so many bytes. */
export function isLonger(text: string, maxBytes: number): boolean {
  if (3 * text.length <= maxBytes) return false
  return text.length > maxBytes || encodeText(text).length > maxBytes
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

function encodeEscaped(text: string): Uint8Array<ArrayBuffer> {
  const pieces: number[] = []
  for (const character of text) {
    const code = character.charCodeAt(0)
    if (character.length === 1 && code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff) pieces.push(code - ESCAPE)
    else pieces.push(...encoder.encode(character))
  }
  return Uint8Array.from(pieces)
}
