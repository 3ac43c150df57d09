import { encodeText } from '@reliable-channels/wire'

/*
 * FarmHash's 64-bit hash of a byte string (Geoff Pike, the `na` variant), which Nim 2.2 uses for strings.
 *
 * 64-bit integers without BigInt: the pair (high, low) of 32-bit halves. Functions leave their result in `H` and `L`.
 */

let H = 0
let L = 0

/** (ah, al) × (bh, bl) modulo 2⁶⁴. */
function multiply(ah: number, al: number, bh: number, bl: number): void {
  const a0 = al & 0xffff
  const a1 = al >>> 16
  const b0 = bl & 0xffff
  const b1 = bl >>> 16
  const low = a0 * b0
  const middle = a1 * b0 + (low >>> 16)
  const middle2 = a0 * b1 + (middle & 0xffff)
  const carry = a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(middle2 / 0x10000)
  H = (carry + Math.imul(ah, bl) + Math.imul(al, bh)) | 0
  L = (middle2 << 16) | (low & 0xffff) | 0
}

/** (ah, al) + (bh, bl). */
function add(ah: number, al: number, bh: number, bl: number): void {
  const low = (al >>> 0) + (bl >>> 0)
  L = low | 0
  H = (ah + bh + (low > 0xffff_ffff ? 1 : 0)) | 0
}

/** Rotates right by 0 < n < 64, n ≠ 32. */
function rotate(h: number, l: number, n: number): void {
  if (n < 32) {
    H = (h >>> n) | (l << (32 - n))
    L = (l >>> n) | (h << (32 - n))
  } else {
    H = (l >>> (n - 32)) | (h << (64 - n))
    L = (h >>> (n - 32)) | (l << (64 - n))
  }
}

/** x ^ (x >> 47). */
function shiftMix(h: number, l: number): void {
  H = h
  L = l ^ (h >>> 15)
}

const K0H = 0xc3a5c85c | 0
const K0L = 0x97cb3127 | 0
const K1H = 0xb492b66f | 0
const K1L = 0xbe98f273 | 0
const K2H = 0x9ae16a3b | 0
const K2L = 0x2f90404f | 0

const fetch32 = (s: Uint8Array, i: number): number =>
  s[i]! | (s[i + 1]! << 8) | (s[i + 2]! << 16) | (s[i + 3]! << 24)

/** Mixes two 64-bit integers into one. */
function hash16(uh: number, ul: number, vh: number, vl: number, mh: number, ml: number): void {
  multiply(uh ^ vh, ul ^ vl, mh, ml)
  shiftMix(H, L)
  multiply(vh ^ H, vl ^ L, mh, ml)
  shiftMix(H, L)
  multiply(H, L, mh, ml)
}

function hash0to16(s: Uint8Array, length: number): void {
  if (length >= 8) {
    add(K2H, K2L, 0, length * 2)
    const mh = H
    const ml = L
    add(fetch32(s, 4), fetch32(s, 0), K2H, K2L)
    const ah = H
    const al = L
    const bh = fetch32(s, length - 4)
    const bl = fetch32(s, length - 8)
    rotate(bh, bl, 37)
    multiply(H, L, mh, ml)
    add(H, L, ah, al)
    const ch = H
    const cl = L
    rotate(ah, al, 25)
    add(H, L, bh, bl)
    multiply(H, L, mh, ml)
    hash16(ch, cl, H, L, mh, ml)
  } else if (length >= 4) {
    add(K2H, K2L, 0, length * 2)
    const mh = H
    const ml = L
    const a = fetch32(s, 0)
    add(a >>> 29, a << 3, 0, length)
    hash16(H, L, 0, fetch32(s, length - 4), mh, ml)
  } else if (length > 0) {
    const y = s[0]! + (s[length >> 1]! << 8)
    const z = length + (s[length - 1]! << 2)
    multiply(0, y, K2H, K2L)
    const yh = H
    const yl = L
    multiply(0, z, K0H, K0L)
    shiftMix(yh ^ H, yl ^ L)
    multiply(H, L, K2H, K2L)
  } else {
    H = K2H
    L = K2L
  }
}

let UH = 0
let UL = 0
let VH = 0
let VL = 0

