/** The first 32 bits of a root's fraction. Doubles have eighteen more, so that it does not matter how the last is rounded. */
const fractionOf = (root: number): number => (root * 2 ** 32) | 0

/** SHA-256's constants: from the cube roots of the first 64 primes, and from the square roots of the first eight. */
const ROUNDS = new Int32Array(64)
const INITIAL = new Int32Array(8)
for (let n = 2, found = 0; found < 64; n++) {
  let divisor = 2
  while (n % divisor !== 0) divisor++
  if (divisor < n) continue
  if (found < 8) INITIAL[found] = fractionOf(Math.sqrt(n))
  ROUNDS[found++] = fractionOf(Math.cbrt(n))
}

const rotate = (x: number, by: number): number => (x >>> by) | (x << (32 - by))

/**
 * SHA-256. FIPS 180-4. Short, rather than as fast as can be: it is of a few short texts, where something is missing.
 *
 * @returns the eight words of the hash
 */
export function sha256Words(bytes: Uint8Array): Int32Array {
  const { length } = bytes
  const message = new DataView(new ArrayBuffer(64 * Math.ceil((length + 9) / 64)))
  new Uint8Array(message.buffer).set(bytes)
  message.setUint8(length, 0x80)
  message.setUint32(message.byteLength - 8, length / 2 ** 29)
  message.setUint32(message.byteLength - 4, 8 * length)
  const state = INITIAL.slice()
  for (let at = 0; at < message.byteLength; at += 64) absorb(state, message, at)
  return state
}

const schedule = new Int32Array(64)

/** Takes the 64 bytes at `at` into the state. */
function absorb(state: Int32Array, message: DataView, at: number): void {
  for (let i = 0; i < 16; i++) schedule[i] = message.getInt32(at + 4 * i)
  for (let i = 16; i < 64; i++) {
    const x = schedule[i - 15]!
    const y = schedule[i - 2]!
    schedule[i] =
      schedule[i - 16]! +
      (rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)) +
      schedule[i - 7]! +
      (rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10))
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as Words
  for (let i = 0; i < 64; i++) {
    const first =
      h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[i]! + schedule[i]!
    const second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
    // Each round, all move on by one place, and two of the eight are new.
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i]! += word
}

type Words = readonly [number, number, number, number, number, number, number, number]
