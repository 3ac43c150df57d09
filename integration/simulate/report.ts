/** Rounds in words and figures. */
import type { RoundResult } from '../campaign/round.ts'

/** What several rounds came to. */
export interface Totals {
  readonly rounds: number
  /** Rounds that were not well. */
  readonly bad: number
  readonly violations: number
  readonly messages: number
  /** Messages that reached an application, at each member. */
  readonly delivered: number
  /** Messages that a member was told are lost. */
  readonly lost: number
  readonly frames: number
  readonly framesPerDelivered: number
  readonly bytesPerDeliveredByte: number
  /** From sending to each arrival, ms. */
  readonly delayMs: { readonly p50: number; readonly p95: number; readonly p99: number }
}

/** The value that so large a share of the sorted ones does not exceed. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

/** Adds rounds up. */
export function totalsOf(rounds: readonly RoundResult[]): Totals {
  const sum = (of: (round: RoundResult) => number): number =>
    rounds.reduce((total, round) => total + of(round), 0)
  const delays = rounds.flatMap(({ delaysMs }) => delaysMs).toSorted((a, b) => a - b)
  const delivered = sum(({ arrived }) => arrived)
  const frames = sum((round) => round.frames)
  const bytes = sum(({ frameBytes }) => frameBytes)
  return {
    rounds: rounds.length,
    bad: rounds.filter(({ violations }) => violations.length > 0).length,
    violations: sum(({ violations }) => violations.length),
    messages: sum(({ messages }) => messages),
    delivered,
    lost: sum(({ lost }) => lost),
    frames,
    framesPerDelivered: frames / Math.max(1, delivered),
    bytesPerDeliveredByte:
      bytes /
      Math.max(
        1,
        sum(({ arrivedBytes }) => arrivedBytes),
      ),
    delayMs: {
      p50: percentile(delays, 0.5),
      p95: percentile(delays, 0.95),
      p99: percentile(delays, 0.99),
    },
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`

/** Totals in words. */
export function factsOf(totals: Totals): string {
  const { messages, delivered, lost, frames, framesPerDelivered, bytesPerDeliveredByte, delayMs } = totals
  const { p50, p95, p99 } = delayMs
  return [
    `${messages} messages`,
    `${delivered} delivered`,
    `${lost} lost`,
    `${frames} frames`,
    `${framesPerDelivered.toFixed(2)} for each delivered`,
    `${bytesPerDeliveredByte.toFixed(1)} bytes for each byte`,
    `delay ${seconds(p50)} / ${seconds(p95)} / ${seconds(p99)}`,
  ].join(', ')
}
