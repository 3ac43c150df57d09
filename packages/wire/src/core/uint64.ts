/**
 * An unsigned 64-bit integer. A `bigint` only above `Number.MAX_SAFE_INTEGER`, so that most numbers cost none. Compare
 * with `<` and `>`, which take both.
 */
export type Uint64 = number | bigint

/** The number of 32-bit halves, each from 0 to 2³² − 1. */
export function uint64Of(high: number, low: number): Uint64 {
  return high < 0x200000 ? high * 0x1_0000_0000 + low : (BigInt(high) << 32n) | BigInt(low)
}

/** The upper 32 bits. */
export function highHalf(value: Uint64): number {
  return typeof value === 'bigint' ? Number(value >> 32n) : Math.floor(value / 0x1_0000_0000)
}

/** The lower 32 bits. */
export function lowHalf(value: Uint64): number {
  return typeof value === 'bigint' ? Number(value & 0xffff_ffffn) : value >>> 0
}

const BEYOND = 2n ** 64n

/** A number that cannot be written: a mistake of the caller. */
export class WireNumberError extends RangeError {
  override readonly name = 'WireNumberError'
  readonly code = 'ERR_WIRE_NUMBER'
}

/** @throws WireNumberError unless `value` is an integer from 0, below 2⁶⁴; as a `number`, a safe one. */
export function checkUint64(value: Uint64): void {
  const isUint64 =
    typeof value === 'bigint' ? value >= 0n && value < BEYOND : Number.isSafeInteger(value) && value >= 0
  if (!isUint64) throw new WireNumberError(`expected an integer from 0, below 2⁶⁴, got ${value}`)
}
