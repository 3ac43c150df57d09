import type { Change } from '@reliable-channels/store'
import type { Settings } from '../options.ts'

/** What the present step wants stored, and the numbers that name entries in the store. */
export class Journal {
  /** Whether anything is stored: else neither keys nor values need to be made. */
  readonly isKept: boolean
  #changes: Change[] = []
  #sequence = 0

  constructor({ persistent }: Settings) {
    this.isKept = persistent
  }

  get isEmpty(): boolean {
    return this.#changes.length === 0
  }

  /** Names the next entry. */
  get sequence(): number {
    return this.#sequence
  }

  /** Names an entry. */
  takeSequence(): number {
    return this.#sequence++
  }

  /** An entry of that name is stored. */
  restore(sequence: number): void {
    this.#sequence = Math.max(this.#sequence, sequence + 1)
  }

  /** Stores a value, or deletes what is `undefined`. */
  put(key: string, value: Uint8Array | undefined): void {
    this.#changes.push({ key, value })
  }

  /** Takes out what is to be stored. */
  take(): readonly Change[] {
    const changes = this.#changes
    this.#changes = []
    return changes
  }
}
