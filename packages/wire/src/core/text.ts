const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()

/** The character that the decoder puts in the place of bytes that are no UTF-8; text may also contain it. */
const REPLACEMENT = '\ufffd'

/** Bytes that are no UTF-8 become lone surrogates from here on, as in Python's `surrogateescape`. */
const ESCAPE = 0xdc00

/**
 * The text of bytes that should be UTF-8 and may be anything: each offending byte becomes a lone surrogate, so that
 * {@link encodeText} gives back the very same bytes. So an id stays the id that it was.
 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.length === 0) return ''
  // Not one that throws: to a peer that sends a great many such texts, each exception is a gift.
  const text = decoder.decode(bytes)
  return text.includes(REPLACEMENT) ? decodeEscaped(bytes) : text
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
  for (let at = 0; at < bytes.length;) {
    const length = sequenceAt(bytes, at)
    text +=
      length === 0
        ? String.fromCharCode(ESCAPE + bytes[at]!)
        : String.fromCodePoint(codePointAt(bytes, at, length))
    at += length || 1
  }
  return text
}

/** The code point of a well-formed sequence. */
function codePointAt(bytes: Uint8Array, at: number, length: number): number {
  if (length === 1) return bytes[at]!
  let code = bytes[at]! & (0x7f >> length)
  for (let i = at + 1; i < at + length; i++) code = (code << 6) | (bytes[i]! & 0x3f)
  return code
}

/** Length of the well-formed sequence that begins at `at` (Unicode, table 3-7), or 0. Who decodes to see throws for each. */
function sequenceAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!
  if (lead < 0x80) return 1
  if (lead < 0xc2 || lead > 0xf4) return 0
  const second = bytes[at + 1] ?? 0
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  if (second < least || second > most) return 0
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  for (let i = at + 2; i < at + length; i++) if (((bytes[i] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}

function encodeEscaped(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(3 * text.length)
  let length = 0
  let from = 0
  const writeUpTo = (at: number): void => {
    if (from < at) length += encoder.encodeInto(text.slice(from, at), bytes.subarray(length)).written
  }
  for (let at = 0; at < text.length; at++) {
    if (!isEscape(text, at)) continue
    writeUpTo(at)
    bytes[length++] = text.charCodeAt(at) - ESCAPE
    from = at + 1
  }
  writeUpTo(text.length)
  return bytes.slice(0, length)
}

/** Whether a byte is escaped here: a low surrogate of a byte's value that no high one precedes. */
function isEscape(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (code < ESCAPE + 0x80 || code > ESCAPE + 0xff) return false
  return at === 0 || (text.charCodeAt(at - 1) & 0xfc00) !== 0xd800
}
