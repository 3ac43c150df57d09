import type { Settings } from '../settings.ts'
import type { Due, Timers } from './due-heap.ts'

/** Falls due when messages that are given up are looked for once more. */
export interface SearchAgain {
  readonly type: 'search-again'
}

const SEARCH_AGAIN: SearchAgain = { type: 'search-again' }

/**
 * When messages that were given up are looked for once more: when something leaves again, or somebody is heard again. A
 * search takes as long as giving up did, and there is one at a time, whatever others do.
 */
export class Search {
  readonly #settings: Pick<Settings, 'lostAfterMs'>
  readonly #timers: Timers<SearchAgain>
  #due: Due | undefined
  #endsAt = -Infinity

  constructor(settings: Pick<Settings, 'lostAfterMs'>, timers: Timers<SearchAgain>) {
    this.#settings = settings
    this.#timers = timers
  }

  /** Plans a search: for now, or for when the last one has ended. */
  plan(now: number): void {
    if (this.#due?.isGone === false) return
    this.#due = this.#timers.add(Math.max(now, this.#endsAt), SEARCH_AGAIN)
  }

  /** A search begins. */
  begin(now: number): void {
    this.#endsAt = now + this.#settings.lostAfterMs
  }

  /** The clock was moved; timers are moved elsewhere. */
  shift(ms: number): void {
    this.#endsAt += ms
  }
}
