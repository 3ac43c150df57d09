import type { Change } from '@reliable-channels/store'
import { type SchedulerLike, type Subscription, asyncScheduler } from 'rxjs'
import { check, checkScheduler } from './check.ts'
import { GroupWriter } from './group-writer.ts'
import { guarded } from './guarded.ts'
import { nextTurn } from './next-turn.ts'
import type { WaitReport } from './within-limit.ts'
import { Effects, type WriteGroup, moveChanges, newGroup } from './write-group.ts'

/** Options of {@link createUnitOfWork}. */
export interface UnitOfWorkOptions {
  /**
   * Where changes go, as one atomic write; usually `(changes) => store.write(changes)`. Without it nothing is stored and
   * nothing waits.
   */
  write?: (changes: readonly Change[]) => Promise<void>
  /**
   * The entries that are stored under the keys of this unit; usually `() => store.entries(prefix)`. Read when a thousand
   * deletions wait for a store that fails: those of keys that it does not have are dropped, so that what waits grows with
   * the state and not with time.
   */
  storedKeys?: () => AsyncIterable<{ readonly key: string }>
  /**
   * Told of the first failed write, and of each that fails in another way than the one before, with the number of failures
   * so far, before it is tried again after `retryMs`; `Infinity` when it is given up.
   */
  onWriteError?: (error: unknown, attempt: number, retryMs: number) => void
  /** Told when a write succeeds after so many failures. */
  onWriteRecovered?: (failures: number) => void
  /** Told of a write that is slow, and of one that is not waited for any longer; see `withinLimit`. */
  report?: (report: WaitReport) => void
  /**
   * How long a write may take, in ms; above 0.
   * @limit It counts as failed, and is tried again. If the store says later that it was written, that counts.
   * @default 10_000
   */
  writeLimitMs?: number
  /**
   * First delay before a failed write is tried again, in ms; it doubles up to `maxRetryMs`.
   * @limit The write is tried again, with all that came after it.
   * @default 100
   */
  retryMs?: number
  /**
   * Longest delay before a failed write is tried again, in ms.
   * @limit The delay grows no more.
   * @default 300_000
   */
  maxRetryMs?: number
  /** Source of time for limits and retries. @default asyncScheduler */
  scheduler?: SchedulerLike
}

/**
 * When changes are written: at the end of the run; at the latest in the next turn of the event loop, together with what
 * comes until then; or within {@link LATER_MS}, unless somebody waits for them before.
 */
export type WriteTime = 'now' | 'turn' | 'later'

const URGENCY: Readonly<Record<WriteTime, number>> = { now: 2, turn: 1, later: 0 }

/** Changes that need not be written soon wait so long for others, ms. */
const LATER_MS = 20

/**
 * Makes changes of several steps, and of several stages, one atomic write, and holds what must not be seen before it.
 *
 * Steps that fall together (in one {@link UnitOfWork.run}, or while a write is under way) share a write.
 * When a write fails, or is not answered within its limit, what waited for it goes on, the failure is reported, and the
 * write is tried again, together with all that came after it, until it succeeds: only {@link UnitOfWork.stored} waits for
 * that.
 */
export interface UnitOfWork {
  /**
   * Runs `work`; what it adds goes into one write. A run inside a run joins the outer one.
   *
   * @param when When what it adds is written: with what is more urgent, it goes at once. As the outer run says, else `now`.
   */
  run<T>(work: () => T, when?: WriteTime): T
  /** Adds changes to the write of the current run; outside a run they are one of their own. */
  add(changes: readonly Change[], keyPrefix?: string): void
  /** Calls `effect` when all that was added before has been written, in order. Never inside a run. */
  after(effect: () => void): void
  /**
   * Resolves when all that was added so far is truly stored, whatever failed in between.
   * Rejects with the error of the write when the unit was closed and its last try has failed.
   */
  stored(): Promise<void>
  /**
   * Ends the retries: a write that waits for one is tried once more, now; from here on a failed write is given up, and so
   * is one that is not answered within 5 s. What comes after it is given up as well, so that what is stored has no holes.
   */
  close(): void
  /** Whether changes go anywhere: without a `write` a stage need not make any. */
  readonly persistent: boolean
}

/**
 * Makes a {@link UnitOfWork}.
 *
 * @throws {@link StageOptionError}
 * @example
 * ```ts
 * const unitOfWork = createUnitOfWork({ write: (changes) => store.write(changes) })
 * const driver = createDriver(stage, { unitOfWork, keyPrefix: 'stage/' })
 * driver.outputs$.pipe(committed(unitOfWork)).subscribe(send)
 * ```
 */
