import type { Due, Timers } from './due-heap.ts'
import type { Lifetime } from './lifetime.ts'

/** Falls due when it is to be stored how long the participant has run. */
export interface NoteLife {
  readonly type: 'note-life'
}

const NOTE_LIFE: NoteLife = { type: 'note-life' }

/** The first time a process stores how long it has run, and the longest from one time to the next, ms. */
const FIRST_MS = 5_000
const LONGEST_MS = 60_000

/**
 * When it is stored how long the participant has run: only while something waits, first soon, for sessions may be short,
 * then after twice the time. A process that is killed loses that much of what its waits had used, no more.
 */
export class LifeNotes {
  readonly #timers: Timers<NoteLife>
  readonly #lifetime: Lifetime
  #due: Due | undefined

  constructor(timers: Timers<NoteLife>, lifetime: Lifetime) {
    this.#timers = timers
    this.#lifetime = lifetime
  }

  /** Whether something waits, as far as was told. */
  get isPlanned(): boolean {
    return this.#due?.isGone === false
  }

  /** Plans the next, if something waits; or takes the plan back. */
  update(waits: boolean, now: number): void {
    if (!waits || !this.#lifetime.isActive) {
      this.#timers.remove(this.#due)
      this.#due = undefined
    } else if (!this.isPlanned) {
      const waitMs = Math.min(LONGEST_MS, Math.max(FIRST_MS, this.#lifetime.age))
      this.#due = this.#timers.add(now + waitMs, NOTE_LIFE)
    }
  }
}
