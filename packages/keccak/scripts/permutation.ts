import { COMPLEMENTED_LANES } from '../src/core/layout.ts'

/** Rotation of each lane x + 5y (FIPS 202, section 3.2.2): the walk (x, y) → (y, 2x + 3y). */
export const ROTATIONS: readonly bigint[] = rotations()

/** The words that iota adds in the 24 rounds (FIPS 202, section 3.2.5). */
export const ROUND_CONSTANTS: readonly bigint[] = roundConstants()

/** Whether a lane is complemented once theta has added two column sums to it. */
export function complementedAfterTheta(lane: number): boolean {
  const column = (x: number): boolean =>
    [0, 1, 2, 3, 4].filter((y) => COMPLEMENTED_LANES.includes((x % 5) + 5 * y)).length % 2 === 1
  return (COMPLEMENTED_LANES.includes(lane) !== column(lane + 4)) !== column(lane + 1)
}

function rotations(): bigint[] {
  const turns = Array.from({ length: 25 }, () => 0n)
  let [x, y] = [1, 0]
  for (let step = 0; step < 24; step++) {
    turns[x + 5 * y] = BigInt((((step + 1) * (step + 2)) / 2) % 64)
    ;[x, y] = [y, (2 * x + 3 * y) % 5]
  }
  return turns
}

function roundConstants(): bigint[] {
  let register = 1
  return Array.from({ length: 24 }, () => {
    let constant = 0n
    for (let bit = 0; bit < 7; bit++) {
      if (register & 1) constant |= 1n << BigInt(2 ** bit - 1)
      register = (register << 1) ^ (register & 0x80 ? 0x171 : 0)
    }
    return constant
  })
}
