import type { Settings } from '../options.ts'
import type { Due, Timers } from './due-heap.ts'
import type { Group } from './group.ts'

/** Falls due when nobody has spoken for so long that a periodic sync message is to be sent. */
export interface PeriodicSync {
  readonly type: 'periodic-sync'
}

const PERIODIC_SYNC: PeriodicSync = { type: 'periodic-sync' }

/** How long nobody has spoken, and after how long a silence this participant does. LIP-109, "Periodic Sync Message". */
export class Silence {
  readonly #settings: Pick<Settings, 'ackSyncMaxMs' | 'periodicSyncMs' | 'paceMs'>
  readonly #group: Group
  readonly #timers: Timers<PeriodicSync>
  #lastSpokeAt = 0
  /** Silence after which a periodic sync message is due: short after content, then ever longer. */
  #quietMs: number
  #due: Due | undefined
  #hasBegun = false

  constructor(settings: Settings, group: Group, timers: Timers<PeriodicSync>) {
    this.#settings = settings
    this.#group = group
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
    const { periodicSyncMs } = this.#settings
    if (periodicSyncMs === 0 || periodicSyncMs === Infinity) return
    const due = this.#lastSpokeAt + this.#quietMs + this.#group.backoffMs(this.#quietMs)
    this.#due = this.#timers.add(due, PERIODIC_SYNC)
  }

  /**
   * Content came or went: whoever missed the end of it hears of that only when somebody speaks again. So the next silence
   * is short, and each one after it twice as long, up to the periodic one.
   */
  shorten(): void {
    const { ackSyncMaxMs, periodicSyncMs, paceMs } = this.#settings
    const shortest = Math.min(Math.max(2 * ackSyncMaxMs, paceMs), periodicSyncMs)
    if (this.#quietMs === shortest) return
    this.#quietMs = shortest
    if (this.#hasBegun) this.plan()
  }

  /** One was broken by a periodic sync message, or would have been: the next is twice as long. */
  lengthen(now: number): void {
    this.#lastSpokeAt = now
    this.#quietMs = Math.min(2 * this.#quietMs, this.#settings.periodicSyncMs)
  }

  /** The clock was moved. */
  shift(ms: number): void {
    this.#lastSpokeAt += ms
  }
}
