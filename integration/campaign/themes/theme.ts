import type { SimulatedNetwork } from '@reliable-channels/simulator'
import type { Member } from '../member.ts'

/** A round that is under way, as themes see it. */
export interface Round {
  readonly random: () => number
  readonly network: SimulatedNetwork
  readonly members: readonly Member[]
  /** How long there is trouble, ms. */
  readonly activeMs: number
  /** When something begins or ends, ms after the beginning: then more is said. */
  readonly moments: number[]
  /** Largest message, bytes, and how many of ten are large. */
  largest: number
  largeRate: number
  /** Whether messages have priorities, and some depend on nothing. */
  mixesOrders: boolean
  /** Does it so long after the beginning, ms. */
  at(ms: number, work: () => void): void
  /** Does it so long after now, ms. */
  after(ms: number, work: () => void): void
  pick<T>(of: readonly T[]): T
  join(name: string): Promise<void>
  leaveWhenDelivered(member: Member, fromMs: number): void
}

/** Makes trouble in a round, from its beginning until its trouble must be over. */
export type Theme = (round: Round) => void

/** Of members who join later. */
export const LATE_NAMES = ['latea', 'lateb', 'latec'] as const

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000

/** At a random time, and its end a random while later; both before the trouble must be over. */
export function spell(
  round: Round,
  longestMs: number,
  begin: () => void,
  end: () => void,
  shortestMs = 2_000,
): void {
  const { random, activeMs } = round
  const atMs = random() * activeMs
  const longest = Math.max(shortestMs, Math.min(longestMs, activeMs - atMs))
  // As many short ones as long ones.
  const lastsMs = Math.exp(Math.log(shortestMs) + random() * Math.log(longest / shortestMs))
  round.at(atMs, begin)
  const endMs = Math.min(atMs + lastsMs, activeMs)
  round.at(endMs, end)
  round.moments.push(atMs, endMs)
}

/** How often it happens: about so often in each round, whoever it meets. */
export function often(round: Round, times: number, what: (member: Member) => void): void {
  const count = 1 + Math.floor(round.random() * 2 * times)
  for (let i = 0; i < count; i++) what(round.pick(round.members))
}
