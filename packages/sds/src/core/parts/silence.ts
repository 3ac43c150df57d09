import { type Settings, isTight } from '../settings.ts'
import type { Arrivals } from './arrivals.ts'
import type { Due, Timers } from './due-heap.ts'
import type { Group } from './group.ts'

/** Falls due when nobody has spoken for so long that a periodic sync message is to be sent. */
export interface PeriodicSync {
  readonly type: 'periodic-sync'
}

const PERIODIC_SYNC: PeriodicSync = { type: 'periodic-sync' }

/** After content the first silence is so much of the periodic one, and shorter where much is lost. */
const FIRST = 0.4
const FIRST_BY_LOSS = 0.01
/** While all are level, silences grow up to so many times the periodic one. */
const LONGEST = 20

/** How long nobody has spoken, and after how long a silence this participant does. LIP-109, "Periodic Sync Message". */
export class Silence {
  readonly #settings: Pick<Settings, 'ackSyncMaxMs' | 'periodicSyncMs' | 'paceMs' | 'random'>
  readonly #group: Group
  readonly #arrivals: Arrivals
  readonly #timers: Timers<PeriodicSync>
  #lastSpokeAt = 0
  /** Silence after which a periodic sync message is due: short after content, then ever longer. */
  #quietMs: number
  #due: Due | undefined
  #hasBegun = false

  constructor(settings: Settings, group: Group, arrivals: Arrivals, timers: Timers<PeriodicSync>) {
    this.#settings = settings
    this.#group = group
    this.#arrivals = arrivals
    this.#timers = timers
    this.#quietMs = settings.periodicSyncMs
  }

  /** When a message of somebody was last heard, or sent. */
  get lastSpokeAt(): number {
    return this.#lastSpokeAt
  }

  /** From now on there are timers. */
  begin(now: number): void {
    this.#hasBegun = true
    this.#lastSpokeAt = now
  }

  /** A message of somebody was heard, or sent. */
  spoken(now: number): void {
    this.#lastSpokeAt = now
  }

  /** Whether it has lasted long enough for a periodic sync message. */
  isOver(now: number): boolean {
    return this.#lastSpokeAt + this.#quietMs <= now
  }

  /** Plans the next periodic sync message. */
  plan(): void {
    this.#timers.remove(this.#due)
    this.#due = undefined
    const { periodicSyncMs, random } = this.#settings
    if (periodicSyncMs === 0 || periodicSyncMs === Infinity) return
    const quietMs = this.#quietMs
    const moreMs = isTight(this.#settings) ? this.#group.backoffMs(quietMs) : random() * quietMs
    this.#due = this.#timers.add(this.#lastSpokeAt + quietMs + moreMs, PERIODIC_SYNC)
  }

  /**
   * Content came or went: whoever missed the end of it hears of that only when somebody speaks again. So the next silence
   * is short, and each one after it twice as long, up to the periodic one.
   */
  shorten(): void {
    const { ackSyncMaxMs, periodicSyncMs, paceMs } = this.#settings
    const first = Math.min(FIRST, FIRST_BY_LOSS / this.#arrivals.leastLoss) * periodicSyncMs
    const shortest = Math.min(
      Math.max(isTight(this.#settings) ? 0 : first, 2 * ackSyncMaxMs, paceMs),
      periodicSyncMs,
    )
    if (this.#quietMs === shortest) return
    this.#quietMs = shortest
    if (this.#hasBegun) this.plan()
  }

  /** One was broken by a periodic sync message, or would have been: the next is twice as long. */
  lengthen(now: number): void {
    this.#lastSpokeAt = now
    const longest = isTight(this.#settings) ? 1 : LONGEST
    this.#quietMs = Math.min(2 * this.#quietMs, longest * this.#settings.periodicSyncMs)
  }

  /** Another has broken it with what this participant would say. Those who speak at once break one silence. */
  broken(now: number): void {
    if (now - this.#lastSpokeAt > this.#quietMs / 2) this.lengthen(now)
    else this.#lastSpokeAt = now
  }

  /** The clock was moved. */
  shift(ms: number): void {
    this.#lastSpokeAt += ms
  }
}
