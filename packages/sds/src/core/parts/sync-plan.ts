import type { SyncReason } from '../event.ts'
import { type Settings, isTight } from '../settings.ts'
import type { Arrivals } from './arrivals.ts'
import type { Due, Timers } from './due-heap.ts'
import { ensure } from './ensure.ts'
import type { Owed } from './owed.ts'
import type { RepairRequests, Wanted } from './repair-requests.ts'
import type { Turns } from './turns.ts'

/** Falls due when a sync message is to be put out. */
export interface SyncDue {
  readonly type: 'sync'
}

const SYNC_DUE: SyncDue = { type: 'sync' }

/** A sync message that is to be encoded when it leaves. */
export interface PlannedSync {
  readonly messageId: string
  readonly reason: SyncReason
  /** When it was put out. */
  readonly at: number
}

/** A sync message that was encoded and whose dispatch has not been reported. */
export interface WaitingSync {
  readonly messageId: string
  /** The messages that it acknowledges. */
  readonly acknowledged: readonly string[]
  /** The missing messages that it asks for. */
  readonly requested: readonly Wanted[]
  /** Bytes that were sent for that. */
  readonly bytes: number
  /** The newest message when it was made. */
  readonly newest: string | undefined
}

/** A request for repair is made so soon after its T_req at the earliest, so that several go together. */
const REQUESTS_TOGETHER_MS = 200
/** And so soon where requests are collected ahead of their time. */
const PROMPTLY_TOGETHER_MS = 20
/** An acknowledgement in a pair, which nobody else makes, is repeated so much later, ms. */
const REPEAT_MS = 160

/** A sync message that could not be dispatched is tried again after this time, then twice as long, up to the longest. */
const RETRY_MS = 1_000
/** Longest wait, ms, before a sync message that could not be dispatched is tried again. @limit It is tried again. */
const MOST_RETRY_MS = 60_000

/** When the next sync message is sent, and what those on their way say. */
export class SyncPlan {
  readonly #settings: Pick<Settings, 'acknowledgeWithinMs' | 'maxAcknowledged' | 'repair' | 'paceMs'>
  readonly #timers: Timers<SyncDue>
  readonly #turns: Turns
  readonly #owed: Owed
  readonly #requests: RepairRequests
  readonly #arrivals: Arrivals
  /** How often the latest acknowledgement is still to be repeated, and when next. */
  #repeats = 0
  #repeatAt: number | undefined
  #isRepeat = false
  /** Something arrived that the filter, but no causal history, can acknowledge. */
  #hasFilterNews = false
  #isPressed = false
  #due: Due | undefined
  #planned: { -readonly [K in keyof PlannedSync]: PlannedSync[K] } | undefined
  #waiting: WaitingSync | undefined
  /** Sync messages in a row that could not be dispatched, and before when no other is tried. */
  #failures = 0
  #retryAt = 0

  constructor(
    settings: Settings,
    timers: Timers<SyncDue>,
    turns: Turns,
    owed: Owed,
    requests: RepairRequests,
    arrivals: Arrivals,
  ) {
    this.#settings = settings
    this.#timers = timers
    this.#turns = turns
    this.#owed = owed
    this.#requests = requests
    this.#arrivals = arrivals
  }

  /** The one that waits to be encoded. */
  get planned(): PlannedSync | undefined {
    return this.#planned
  }

  /** Whether something arrived that the filter alone can acknowledge. */
  get hasFilterNews(): boolean {
    return this.#hasFilterNews
  }

  /** Why a sync message is called for, if it is: to acknowledge, or to ask for repair. */
  get reason(): 'acknowledge' | 'repair' | undefined {
    return this.#hasToAsk ? 'repair' : this.owes ? 'acknowledge' : undefined
  }

