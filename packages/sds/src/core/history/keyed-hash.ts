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
 * HalfSipHash-1-3: 32 bits that nobody can predict who does not know the key, so that ids chosen by a stranger spread as
 * evenly as any others.
 *
 * @param words - the bytes, from the word `start` on, four in a word; those beyond `length` in the last one are 0
 * @param length - in bytes
 */
export function keyedHash(words: Uint32Array, start: number, length: number, key: HashKey): number {
  const whole = length >> 2
  let v0 = key.first
  let v1 = key.second
  let v2 = 0x6c796765 ^ key.first
  let v3 = 0x74656462 ^ key.second
  for (let i = 0; i <= whole + LAST_ROUNDS; i++) {
    let word = 0
    if (i < whole) word = words[start + i]!
    else if (i === whole) word = (length << 24) | (length % 4 === 0 ? 0 : words[start + i]!)
    else if (i === whole + 1) v2 ^= 0xff
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
