import { StoreLockedError } from '@reliable-channels/store'
import { type SchedulerLike, type Subscription } from 'rxjs'

/** The part of Web Locks that tabs use; `navigator.locks` has it. */
export interface TabLocks {
  request(
    name: string,
    options: { readonly signal?: AbortSignal; readonly steal?: boolean },
    held: () => Promise<void>,
  ): Promise<unknown>
}

/** The right to lead, of one tab, for a while. */
export interface Leadership {
  /** Higher than that of whoever led before. */
  readonly term: number
  /** Aborted, with a `StoreLockedError`, when another tab has taken the lead. */
  readonly lost: AbortSignal
  /** Gives it back, to stand in line again unless the election is closed; after a while when that is said. */
  release(afterMs?: number): void
}

/** Options of {@link Election}. */
export interface ElectionOptions {
  /** Name of the lock. */
  readonly name: string
  readonly locks: TabLocks
  readonly scheduler: SchedulerLike
  /** Tells this tab from others that notice the same silence, in [0, 1): not all take the lead at once. */
  readonly rank: number
  /** This tab leads from now on. */
  readonly elected: (leadership: Leadership) => unknown
  /** Says that this tab leads. */
  readonly beat: () => void
  /** Asks who leads, and says what this tab wants. */
  readonly ask: () => void
}

/** How often a tab looks at the clock, ms. */
const LOOK_MS = 250
/** How often a leader says that it leads, ms. */
const BEAT_MS = 1_000
/** How often other tabs say that they are there, ms: a leader forgets those that do not. */
const HERE_MS = 10_000
/** After so long without a word of the leader it is asked, ms: in a tab in the background, timers may rest for a minute. */
const SILENT_MS = 2_000
/**
 * So long its answer is waited for, ms. A tab that does not even answer is frozen: nothing runs there, and yet it has the
 * lock.
 * @limit The lock is taken away from it. When it wakes, it stops.
 */
const ANSWER_MS = 1_200
/** Tabs that have noticed the same silence act over so long, ms. */
const SPREAD_MS = 400
/** Who has not looked at the clock for so long has slept, ms: then the silence was his own. */
const SLEPT_MS = 1_500

/** A leadership, and what ends it from outside. */
interface Held {
  readonly leadership: Leadership
  readonly lose: () => void
}

/** Finds the one tab that leads: who has the lock, unless it has been silent for too long. */
export class Election {
  readonly #options: ElectionOptions
  readonly #timer: Subscription
  /** Ends standing in line for the lock. */
  #inLine: AbortController | undefined
  #leading: Held | undefined
  /** The highest term that was heard of. */
  #term = 0
  #heardAt: number
  #askedAt: number | undefined
  #lookedAt: number
  #saidAt: number
  #isClosed = false

  constructor(options: ElectionOptions) {
    this.#options = options
    const { scheduler } = options
    this.#heardAt = this.#lookedAt = this.#saidAt = scheduler.now()
    const look = (): void => this.#look()
    this.#timer = scheduler.schedule(function () {
      look()
      this.schedule(undefined, LOOK_MS)
    }, LOOK_MS)
    this.#standInLine()
  }

  /** A tab has said that it leads. Returns whether it does, as far as is known here. */
  heard(term: number): boolean {
    if (term < this.#term) return false
    if (this.#leading !== undefined && term > this.#leading.leadership.term) this.#leading.lose()
    this.#term = term
    this.#heardAt = this.#options.scheduler.now()
    this.#askedAt = undefined
    return true
  }

  close(): void {
    this.#isClosed = true
    this.#timer.unsubscribe()
    this.#inLine?.abort()
    this.#leading?.leadership.release()
  }

  #look(): void {
    const { scheduler, beat, ask, rank } = this.#options
    const now = scheduler.now()
    const hasSlept = now - this.#lookedAt > SLEPT_MS
    this.#lookedAt = now
    if (this.#leading !== undefined) {
      if (now - this.#saidAt < BEAT_MS) return
      this.#saidAt = now
      return beat()
    }
    if (hasSlept) {
      this.#heardAt = now
      this.#askedAt = undefined
      return this.#say(now, ask)
    }
    // It rests, after it could not lead.
    if (this.#inLine === undefined) return
    if (this.#askedAt !== undefined) {
      if (now - this.#askedAt >= ANSWER_MS + rank * SPREAD_MS) this.#takeAway()
      return
    }
    if (now - this.#heardAt >= SILENT_MS) {
      this.#askedAt = now
      return this.#say(now, ask)
    }
    if (now - this.#saidAt >= HERE_MS) this.#say(now, ask)
  }

  #say(now: number, ask: () => void): void {
    this.#saidAt = now
    ask()
  }

  #standInLine(): void {
    if (this.#isClosed) return
    this.#inLine = new AbortController()
    this.#request({ signal: this.#inLine.signal })
  }

  /** From a leader that is frozen. */
  #takeAway(): void {
    this.#inLine?.abort()
    this.#inLine = undefined
    this.#heardAt = this.#options.scheduler.now()
    this.#askedAt = undefined
    this.#request({ steal: true })
  }

  #request(how: { readonly signal: AbortSignal } | { readonly steal: true }): void {
    const { name, locks } = this.#options
    let mine: Held | undefined
    const held = (): Promise<void> =>
      new Promise((released) => {
        if (this.#isClosed || this.#leading !== undefined) return released()
        mine = this.#lead(released)
      })
    const isOver = (): void => {
      if (mine !== undefined) mine.lose()
      else if ('steal' in how && this.#inLine === undefined) this.#standInLine()
    }
    // Ends when the lock is given back, or taken away; and at once where standing in line was given up.
    new Promise((resolve) => resolve(locks.request(name, how, held))).then(isOver, isOver)
  }

  #lead(released: () => void): Held {
    const { scheduler, elected } = this.#options
    const lost = new AbortController()
    const now = scheduler.now()
    const end = (): boolean => {
      if (this.#leading !== leading) return false
      this.#leading = undefined
      this.#inLine = undefined
      this.#heardAt = this.#lookedAt = scheduler.now()
      released()
      return true
    }
    const leading: Held = {
      leadership: {
        term: Math.max(Math.floor(now), this.#term + 1),
        lost: lost.signal,
        release: (afterMs = 0) => {
          if (!end() || this.#isClosed) return
          if (afterMs === 0) this.#standInLine()
          else this.#timer.add(scheduler.schedule(() => this.#standInLine(), afterMs))
        },
      },
      lose: () => {
        if (!end()) return
        lost.abort(new StoreLockedError('another tab has taken the lead'))
        this.#standInLine()
      },
    }
    this.#leading = leading
    this.#term = leading.leadership.term
    this.#saidAt = now
    elected(leading.leadership)
    return leading
  }
}
