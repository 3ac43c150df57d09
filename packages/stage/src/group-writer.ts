import type { Change } from '@reliable-channels/store'
import type { SchedulerLike, Subscription } from 'rxjs'
import { guarded } from './guarded.ts'
import { GaveUpWaitingError, type WaitReport, withinLimit } from './within-limit.ts'
import { type StoredWaiter, type WriteGroup, changesOf, dropWritten } from './write-group.ts'

/** Options of a {@link GroupWriter}. */
export interface GroupWriterOptions {
  readonly write: (changes: readonly Change[]) => Promise<void>
  readonly storedKeys: (() => AsyncIterable<{ readonly key: string }>) | undefined
  readonly onWriteError: ((error: unknown, attempt: number, retryMs: number) => void) | undefined
  readonly onWriteRecovered: ((failures: number) => void) | undefined
  readonly report: ((report: WaitReport) => void) | undefined
  readonly writeLimitMs: number
  readonly retryMs: number
  readonly maxRetryMs: number
  readonly scheduler: SchedulerLike
  /** A group is written, or nobody waits for it any more: its effects may happen. */
  readonly release: (group: WriteGroup) => void
  /** Adds what came meanwhile to a group that is about to be tried again. */
  readonly refill: (group: WriteGroup) => void
  /** A write has ended, one way or the other. */
  readonly ended: () => void
}

/** How long a write may take once the unit is closed, ms. @limit It is given up, and who waited for it is told. */
const CLOSING_LIMIT_MS = 5_000
/** Writes without an answer at a time. @limit From then on the store is asked with empty writes whether it answers again. */
const MAX_UNANSWERED = 4
/** Deletions that may wait for a failing store. @limit Before the next try, those of keys that it does not have are left out. */
const MAX_DELETIONS = 1_000

/**
 * Writes one group at a time, and tries one that failed again until it succeeds.
 *
 * A write that takes longer than its limit has failed like any other, although the store may still apply it. If the store
 * says so later, what was written is not written again.
 */
export class GroupWriter {
  readonly #options: GroupWriterOptions
  /** Aborted when what was under way while the unit was closed has had its time. */
  readonly #outOfTime = new AbortController()
  #closingTimer: Subscription | undefined
  #isClosed = false
  #group: WriteGroup | undefined
  /** Tries of the group that have failed. */
  #failures = 0
  /** The failure that was told last. */
  #told: string | undefined
  /** The timer of the next try. */
  #retry: Subscription | undefined
  /** A write of the group is under way, or about to be. */
  #isTrying = false
  /** Writes since the last one that succeeded that were given up, and have no answer yet. */
  readonly #unanswered = new Set<readonly Change[]>()
  #givenUp: { readonly error: unknown } | undefined

  constructor(options: GroupWriterOptions) {
    this.#options = options
  }

  /** The group that is being written, or waits to be tried again. */
  get group(): WriteGroup | undefined {
    return this.#group
  }

  /** Whether the last try has failed: then nobody is held up. */
  get isFailing(): boolean {
    return this.#failures > 0
  }

  /** For what a write was given up, if one was: what comes later would be stored without what it follows upon. */
  get givenUp(): { readonly error: unknown } | undefined {
    return this.#givenUp
  }

