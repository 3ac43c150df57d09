import { encodeText } from '@reliable-channels/wire'

/** The secret of a {@link keyedHash}: two integers of 32 bits. */
export interface HashKey {
  readonly first: number
  readonly second: number
}

/** The key that a random number in [0, 1) gives. */
export function hashKeyOf(random: number): HashKey {
  const scaled = random * 2 ** 32
  return { first: Math.floor(scaled) | 0, second: Math.floor((scaled % 1) * 2 ** 32) | 0 }
}

/** Rounds after the last word. */
const LAST_ROUNDS = 3

/**
 * HalfSipHash-1-3 of a text: 32 bits that nobody can predict who does not know the key, so that ids chosen by a stranger
 * spread as evenly as any others. Characters count as bytes, unless one does not fit: then the bytes of the text do.
 */
export function keyedHash(text: string, key: HashKey): number {
  const { length } = text
  const words = length >> 2
  let v0 = key.first
  let v1 = key.second
  let v2 = 0x6c796765 ^ key.first
  let v3 = 0x74656462 ^ key.second
  let seen = 0
  for (let i = 0; i <= words + LAST_ROUNDS; i++) {
    let word = 0
    if (i < words) {
      const a = text.charCodeAt(4 * i)
      const b = text.charCodeAt(4 * i + 1)
      const c = text.charCodeAt(4 * i + 2)
      const d = text.charCodeAt(4 * i + 3)
      seen |= a | b | c | d
      word = a | (b << 8) | (c << 16) | (d << 24)
    } else if (i === words) {
      word = length << 24
      for (let at = 4 * words; at < length; at++) {
        const code = text.charCodeAt(at)
        seen |= code
        word |= code << (8 * (at & 3))
      }
      if (seen > 0xff) return keyedHash(charactersOf(encodeText(text)), key)
    } else if (i === words + 1) v2 ^= 0xff
    v3 ^= word
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    v0 ^= word
  }
  return v1 ^ v3
}

/** A character for each byte. */
function charactersOf(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
