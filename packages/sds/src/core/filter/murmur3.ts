import { encodeText } from '@reliable-channels/wire'

const C1 = 0xcc9e2d51
const C2 = 0x1b873593

const scramble = (k: number): number => {
  const m = Math.imul(k, C1)
  return Math.imul((m << 15) | (m >>> 17), C2)
}

const block = (h: number, k: number): number => {
  const x = h ^ scramble(k)
  return (Math.imul((x << 13) | (x >>> 19), 5) + 0xe6546b64) | 0
}

const finish = (h: number, tail: number, length: number): number => {
  let x = h ^ scramble(tail) ^ length
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return Math.abs((x ^ (x >>> 16)) | 0)
}

/**
 * The two hashes behind the bits of an id in the `lip` dialect: `abs(int32(murmur3-32))` of its UTF-8 bytes, and of the
 * same with " b" appended, as `@waku/sds` computes them.
 *
 * @param out - takes the two hashes as 64-bit integers: high, low, high, low
 */
export function murmurPair(id: string, out: Uint32Array): void {
  const length = id.length
  const body = length & ~3
  let seen = 0
  let h = 0
  for (let i = 0; i < body; i += 4) {
    const a = id.charCodeAt(i)
    const b = id.charCodeAt(i + 1)
    const c = id.charCodeAt(i + 2)
    const d = id.charCodeAt(i + 3)
    seen |= a | b | c | d
    h = block(h, a | (b << 8) | (c << 16) | (d << 24))
  }
  let tail = 0
  for (let i = body; i < length; i++) {
    const code = id.charCodeAt(i)
    seen |= code
    tail |= code << ((i - body) * 8)
  }
  if (seen > 0x7f) return murmurPairOfBytes(encodeText(id), out)
  write(h, tail, length, out)
}

function murmurPairOfBytes(bytes: Uint8Array, out: Uint32Array): void {
  const length = bytes.length
  const body = length & ~3
  let h = 0
  for (let i = 0; i < body; i += 4) {
    h = block(h, bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24))
  }
  let tail = 0
  for (let i = body; i < length; i++) tail |= bytes[i]! << ((i - body) * 8)
  write(h, tail, length, out)
}

/** " b" joins the tail; with two bytes or more in it, that fills another block. */
function write(h: number, tail: number, length: number, out: Uint32Array): void {
  const held = length & 3
  const joined = tail | (0x6220 << (held * 8))
  out[0] = 0
  out[1] = finish(h, tail, length)
  out[2] = 0
  if (held < 2) out[3] = finish(h, joined, length + 2)
  else out[3] = finish(block(h, joined), held === 3 ? 0x62 : 0, length + 2)
}
