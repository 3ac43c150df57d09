/**
 * A Lamport timestamp: an unsigned 64-bit integer. A `bigint` only above `Number.MAX_SAFE_INTEGER`, so that clocks that
 * tell the time cost no `bigint`. Compare with `<` and `>`, which take both.
 */
export type Lamport = number | bigint

/** No clock of ours goes above it: nim-sds keeps timestamps in a signed 64-bit integer. */
const CEILING = 2n ** 63n - 2n

/** The timestamp after `lamport`; stays at the ceiling instead of overflowing. */
export function afterLamport(lamport: Lamport): Lamport {
  if (lamport < Number.MAX_SAFE_INTEGER) return Number(lamport) + 1
  return lamport >= CEILING ? CEILING : BigInt(lamport) + 1n
}

/** The later of two timestamps, kept below the ceiling. */
export function laterLamport(a: Lamport, b: Lamport): Lamport {
  const later = a >= b ? a : b
  return later > CEILING ? CEILING : later
}

/** The timestamp of 32-bit halves. */
export function lamportOf(high: number, low: number): Lamport {
  return high < 0x200000 ? high * 0x1_0000_0000 + low : (BigInt(high) << 32n) | BigInt(low)
}

/** The upper 32 bits. */
export function lamportHigh(lamport: Lamport): number {
  return typeof lamport === 'bigint' ? Number(lamport >> 32n) : Math.floor(lamport / 0x1_0000_0000)
}

/** The lower 32 bits. */
export function lamportLow(lamport: Lamport): number {
  return typeof lamport === 'bigint' ? Number(lamport & 0xffff_ffffn) : lamport >>> 0
}