/** U = rotate(a + b, 43) + rotate(c, 30) + d; V = a + rotate(b + e, 18) + c. */
function mixFour(
  ah: number,
  al: number,
  bh: number,
  bl: number,
  ch: number,
  cl: number,
  dh: number,
  dl: number,
  eh: number,
  el: number,
): void {
  add(ah, al, bh, bl)
  rotate(H, L, 43)
  const xh = H
  const xl = L
  rotate(ch, cl, 30)
  add(H, L, xh, xl)
  add(H, L, dh, dl)
  UH = H
  UL = L
  add(bh, bl, eh, el)
  rotate(H, L, 18)
  add(H, L, ah, al)
  add(H, L, ch, cl)
  VH = H
  VL = L
}

function hash17to64(s: Uint8Array, length: number): void {
  const isLong = length > 32
  add(K2H, K2L, 0, length * 2)
  const mh = H
  const ml = L
  multiply(fetch32(s, 4), fetch32(s, 0), isLong ? K2H : K1H, isLong ? K2L : K1L)
  const ah = H
  const al = L
  multiply(fetch32(s, length - 4), fetch32(s, length - 8), mh, ml)
  const ch = H
  const cl = L
  multiply(fetch32(s, length - 12), fetch32(s, length - 16), K2H, K2L)
  mixFour(ah, al, fetch32(s, 12), fetch32(s, 8), ch, cl, H, L, K2H, K2L)
  hash16(UH, UL, VH, VL, mh, ml)
  if (!isLong) return
  const zh = H
  const zl = L
  multiply(fetch32(s, 20), fetch32(s, 16), mh, ml)
  const eh = H
  const el = L
  add(UH, UL, fetch32(s, length - 28), fetch32(s, length - 32))
  multiply(H, L, mh, ml)
  const gh = H
  const gl = L
  add(zh, zl, fetch32(s, length - 20), fetch32(s, length - 24))
  multiply(H, L, mh, ml)
  mixFour(eh, el, fetch32(s, 28), fetch32(s, 24), gh, gl, H, L, ah, al)
  hash16(UH, UL, VH, VL, mh, ml)
}

let WAH = 0
let WAL = 0
let WBH = 0
let WBL = 0

/** A 16-byte hash of 32 bytes and two seeds. */
function weakHash32(s: Uint8Array, i: number, ah: number, al: number, bh: number, bl: number): void {
  add(ah, al, fetch32(s, i + 4), fetch32(s, i))
  const a0h = H
  const a0l = L
  const zh = fetch32(s, i + 28)
  const zl = fetch32(s, i + 24)
  add(bh, bl, a0h, a0l)
  add(H, L, zh, zl)
  rotate(H, L, 21)
  const rh = H
  const rl = L
  add(a0h, a0l, fetch32(s, i + 12), fetch32(s, i + 8))
  add(H, L, fetch32(s, i + 20), fetch32(s, i + 16))
  const a2h = H
  const a2l = L
  rotate(a2h, a2l, 44)
  add(H, L, rh, rl)
  add(H, L, a0h, a0l)
  WBH = H
  WBL = L
  add(a2h, a2l, zh, zl)
  WAH = H
  WAL = L
}

