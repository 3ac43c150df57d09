import { EntryNumbers } from '@reliable-channels/stage/core'
import type { Change } from '@reliable-channels/store'
import type { Settings } from '../options.ts'

/** An entry of the store that has an id. */
export interface Named {
  readonly sequence: number
  readonly messageId: string
}

/** The changes that the present step wants stored, and the numbers that name entries in the store. */
export class Journal {
  /** Whether anything is stored: else neither keys nor values need to be made. */
  readonly isKept: boolean
  #changes: Change[] = []
  /** Entries that an older version stored under keys that do not name them. */
  readonly #unnamed = new Set<number>()
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

  /** An entry of that name is stored, and its key says nothing of its id. */
  restoreUnnamed(sequence: number): void {
    this.#unnamed.add(sequence)
  }

  /** Whether the key of an entry names the id. */
  isNamed({ sequence, messageId }: Named): boolean {
    return messageId.isWellFormed() && !this.#unnamed.has(sequence)
  }

  /** Under which key an entry is stored that has an id. */
  keyOf(kind: 'log' | 'met', entry: Named): string {
    const numbered = `${kind}/${entry.sequence.toString(36)}`
    return this.isNamed(entry) ? `${numbered}/${entry.messageId}` : numbered
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
