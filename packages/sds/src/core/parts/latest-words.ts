import type { Lamport } from '../wire/lamport.ts'

/**
 * The filter of content that is sent again is newer than its timestamp: so long after it, ms, what comes may have been written
 * before that. A sync message is never sent again, and the network does not keep it.
 */
const OUT_OF_ORDER_MS = 10_000
/** No sync message comes so late, ms, that for so long only such come, each later than the one before. */
const BEHIND_MS = 600_000

/** A message of a member. */
interface Words {
  readonly lamport: Lamport
  readonly isSync: boolean
  readonly now: number
  /** Number of the newest own message by then. */
  readonly newest: number
}

/**
 * What was heard of a member last: it tells whether what he says is newer than all that, so that what he lacks by it he has
 * lost. What comes late, or was sent again, is not. See also DECISIONS 104 and 151.
 */
export class LatestWords {
  /** The latest timestamp, and the number of the newest own message when he was heard before, and when last. */
  #lamport: Lamport = -1
  #newestBefore = 0
  #newest = 0
  /** When content of his came last: its filter may be later than any timestamp that was heard. */
  #contentAt = -Infinity
  /** Sync messages come that are earlier than others: since when, and the latest of them. */
  #behindSince: number | undefined
  #behind: Lamport = -1

  /** He wrote a message with that timestamp, as is known from before. */
  restore(lamport: Lamport): void {
    if (lamport > this.#lamport) this.#lamport = lamport
  }

  /**
   * A message of his has come. Returns whether he wrote it, filter and all, after all that came before: it is a sync message
   * whose timestamp is later, or which has been going on for long where others were later, because his clock was set back.
   */
  heard({ lamport, isSync, now, newest }: Words): boolean {
    this.#newestBefore = this.#newest
    this.#newest = newest
    if (!isSync) this.#contentAt = now
    if (lamport <= this.#lamport && !(isSync && this.#isBehindForLong(lamport, now))) return false
    this.#lamport = lamport
    this.#behindSince = undefined
    return isSync && now - this.#contentAt >= OUT_OF_ORDER_MS
  }

  /** Whether he names an own message that was made after all else of his had come, so that he wrote this after it. */
  isNew(number: number): boolean {
    return number > this.#newestBefore
  }

  /** The clock was moved. */
  shift(ms: number): void {
    this.#contentAt += ms
    if (this.#behindSince !== undefined) this.#behindSince += ms
  }

  #isBehindForLong(lamport: Lamport, now: number): boolean {
    this.#behindSince ??= now
    if (lamport <= this.#behind) return false
    this.#behind = lamport
    return now - this.#behindSince >= BEHIND_MS
  }
}
