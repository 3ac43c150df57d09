const DIGITS = new TextEncoder().encode('0123456789abcdef')
const decoder = new TextDecoder()

/** Of what is no digit. */
const NONE = 0x100
/** The value of each digit, by its code. */
const VALUES = new Uint16Array(256).fill(NONE)
for (const [value, code] of DIGITS.entries()) VALUES[code] = value

/** Both digits of each byte, as they lie in memory. */
const PAIRS = new Uint16Array(256)
const pair = new Uint8Array(PAIRS.buffer)
for (let byte = 0; byte < 256; byte++) pair.set([DIGITS[byte >> 4]!, DIGITS[byte & 15]!], 2 * byte)

/** Bytes that are written at a time. */
const CHUNK = 128
const pairs = new Uint16Array(CHUNK)
const digits = new Uint8Array(pairs.buffer)
/** As many of them as were shown last: ids have the same length. */
let shown = digits

/** Bytes `start` to `end` in lower-case hexadecimal. */
export function hexOf(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  let hex = ''
  for (let from = start; from < end; from += CHUNK) {
    const to = Math.min(from + CHUNK, end)
    for (let i = from; i < to; i++) pairs[i - from] = PAIRS[bytes[i]!]!
    const count = 2 * (to - from)
    if (shown.length !== count) shown = digits.subarray(0, count)
    hex += decoder.decode(shown)
  }
  return hex
}

/** Whether bytes from `start` on are what `text` says in lower-case hexadecimal. */
export function isHexOf(text: string, bytes: Uint8Array, start: number): boolean {
  if (2 * (bytes.length - start) < text.length) return false
  for (let i = 0, at = start; i < text.length; i += 2, at++) {
    if (text.charCodeAt(i) !== DIGITS[bytes[at]! >> 4]!) return false
    if (text.charCodeAt(i + 1) !== DIGITS[bytes[at]! & 15]!) return false
  }
  return true
}

/** Writes what `text` says in hexadecimal, if it is of pairs of the digits 0–9 and a–f alone; tells whether it is. */
export function writeHex(text: string, target: Uint8Array, start: number): boolean {
  const { length } = text
  if (length % 2 !== 0) return false
  let seen = 0
  for (let i = 0, at = start; i < length; i += 2, at++) {
    const high = text.charCodeAt(i)
    const low = text.charCodeAt(i + 1)
    const value = (VALUES[high & 0xff]! << 4) | VALUES[low & 0xff]!
    seen |= value | high | low
    target[at] = value
  }
  return seen < NONE
}

/** Hexadecimal digits of a hash. */
const HASH_DIGITS = 64

/** The 32 bytes of a hash that {@link hexOf} wrote, as ids are; `undefined` for any other text. */
export function hashBytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  return text.length === HASH_DIGITS ? parseHex(text) : undefined
}

/** The bytes that {@link hexOf} wrote; `undefined` for any other text, upper case among it. */
export function parseHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(text.length >> 1)
  return writeHex(text, bytes, 0) ? bytes : undefined
}