function hashLong(s: Uint8Array, length: number): void {
  let xh = 0
  let xl = 81
  multiply(0, 81, K1H, K1L)
  add(H, L, 0, 113)
  let yh = H
  let yl = L
  multiply(yh, yl, K2H, K2L)
  add(H, L, 0, 113)
  shiftMix(H, L)
  multiply(H, L, K2H, K2L)
  let zh = H
  let zl = L
  let v1h = 0
  let v1l = 0
  let v2h = 0
  let v2l = 0
  let w1h = 0
  let w1l = 0
  let w2h = 0
  let w2l = 0
  multiply(xh, xl, K2H, K2L)
  add(H, L, fetch32(s, 4), fetch32(s, 0))
  xh = H
  xl = L
  const end = ((length - 1) >> 6) * 64
  const last = end + ((length - 1) & 63) - 63
  let mh = K1H
  let ml = K1L
  for (let i = 0; ; i = i + 64 === end ? last : i + 64) {
    const final = i === last && i + 64 === length && (i !== 0 || mh !== K1H || ml !== K1L)
    add(xh, xl, yh, yl)
    add(H, L, v1h, v1l)
    add(H, L, fetch32(s, i + 12), fetch32(s, i + 8))
    rotate(H, L, 37)
    multiply(H, L, mh, ml)
    xh = H
    xl = L
    add(yh, yl, v2h, v2l)
    add(H, L, fetch32(s, i + 52), fetch32(s, i + 48))
    rotate(H, L, 42)
    multiply(H, L, mh, ml)
    yh = H
    yl = L
    if (final) {
      multiply(w2h, w2l, 0, 9)
      xh ^= H
      xl ^= L
      multiply(v1h, v1l, 0, 9)
    } else {
      xh ^= w2h
      xl ^= w2l
      H = v1h
      L = v1l
    }
    add(H, L, yh, yl)
    add(H, L, fetch32(s, i + 44), fetch32(s, i + 40))
    yh = H
    yl = L
    add(zh, zl, w1h, w1l)
    rotate(H, L, 33)
    multiply(H, L, mh, ml)
    zh = H
    zl = L
    multiply(v2h, v2l, mh, ml)
    const seedH = H
    const seedL = L
    add(xh, xl, w1h, w1l)
    weakHash32(s, i, seedH, seedL, H, L)
    v1h = WAH
    v1l = WAL
    v2h = WBH
    v2l = WBL
    add(zh, zl, w2h, w2l)
    const seed2H = H
    const seed2L = L
    add(yh, yl, fetch32(s, i + 20), fetch32(s, i + 16))
    weakHash32(s, i + 32, seed2H, seed2L, H, L)
    w1h = WAH
    w1l = WAL
    w2h = WBH
    w2l = WBL
    const swapH = zh
    const swapL = zl
    zh = xh
    zl = xl
    xh = swapH
    xl = swapL
    if (final) break
    if (i + 64 === end) {
      // The rest is read as a block that overlaps the last whole one, with another multiplier.
      add(K1H, K1L, 0, (zl & 0xff) << 1)
      mh = H
      ml = L
      add(w1h, w1l, 0, (length - 1) & 63)
      w1h = H
      w1l = L
      add(v1h, v1l, w1h, w1l)
      v1h = H
      v1l = L
      add(w1h, w1l, v1h, v1l)
      w1h = H
      w1l = L
    }
  }
  hash16(v1h, v1l, w1h, w1l, mh, ml)
  const ph = H
  const pl = L
  shiftMix(yh, yl)
  multiply(H, L, K0H, K0L)
  add(H, L, ph, pl)
  add(H, L, zh, zl)
  const qh = H
  const ql = L
  hash16(v2h, v2l, w2h, w2l, mh, ml)
  add(H, L, xh, xl)
  hash16(qh, ql, H, L, mh, ml)
}

function hash(s: Uint8Array, length: number): void {
  if (length <= 16) hash0to16(s, length)
  else if (length <= 64) hash17to64(s, length)
  else hashLong(s, length)
}

/** Writes the absolute value of the hash as a signed integer: Nim's `abs(hash(…))`. */
function writeAbsolute(out: Uint32Array, at: number): void {
  if (H < 0) {
    L = -L | 0
    H = L === 0 ? -H | 0 : ~H
  }
  out[at] = H
  out[at + 1] = L
}

/**
 * The signed 64-bit hash of a byte string, as its halves.
 *
 * @param out - takes high and low half
 */
export function farmHash(bytes: Uint8Array, out: Uint32Array): void {
  hash(bytes, bytes.length)
  out[0] = H
  out[1] = L
}

let scratch = new Uint8Array(256)

/**
 * The two hashes behind the bits of an id in the `nim` dialect: Nim's `abs(hash(id))` and `abs(hash(id & " b"))`.
 *
 * @param out - takes the two hashes as 64-bit integers: high, low, high, low
 */
export function farmPair(id: string, out: Uint32Array): void {
  const bytes = encodeText(id)
  const length = bytes.length
  if (scratch.length < length + 2) scratch = new Uint8Array(2 * (length + 2))
  scratch.set(bytes)
  scratch[length] = 0x20
  scratch[length + 1] = 0x62
  hash(scratch, length)
  writeAbsolute(out, 0)
  hash(scratch, length + 2)
  writeAbsolute(out, 2)
}