  write(group: WriteGroup): void {
    this.#group = group
    if (this.#givenUp === undefined) this.#try(group)
    else this.#giveUp(group, this.#givenUp.error)
  }

  /** A group that waits is tried once more, now; from here on a failure is final, and nothing has much time. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const group = this.#group
    if (group === undefined) return
    if (this.#isTrying) {
      const giveUp = (): void =>
        this.#outOfTime.abort(new GaveUpWaitingError('store.write', CLOSING_LIMIT_MS))
      this.#closingTimer = this.#options.scheduler.schedule(giveUp, CLOSING_LIMIT_MS)
    } else this.#tryAgain(group)
  }

  #try(group: WriteGroup): void {
    // All of it was written after all, or need not be.
    if (group.changes.size === 0) return this.#succeeded(group)
    this.#isTrying = true
    const { write, scheduler, report, writeLimitMs } = this.#options
    const changes = changesOf(group)
    const waiters = [...group.stored]
    const answered = (): void => this.#answered(group, changes)
    withinLimit(
      () => {
        const answer = write(changes)
        answer.then(answered, answered)
        return answer
      },
      {
        what: 'store.write',
        limitMs: this.#isClosed ? Math.min(writeLimitMs, CLOSING_LIMIT_MS) : writeLimitMs,
        scheduler,
        signal: this.#outOfTime.signal,
        ...(report && { report }),
        late: () => this.#writtenLate(group, changes, waiters),
      },
    ).then(
      () => this.#succeeded(group),
      (error: unknown) => {
        const isSilent = error instanceof GaveUpWaitingError
        if (isSilent) this.#unanswered.add(changes)
        this.#failed(group, error, isSilent && this.#unanswered.size >= MAX_UNANSWERED)
      },
    )
  }

  #succeeded(group: WriteGroup): void {
    const { release, onWriteRecovered } = this.#options
    const failures = this.#failures
    // Writes are applied in order: what has had no answer until now gets none.
    this.#unanswered.clear()
    this.#forget()
    release(group)
    for (const { resolve } of group.stored) resolve()
    if (failures > 0) guarded(() => onWriteRecovered?.(failures))
    this.#options.ended()
  }

  #failed(group: WriteGroup, error: unknown, isMute: boolean): void {
    const { retryMs, maxRetryMs, release } = this.#options
    const usualMs = isMute ? maxRetryMs : Math.min(retryMs * 2 ** this.#failures, maxRetryMs)
    const delayMs = this.#isClosed ? Infinity : usualMs
    this.#isTrying = false
    this.#failures++
    this.#tell(error, delayMs)
    if (this.#isClosed) return this.#giveUp(group, error)
    release(group)
    if (isMute) this.#ask(group)
    else this.#schedule(group, delayMs)
    this.#options.ended()
  }

  /** Tells the first failure, and each that is another than the one before. */
  #tell(error: unknown, retryMs: number): void {
    const description = String(error)
    if (this.#told === description && !this.#isClosed) return
    this.#told = description
    guarded(() => this.#options.onWriteError?.(error, this.#failures, retryMs))
  }

  #schedule(group: WriteGroup, delayMs: number): void {
    this.#retry = this.#options.scheduler.schedule(() => this.#tryAgain(group), delayMs)
  }

  /** Asks once in a while whether the store answers again: it may have lost what it was given before. */
  #ask(group: WriteGroup): void {
    const { write, scheduler, maxRetryMs } = this.#options
    const ask = async (): Promise<void> => write([])
    const answered = (): void => this.#answered(group)
    this.#retry = scheduler.schedule(() => {
      this.#ask(group)
      ask().then(answered, answered)
    }, maxRetryMs)
  }

  #tryAgain(group: WriteGroup): void {
    this.#retry?.unsubscribe()
    this.#retry = undefined
    this.#isTrying = true
    this.#options.refill(group)
    const left = this.#unanswered.size === 0 ? this.#leaveOutDeletions(group) : undefined
    if (left === undefined) this.#try(group)
    else void left.then(() => this.#try(group))
  }

  /**
   * Leaves out deletions of entries that came and went while the store failed: they were never stored. Other writers do
   * not matter: the keys are those of this unit alone.
   */
  #leaveOutDeletions(group: WriteGroup): Promise<void> | undefined {
    const { storedKeys, scheduler, writeLimitMs } = this.#options
    if (storedKeys === undefined) return undefined
    const deletions = new Set<string>()
    for (const [key, value] of group.changes) if (value === undefined) deletions.add(key)
    if (deletions.size <= MAX_DELETIONS) return undefined
    const look = async (signal: AbortSignal): Promise<void> => {
      for await (const { key } of storedKeys()) {
        if (signal.aborted) return
        deletions.delete(key)
      }
    }
    const options = {
      what: 'store.entries',
      limitMs: writeLimitMs,
      scheduler,
      signal: this.#outOfTime.signal,
    }
    return withinLimit(look, options).then(
      () => {
        for (const key of deletions) group.changes.delete(key)
      },
      // The deletions are written like all else.
      () => undefined,
    )
  }

  /** A write that nobody waits for has an answer: if the store gave none to several, it is tried again. */
  #answered(group: WriteGroup, changes?: readonly Change[]): void {
    const isMute = this.#unanswered.size >= MAX_UNANSWERED
    if (changes !== undefined && !this.#unanswered.delete(changes)) return
    if (!isMute || this.#group !== group || this.#isTrying || this.#isClosed) return
    this.#retry?.unsubscribe()
    this.#schedule(group, this.#options.retryMs)
  }

  #writtenLate(group: WriteGroup, changes: readonly Change[], waiters: readonly StoredWaiter[]): void {
    if (this.#group !== group) return
    dropWritten(group, changes, waiters)
    if (group.changes.size > 0 || this.#isTrying) return
    this.#retry?.unsubscribe()
    this.#succeeded(group)
  }

  #giveUp(group: WriteGroup, error: unknown): void {
    this.#givenUp = { error }
    this.#forget()
    this.#options.release(group)
    for (const { reject } of group.stored) reject(error)
    this.#options.ended()
  }

  #forget(): void {
    this.#closingTimer?.unsubscribe()
    this.#retry = undefined
    this.#group = undefined
    this.#isTrying = false
    this.#failures = 0
    this.#told = undefined
  }
}