export function createUnitOfWork(options: UnitOfWorkOptions = {}): UnitOfWork {
  check.object('options', options)
  const {
    write,
    storedKeys,
    onWriteError,
    onWriteRecovered,
    report,
    writeLimitMs = 10_000,
    retryMs = 100,
    maxRetryMs = 300_000,
    scheduler = asyncScheduler,
  } = options
  for (const name of ['write', 'storedKeys', 'onWriteError', 'onWriteRecovered', 'report'] as const) {
    check.callback(name, options[name])
  }
  check.above('writeLimitMs', writeLimitMs, 0)
  check.above('retryMs', retryMs, 0)
  check.number('maxRetryMs', maxRetryMs, 0)
  checkScheduler(scheduler)
  let depth = 0
  let draining = false
  /** Effects whose write is done, in order. */
  const ready = new Effects()
  /** Changes and effects of the current run, of those that need not be written yet, and of those that ended while a write was under way. */
  const next = newGroup()
  /** When it is to be written. */
  let due: WriteTime | undefined
  /** What the current run says. */
  let current: WriteTime = 'now'
  let callOffTurn: (() => void) | undefined
  /** When what has time must be written, ms. */
  let dueAt: number | undefined
  let later: Subscription | undefined
  let isClosed = false

  const drain = (): void => {
    draining = true
    while (!ready.isEmpty) guarded(ready.take())
    draining = false
  }

  const release = (group: WriteGroup): void => {
    group.effects.moveTo(ready)
  }

  /** At the end of a run or a write: lets go what waits for none, and starts the next write. */
  const advance = (): void => {
    // A write that keeps failing holds up nobody.
    if (writer !== undefined && (writer.isFailing || (writer.group === undefined && next.changes.size === 0)))
      release(next)
    if (draining) return
    // What follows from what was written joins the next write.
    if (!ready.isEmpty) drain()
    if (writer === undefined || writer.group !== undefined || next.changes.size === 0) return
    if (due !== 'now' && !isClosed) return wait()
    const group = newGroup()
    moveChanges(next, group)
    next.effects.moveTo(group.effects)
    due = dueAt = undefined
    writer.write(group)
  }

  /** Puts the write off, so that others may join it. */
  const wait = (): void => {
    // Somebody waits for what had time.
    if (!next.effects.isEmpty) due = 'turn'
    if (due === 'turn' && callOffTurn === undefined) {
      const resume = (): void => {
        callOffTurn = undefined
        if (due === 'turn') hurry()
      }
      callOffTurn = nextTurn(resume, scheduler === asyncScheduler ? undefined : scheduler)
    }
    dueAt ??= scheduler.now() + LATER_MS
    later ??= scheduler.schedule(wake, LATER_MS)
  }

  /** A timer that finds nothing due goes on for what waits now, which is cheaper than to call it off with each write. */
  const wake = (): void => {
    later = undefined
    if (dueAt === undefined || isClosed) return
    const leftMs = dueAt - scheduler.now()
    if (leftMs > 0 && leftMs <= LATER_MS) later = scheduler.schedule(wake, leftMs)
    else hurry()
  }

  /** Writes what was put off. */
  const hurry = (): void => {
    if (next.changes.size === 0) return
    due = 'now'
    if (depth === 0) advance()
  }

  const writer =
    write &&
    new GroupWriter({
      write,
      storedKeys,
      onWriteError,
      onWriteRecovered,
      report,
      writeLimitMs,
      retryMs,
      maxRetryMs,
      scheduler,
      release,
      refill: (group) => moveChanges(next, group),
      // Inside a run, the run's own end comes soon.
      ended: () => {
        if (depth === 0) advance()
      },
    })

  const unit: UnitOfWork = {
    run(work, when = current) {
      const outer = current
      current = when
      depth++
      try {
        return work()
      } finally {
        current = outer
        if (--depth === 0) advance()
      }
    },
    add(changes, keyPrefix = '') {
      if (write === undefined || changes.length === 0) return
      if (due === undefined || URGENCY[current] > URGENCY[due]) due = current
      for (const { key, value } of changes) next.changes.set(keyPrefix + key, value)
      if (depth === 0) advance()
    },
    after(effect) {
      // With nowhere to write to it waits for the end of the run alone.
      if (write === undefined) ready.push(effect)
      else next.effects.push(effect)
      if (depth === 0) advance()
    },
    stored() {
      hurry()
      const group = next.changes.size > 0 ? next : writer?.group
      if (writer?.givenUp !== undefined) return Promise.reject(writer.givenUp.error)
      if (group === undefined) return Promise.resolve()
      return new Promise((resolve, reject) => {
        group.stored.add({ resolve, reject })
      })
    },
    close() {
      isClosed = true
      later?.unsubscribe()
      callOffTurn?.()
      hurry()
      writer?.close()
    },
    persistent: write !== undefined,
  }
  return unit
}
