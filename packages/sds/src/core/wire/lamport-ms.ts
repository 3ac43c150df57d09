import type { Lamport } from './lamport.ts'

/** A timestamp below it is in seconds: in milliseconds it would be of 1973. */
const MOST_SECONDS = 1e11

/** About when a message was sent, ms since 1970: a Lamport timestamp, in the unit of whichever dialect it was first sent in. */
export function msOfLamport(lamport: Lamport): number {
  const stamp = Number(lamport)
  return stamp < MOST_SECONDS ? 1_000 * stamp : stamp
}
