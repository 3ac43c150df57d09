import { SparseMap } from '@reliable-channels/stage/core'
import type { HistoryEntry } from '@reliable-channels/sds/core'

/** A question to the network's memory. */
export interface LookUp {
  /** Retrieval hints of what is missing. */
  readonly hints: readonly Uint8Array[]
  /** The missing messages may have been sent since then, ms since 1970 by the clocks of others. */
  readonly sinceMs: number
}

/** Decides what of the missing is looked up, and when: SDS may wait for members who have left. */
export interface LookUps {
  /**
   * Takes all messages that are missing now, and how many were delivered so far; returns the ones to look up now, if any. While
   * nothing is delivered, it is time for all of them: each that comes may name another, one after the other.
   *
   * @param aheadMs How far the clock is ahead of those by which the network's memory goes.
   */
  due(missing: readonly HistoryEntry[], now: number, delivered: number, aheadMs?: number): LookUp | undefined
}

/** Time after which a missing message is looked up, ms: one that is only out of order, or is repaired at once, has come by then. */
const FIRST_MS = 2_000
/** Longest wait before a message that was looked up in vain is looked up again, ms; each wait is twice as long as the one before. */
const LONGEST_PAUSE_MS = 60_000
/** Each message may have been sent so long before it was found missing, ms; each time it is looked up twice as long. */
const SPAN_MS = 60_000
/** @limit No look goes further back, ms: the network's memory may be large. */
const LONGEST_SPAN_MS = 3_600_000
/** Hints in one look. @limit The others are looked up by time alone. */
const MOST_HINTS = 200

interface Missing {
  readonly sinceMs: number
  looks: number
  dueMs: number
}

/** Makes a {@link LookUps}. */
export function createLookUps(): LookUps {
  let known = new SparseMap<string, Missing>()
  /** That nothing is delivered, though something is missing. */
  let standstill: Missing | undefined
  let deliveredBefore = -1
  let latestMs = -Infinity

  return {
    due(missing, now, delivered, aheadMs = 0) {
      // After the clock is set back, times noted before lie in the future, and everything would wait for longer.
      const isSetBack = now < latestMs
      const before = isSetBack ? new Map<string, Missing>() : known
      const anew = (): Missing => ({ sinceMs: now - aheadMs, looks: 0, dueMs: now + FIRST_MS })
      if (isSetBack || delivered !== deliveredBefore || missing.length === 0) standstill = undefined
      standstill ??= anew()
      deliveredBefore = delivered
      latestMs = now
      known = new SparseMap()
      const hints: Uint8Array[] = []
      let sinceMs = Infinity
      const isDue = (one: Missing): boolean => {
        if (one.dueMs > now) return false
        const spanMs = Math.min(SPAN_MS * 2 ** one.looks, LONGEST_SPAN_MS)
        sinceMs = Math.min(sinceMs, one.sinceMs - spanMs)
        one.looks++
        one.dueMs = now + Math.min(FIRST_MS * 2 ** one.looks, LONGEST_PAUSE_MS)
        return true
      }
      if (missing.length > 0) isDue(standstill)
      for (const { messageId, retrievalHint } of missing) {
        const one = before.get(messageId) ?? anew()
        known.set(messageId, one)
        if (!isDue(one)) continue
        if (retrievalHint !== undefined && hints.length < MOST_HINTS) hints.push(retrievalHint)
      }
      return sinceMs === Infinity ? undefined : { hints, sinceMs }
    },
  }
}
