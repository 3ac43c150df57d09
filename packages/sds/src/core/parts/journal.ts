import { EntryNumbers } from '@reliable-channels/stage/core'
import type { Change } from '@reliable-channels/store'
import type { Settings } from '../options.ts'

/** The changes that the present step wants stored, and the numbers that name entries in the store. */
export class Journal {
  /** Whether anything is stored: else neither keys nor values need to be made. */
  readonly isKept: boolean
  #changes: Change[] = []
  readonly #numbers: EntryNumbers

  constructor({ persistent, writer }: Settings) {
    this.isKept = persistent
    // The number of an entry that is never stored needs no writer, and shorter numbers take less memory.
    this.#numbers = new EntryNumbers(persistent ? writer : undefined)
  }

  get isEmpty(): boolean {
    return this.#changes.length === 0
  }

  /** Names the next entry. */
  get sequence(): number {
    return this.#numbers.next
  }

  /** Names an entry. */
  takeSequence(): number {
    return this.#numbers.take()
  }

  /** An entry of that name is stored. */
  restore(sequence: number): void {
    this.#numbers.restore(sequence)
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
