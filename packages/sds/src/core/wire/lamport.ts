import type { Uint64 } from '@reliable-channels/wire'

export {
  highHalf as lamportHigh,
  lowHalf as lamportLow,
  uint64Of as lamportOf,
} from '@reliable-channels/wire'

/** A Lamport timestamp. */
export type Lamport = Uint64

/** No clock of ours goes above it: nim-sds keeps timestamps in a signed 64-bit integer. */
const CEILING = 2n ** 63n - 2n

/** From here on, as many come after a stamp as before it: somebody has made it up. No clock of ours goes there. */
const MADE_UP = 2n ** 62n

/** Whether no honest clock has given such a timestamp, nor one that has drifted. */
export const isMadeUp = (lamport: Lamport): boolean => lamport >= MADE_UP

/** The timestamp after `lamport`; stays at the ceiling instead of overflowing. */
export function afterLamport(lamport: Lamport): Lamport {
  if (lamport < Number.MAX_SAFE_INTEGER) return Number(lamport) + 1
  return lamport >= CEILING ? CEILING : BigInt(lamport) + 1n
}

/** The later of two timestamps, kept below the ceiling. */
export function laterLamport(a: Lamport, b: Lamport): Lamport {
  const later = a >= b ? a : b
  // Only a bigint can be above it; to compare a number with one is slow.
  return typeof later === 'bigint' && later > CEILING ? CEILING : later
}
