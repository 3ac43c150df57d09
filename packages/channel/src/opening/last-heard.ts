import type { Change, Entry } from '@reliable-channels/store'
import { RecordWriter, UNREADABLE, readRecord } from '../core/record.ts'

/** When the channel last heard anything: what came later may have been missed. */
export interface LastHeard {
  /** ms since 1970, not after `nowMs`; `undefined` when it never heard anything. */
  at(nowMs: number): number | undefined
  /** How far the own clock is ahead of those of others, by the latest message, ms; 0 where the network tolerates it. */
  aheadMs(): number
  /** The least that it was, by any message: others come late. */
  leastAheadMs(): number
  /** Something was heard now, which its sender stamped with this time; returns what to store. */
  heard(nowMs: number, timestampMs?: number): readonly Change[]
  /** An own message came back now, or one that was here: it is stored with what is written next. */
  again(nowMs: number): void
  /** What to store with a write. */
  due(): readonly Change[]
}

/** The stored time may be this much too early, which only makes the network's memory repeat more. */
const COARSE_MS = 10_000
/** How far back the network's memory is asked where the clock had been ahead, ms. */
const UNKNOWN_MS = 3_600_000
/** So far apart the network lets clocks be, which the margin of a catch-up covers, ms. */
const TOLERATED_MS = 20_000
/** How far the clock may be ahead of those of others. @limit What is beyond may be missed, ms. */
const MOST_AHEAD_MS = 3_600_000
const KEY = 'last'

/**
 * Makes the memory of when the channel last heard anything; `restore` holds what it stored before.
 *
 * It is noted by the clocks of others, as far as messages tell, since the network's memory goes by those: with one that is
 * an hour ahead, what was said in the first hour of an absence would seem to have been heard.
 */
export function createLastHeard(
  restore: Iterable<Entry>,
  onCorrupt: (key: string, reason: string) => void,
): LastHeard {
  let atMs: number | undefined
  let storedMs = -Infinity
  /** How far the own clock is ahead, by the latest message of somebody else. */
  let aheadMs = 0
  let leastAheadMs = Infinity
  for (const { key, value } of restore) {
    if (key !== KEY) continue
    const time = decodeTime(value)
    if (time === undefined) onCorrupt(key, UNREADABLE)
    else storedMs = atMs = time
  }
  const due = (): readonly Change[] => {
    if (atMs === undefined || (atMs >= storedMs && atMs - storedMs < COARSE_MS)) return []
    storedMs = atMs
    return [{ key: KEY, value: new RecordWriter().float64(atMs).finish() }]
  }
  return {
    at: (nowMs) => (atMs === undefined || atMs <= nowMs ? atMs : nowMs - UNKNOWN_MS),
    aheadMs: () => aheadMs,
    leastAheadMs: () => Math.min(leastAheadMs, aheadMs),
    heard(nowMs, timestampMs) {
      if (timestampMs !== undefined) {
        const byMs = Math.min(nowMs - timestampMs, MOST_AHEAD_MS)
        aheadMs = byMs > TOLERATED_MS ? byMs : 0
        leastAheadMs = Math.min(leastAheadMs, aheadMs)
      }
      atMs = nowMs - aheadMs
      return due()
    },
    again(nowMs) {
      atMs = nowMs - aheadMs
    },
    due,
  }
}

function decodeTime(value: Uint8Array): number | undefined {
  return readRecord(value, (reader) => {
    const time = reader.float64()
    return time >= 0 && time < Infinity && reader.rest().length === 0 ? time : undefined
  })
}