  /** Whether something is to be acknowledged that no sync message on its way says, and another could. */
  get owes(): boolean {
    if (this.#hasFilterNews || this.#isRepeat) return true
    const waiting = this.#waiting
    const said = waiting === undefined ? 0 : waiting.acknowledged.length
    if (waiting !== undefined && said >= this.#settings.maxAcknowledged) return false
    return this.#owed.size > said
  }

  /** Whether something should have been said by now. */
  isOverdue(now: number): boolean {
    const since = Math.min(this.#owed.since ?? Infinity, this.#requests.eligibleSince ?? Infinity)
    return since <= now - this.#settings.acknowledgeWithinMs
  }

  /** Whether dispatch failed so lately that no other is tried. */
  isTooEarly(now: number): boolean {
    return now < this.#retryAt
  }

  /** Whether the one on its way was made when `newest` was the newest message. */
  hasSaid(newest: string | undefined): boolean {
    return this.#waiting !== undefined && this.#waiting.newest === newest
  }

  /** Something arrived that the filter alone can acknowledge. */
  noteFilterNews(): void {
    this.#hasFilterNews = true
  }

  /** A filter left that has all that arrived. */
  filterSaid(): void {
    this.#hasFilterNews = false
  }

  /** Nothing waits any more for which a filter is needed: what was owed says it all. */
  dropFilterNews(): void {
    if (!this.#hasFilterNews) return
    this.#hasFilterNews = false
    // It was planned for what was missing then.
    this.#cancel()
  }

  /** Plans the next one, if there is something to say that none on its way does; or takes the plan back. */
  update(now: number): void {
    const reason = this.#mayPlan ? this.reason : undefined
    if (reason === undefined) {
      if (this.#repeatAt === undefined || !this.#mayPlan) this.#cancel()
      else if (this.#due?.due !== this.#repeatAt) this.#planAt(this.#repeatAt)
    } else if (reason === 'repair') {
      const due = now + (this.#settings.repair.isLip ? REQUESTS_TOGETHER_MS : PROMPTLY_TOGETHER_MS)
      if (this.#due === undefined || this.#due.due > Math.max(due, this.#retryAt)) this.#planAt(due)
    } else if (this.#due === undefined || this.#isPressed || this.#turns.isLate(now)) {
      this.#isPressed = false
      const due = now + this.#turns.delayMs(now)
      if (due === Infinity) return
      if (this.#due === undefined || this.#due.due > Math.max(due, this.#retryAt)) this.#planAt(due)
    }
  }

  /** A message that is owed has come again, or many are owed: perhaps they are to be said sooner than planned. */
  press(): void {
    this.#isPressed = true
  }

  /** Whether the time of the next one has come, which no timer has told. */
  isDue(now: number): boolean {
    return this.#due !== undefined && this.#due.due <= now
  }

  /** The time of the next one has come. Returns whether it is to be sent. */
  fallDue(now: number): boolean {
    this.#cancel()
    const isRepeat = this.#repeatAt !== undefined && this.#repeatAt <= now && this.reason === undefined
    this.#repeatAt = undefined
    if (!isRepeat) return !(this.reason === 'acknowledge' && !this.#hasFilterNews && this.#turns.mayWait(now))
    if (!this.#turns.isPair || now - this.#turns.spokeAt < REPEAT_MS - PROMPTLY_TOGETHER_MS) return false
    this.#isRepeat = true
    return true
  }

  /** One that acknowledged was dispatched: `fresh`, for the first time. In a pair it is said again where much is lost. */
  said(fresh: boolean, now: number): void {
    if (isTight(this.#settings) || !this.#turns.isPair) this.#repeats = 0
    else if (fresh) this.#repeats = this.#arrivals.copies - 1
    if (this.#repeats <= 0) return
    this.#repeats--
    this.#repeatAt = now + REPEAT_MS
  }

  /** One was put out, in place of any that waits to be encoded. */
  put(messageId: string, reason: SyncReason, now: number): PlannedSync {
    this.#planned = { messageId, reason, at: now }
    return this.#planned
  }

  /** The one that waits is encoded, or not wanted. */
  takePlanned(messageId: string): PlannedSync | undefined {
    const planned = this.#planned
    if (planned?.messageId !== messageId) return undefined
    this.#planned = undefined
    return planned
  }

  /** One was encoded. */
  encoded(sync: WaitingSync): void {
    this.#waiting = sync
    this.#hasFilterNews = false
    this.#isRepeat = false
  }

  /** The dispatch of one has ended, whether it was encoded or not. */
  takeEnded(messageId: string): WaitingSync | PlannedSync | undefined {
    const waiting = this.#waiting
    if (waiting?.messageId !== messageId) return this.takePlanned(messageId)
    this.#waiting = undefined
    return waiting
  }

  /** One could not be dispatched. */
  failed(now: number): void {
    this.#retryAt = now + Math.min(RETRY_MS * 2 ** this.#failures++, MOST_RETRY_MS)
  }

  /** One was dispatched, or another is to be tried in any case. */
  retryNow(): void {
    this.#failures = 0
    this.#retryAt = 0
  }

  /** The clock was moved. */
  shift(ms: number): void {
    this.#retryAt += ms
    if (this.#repeatAt !== undefined) this.#repeatAt += ms
    if (this.#planned !== undefined) this.#planned.at += ms
  }

  check(): void {
    const { reason } = this
    const isCalledFor = this.#mayPlan && (reason !== undefined || this.#repeatAt !== undefined)
    ensure(this.#due === undefined || isCalledFor, 5)
    // Acknowledging may be left to others, asking may not.
    ensure(this.#due !== undefined || !this.#mayPlan || reason !== 'repair', 5)
    ensure(this.#due?.isGone !== true, 5)
  }

  /**
   * Whether requests are a reason for another sync message. Those in one that is on its way are not, nor are those that
   * another would have no room for, nor fewer than as many again: or one would be made for each missing message.
   */
  get #hasToAsk(): boolean {
    if (!this.#requests.hasEligible) return false
    const said = new Set(this.#waiting?.requested)
    let unsaid = 0
    for (const wanted of this.#requests.chooseForSync())
      if (!said.has(wanted) && ++unsaid >= said.size) return true
    return false
  }

  #planAt(due: number): void {
    this.#cancel()
    this.#due = this.#timers.add(Math.max(due, this.#retryAt), SYNC_DUE)
  }

  #cancel(): void {
    this.#timers.remove(this.#due)
    this.#due = undefined
  }

  /** One that waits to be encoded will say all that there is to say, unless it may wait for very long. */
  get #mayPlan(): boolean {
    return this.#planned === undefined || this.#planned.reason === 'periodic'
  }
}
