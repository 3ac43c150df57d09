import { KeccakKernel } from './kernel.ts'
import { INPUT_ADDRESS, INPUT_BLOCKS, RATE, STATE_ADDRESS, STATE_BYTES } from './layout.ts'

/** Lanes are pairs of words, the low half first, as they lie in memory. */
const STATE_WORDS = STATE_BYTES / 4
const RATE_WORDS = RATE / 4
/** A row of five lanes. */
const ROW = 10
const STEPS = 24

/** The walk of rho and pi (FIPS 202, section 3.2.2): by how much each lane turns, and the word at which it arrives. */
const turns = new Uint8Array(STEPS)
const arrivals = new Uint8Array(STEPS)
for (let step = 0, x = 1, y = 0; step < STEPS; step++) {
  ;[x, y] = [y, (2 * x + 3 * y) % 5]
  turns[step] = (((step + 1) * (step + 2)) / 2) % 64
  arrivals[step] = 2 * x + ROW * y
}

/** The constants that iota adds in each round (FIPS 202, section 3.2.5), as words. */
const constants = new Int32Array(2 * STEPS)
for (let round = 0, register = 1; round < STEPS; round++) {
  for (let bit = 0; bit < 7; bit++) {
    // Bit 2^bit − 1 of the lane; the last one is the highest.
    if ((register & 1) !== 0) constants[2 * round + (bit === 6 ? 1 : 0)]! |= 1 << (2 ** bit - 1)
    register = (register << 1) ^ ((register & 0x80) === 0 ? 0 : 0x171)
  }
}

/** The kernel without WebAssembly. */
export function typescriptKernel(): KeccakKernel {
  const memory = new Uint8Array(INPUT_ADDRESS + INPUT_BLOCKS * RATE)
  const view = new DataView(memory.buffer)
  const state = new Int32Array(STATE_WORDS)
  const absorb = (blocks: number): void => {
    for (let i = 0; i < STATE_WORDS; i++) state[i] = view.getInt32(STATE_ADDRESS + 4 * i, true)
    for (let block = 0; block < blocks; block++) {
      const from = INPUT_ADDRESS + block * RATE
      for (let i = 0; i < RATE_WORDS; i++) state[i]! ^= view.getInt32(from + 4 * i, true)
      permute(state)
    }
    for (let i = 0; i < STATE_WORDS; i++) view.setInt32(STATE_ADDRESS + 4 * i, state[i]!, true)
  }
  return new KeccakKernel(memory, absorb, new Uint8Array(STATE_BYTES), 'typescript')
}

const row = new Int32Array(ROW)

/** Keccak-f[1600] (FIPS 202, section 3.3). */
function permute(s: Int32Array): void {
  for (let round = 0; round < STEPS; round++) {
    theta(s)
    rhoAndPi(s)
    chi(s)
    s[0]! ^= constants[2 * round]!
    s[1]! ^= constants[2 * round + 1]!
  }
}

function theta(s: Int32Array): void {
  for (let x = 0; x < ROW; x++) row[x] = s[x]! ^ s[x + 10]! ^ s[x + 20]! ^ s[x + 30]! ^ s[x + 40]!
  for (let x = 0; x < ROW; x += 2) {
    const before = (x + 8) % ROW
    const after = (x + 2) % ROW
    const low = row[before]! ^ ((row[after]! << 1) | (row[after + 1]! >>> 31))
    const high = row[before + 1]! ^ ((row[after + 1]! << 1) | (row[after]! >>> 31))
    for (let at = x; at < STATE_WORDS; at += ROW) {
      s[at]! ^= low
      s[at + 1]! ^= high
    }
  }
}

function rhoAndPi(s: Int32Array): void {
  let low = s[2]!
  let high = s[3]!
  for (let step = 0; step < STEPS; step++) {
    const by = turns[step]!
    const at = arrivals[step]!
    const a = (low << by) | (high >>> -by)
    const b = (high << by) | (low >>> -by)
    low = s[at]!
    high = s[at + 1]!
    s[at] = by < 32 ? a : b
    s[at + 1] = by < 32 ? b : a
  }
}

/** Each half of a lane is combined with the same halves of the two lanes after it. */
function chi(s: Int32Array): void {
  for (let y = 0; y < STATE_WORDS; y += ROW) {
    for (let at = y; at < y + 2; at++) {
      const first = s[at]!
      const second = s[at + 2]!
      s[at]! ^= ~second & s[at + 4]!
      s[at + 2]! ^= ~s[at + 4]! & s[at + 6]!
      s[at + 4]! ^= ~s[at + 6]! & s[at + 8]!
      s[at + 6]! ^= ~s[at + 8]! & first
      s[at + 8]! ^= ~first & second
    }
  }
}
