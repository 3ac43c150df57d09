import type { Change } from '@reliable-channels/store'
import {
  type MonoTypeOperatorFunction,
  Observable,
  type SchedulerLike,
  type Subscription,
  asyncScheduler,
} from 'rxjs'

import { check, checkScheduler } from './check.ts'
import { guarded } from './guarded.ts'

/** Options of {@link createUnitOfWork}. */
export interface UnitOfWorkOptions {
  /**
   * Where changes go, as one atomic write; usually `(changes) => store.write(changes)`. Without it nothing is stored and
   * nothing waits.
   */
  write?: (changes: readonly Change[]) => Promise<void>
  /** Told of each failed write, before it is tried again after `retryMs`; `Infinity` when it is given up. */
  onWriteError?: (error: unknown, attempt: number, retryMs: number) => void
  /**
   * First delay before a failed write is tried again, in ms; it doubles up to 64 times this.
   * @limit The write is tried again, with all that came after it.
   * @default 100
   */
  retryMs?: number
  /** Source of time for the retries. @default asyncScheduler */
  scheduler?: SchedulerLike
}

/**
 * Makes changes of several steps, and of several stages, one atomic write, and holds what must not be seen before it.
 *
 * Steps that fall together (in one {@link UnitOfWork.run}, or while a write is under way) share a write.
 * When a write fails, what waited for it goes on, the failure is reported, and the write is tried again, together
 * with all that came after it, until it succeeds: only {@link UnitOfWork.stored} waits for that.
 */
export interface UnitOfWork {
  /** Runs `work`; what it adds goes into one write. A run inside a run joins the outer one. */
  run<T>(work: () => T): T
  /** Adds changes to the write of the current run; outside a run they are one of their own. */
  add(changes: readonly Change[], keyPrefix?: string): void
  /** Calls `effect` when all that was added before has been written, in order. Never inside a run. */
  after(effect: () => void): void
  /** Holds each notification until all that was added before it has been written. */
  committed<T>(): MonoTypeOperatorFunction<T>
  /**
   * Resolves when all that was added so far is truly stored, whatever failed in between.
   * Rejects with the error of the write when the unit was closed and its last try has failed.
   */
  stored(): Promise<void>
  /** Ends the retries: a write that waits for one is tried once more, now; from here on a failed write is given up. */
  close(): void
  /** Whether changes go anywhere: without a `write` a stage need not make any. */
  readonly persistent: boolean
}

/** Changes by key and what waits for them. */
interface Group {
  readonly changes: Map<string, Uint8Array | undefined>
  readonly effects: (() => void)[]
  readonly stored: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[]
}

const newGroup = (): Group => ({ changes: new Map(), effects: [], stored: [] })

/**
 * Makes a {@link UnitOfWork}.
 *
 * @throws {@link StageOptionError}
 * @example
 * ```ts
 * const unitOfWork = createUnitOfWork({ write: (changes) => store.write(changes) })
 * const driver = createDriver(stage, { unitOfWork, keyPrefix: 'stage/' })
 * driver.outputs$.pipe(unitOfWork.committed()).subscribe(send)
 * ```
 */
export function createUnitOfWork(options: UnitOfWorkOptions = {}): UnitOfWork {
  check.object('options', options)
  const { write, onWriteError, retryMs = 100, scheduler = asyncScheduler } = options
  check.callback('write', write)
  check.callback('onWriteError', onWriteError)
  check.above('retryMs', retryMs, 0)
  checkScheduler(scheduler)
  let depth = 0
  let draining = false
  /** Effects whose write is done, in order. */
  let ready: (() => void)[] = []
  /** Changes and effects of the current run, and of runs that ended while a write was under way. */
  let next = newGroup()
  let writing: Group | undefined
  let attempt = 0
  let closed = false
  /** The timer of a write that is to be tried again. */
  let retry: Subscription | undefined

  const drain = (): void => {
    if (draining) return
    draining = true
    for (let i = 0; i < ready.length; i++) {
      guarded(ready[i]!)
    }
    ready = []
    draining = false
  }

  const release = (group: Group): void => {
    if (group.effects.length === 0) return
    for (const effect of group.effects) ready.push(effect)
    group.effects.length = 0
  }

  /** At the end of a run or a write: starts the next write, or lets go what waits for none. */
  const advance = (): void => {
    if (writing !== undefined) {
      // A write that keeps failing holds up nobody.
      if (attempt > 0) release(next)
    } else if (write !== undefined && next.changes.size > 0) {
      writing = next
      next = newGroup()
      start(write, writing)
    } else {
      next.changes.clear()
      release(next)
    }
    if (ready.length > 0) drain()
  }

  const start = (to: NonNullable<typeof write>, group: Group): void => {
    const changes: Change[] = []
    for (const [key, value] of group.changes) changes.push({ key, value })
    let done: Promise<void>
    try {
      done = to(changes)
    } catch (error) {
      done = Promise.reject(error)
    }
    done.then(
      () => finished(group),
      (error: unknown) => failed(to, group, error),
    )
  }

  const finished = (group: Group): void => {
    attempt = 0
    writing = undefined
    release(group)
    for (const { resolve } of group.stored) resolve()
    // Inside a run, the run's own end comes soon.
    if (depth === 0) advance()
  }

  const failed = (to: NonNullable<typeof write>, group: Group, error: unknown): void => {
    const delay = closed ? Infinity : retryMs * 2 ** Math.min(attempt, 6)
    attempt++
    guarded(() => onWriteError?.(error, attempt, delay))
    if (closed) return giveUp(group, error)
    release(group)
    retry = scheduler.schedule(() => tryAgain(to, group), delay)
    if (depth === 0) advance()
  }

  const tryAgain = (to: NonNullable<typeof write>, group: Group): void => {
    retry = undefined
    for (const [key, value] of next.changes) group.changes.set(key, value)
    next.changes.clear()
    // One by one: as arguments of one call they may be too many.
    for (const one of next.stored.splice(0)) group.stored.push(one)
    start(to, group)
  }

  const giveUp = (group: Group, error: unknown): void => {
    attempt = 0
    writing = undefined
    release(group)
    for (const { reject } of group.stored) reject(error)
    if (depth === 0) advance()
  }

  const unit: UnitOfWork = {
    run(work) {
      depth++
      try {
        return work()
      } finally {
        if (--depth === 0) advance()
      }
    },
    add(changes, keyPrefix = '') {
      if (write === undefined) return
      for (const { key, value } of changes) next.changes.set(keyPrefix + key, value)
      if (depth === 0) advance()
    },
    after(effect) {
      next.effects.push(effect)
      if (depth === 0) advance()
    },
    committed() {
      return (source) =>
        new Observable((subscriber) =>
          source.subscribe({
            next: (value) => unit.after(() => subscriber.next(value)),
            error: (error: unknown) => unit.after(() => subscriber.error(error)),
            complete: () => unit.after(() => subscriber.complete()),
          }),
        )
    },
    stored() {
      if (writing === undefined && next.changes.size === 0) return Promise.resolve()
      return new Promise((resolve, reject) => {
        const group = next.changes.size === 0 && writing !== undefined ? writing : next
        group.stored.push({ resolve, reject })
      })
    },
    close() {
      closed = true
      if (retry === undefined) return
      retry.unsubscribe()
      tryAgain(write!, writing!)
    },
    persistent: write !== undefined,
  }
  return unit
}
