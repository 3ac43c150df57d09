import type { Change } from '@reliable-channels/store'
import type { LogFields } from '../history/log-entry.ts'
import type { Horizon } from '../parts/horizons.ts'
import type { Journal, Named } from '../parts/journal.ts'
import type { MetId } from '../parts/met-ids.ts'
import {
  type AnswerRecord,
  CLOCK_KEY,
  type ClockRecord,
  type HorizonKind,
  LIFE_KEY,
  type LifeRecord,
  type MissingRecord,
  type Numbered,
  type OutgoingRecord,
  SHARED_KEY,
  encodeAnswer,
  encodeClock,
  encodeHorizon,
  encodeLife,
  encodeLogEntry,
  encodeMet,
  encodeMissing,
  encodeOutgoing,
  encodeParked,
  encodeShared,
  horizonKey,
  keyOf,
} from './records.ts'

/** Writes the records of a participant. */
export class StoredJournal implements Journal {
  #changes: Change[] = []
  /** Entries that an older version stored under keys that do not name them. */
  readonly #unnamed = new Set<number>()

  get isEmpty(): boolean {
    return this.#changes.length === 0
  }

  /** An entry of that name is stored, and its key says nothing of its id. */
  restoreUnnamed(sequence: number): void {
    this.#unnamed.add(sequence)
  }

  clock(clock: ClockRecord): void {
    this.#put(CLOCK_KEY, encodeClock(clock))
  }

  life(record: LifeRecord): void {
    this.#put(LIFE_KEY, encodeLife(record))
  }

  message(entry: LogFields): void {
    this.#put(this.#keyOf('log', entry), encodeLogEntry(entry, this.#isNamed(entry)))
  }

  met(id: MetId): void {
    this.#put(this.#keyOf('met', id), encodeMet(id, this.#isNamed(id)))
  }

  parked(sequence: number, since: number): void {
    this.#put(keyOf('parked', sequence), encodeParked(since))
  }

  outgoing(sequence: number, record: OutgoingRecord): void {
    this.#put(keyOf('out', sequence), encodeOutgoing(record))
  }

  missing(sequence: number, record: MissingRecord): void {
    this.#put(keyOf('missing', sequence), encodeMissing(record))
  }

  answer(sequence: number, record: AnswerRecord): void {
    this.#put(keyOf('answer', sequence), encodeAnswer(record))
  }

  horizon(kind: HorizonKind, horizon: Horizon): void {
    this.#put(horizonKey(kind, horizon), encodeHorizon(horizon))
  }

  /** It was told of the entries up to there that two wrote at once. */
  shared(sequence: number): void {
    this.#put(SHARED_KEY, encodeShared(sequence))
  }

  forgetNamed(kind: 'log' | 'met', entry: Named): void {
    this.forgetKey(this.#keyOf(kind, entry))
  }

  forget(kind: Numbered, sequence: number): void {
    this.forgetKey(keyOf(kind, sequence))
  }

  forgetHorizon(kind: HorizonKind, horizon: Horizon): void {
    this.forgetKey(horizonKey(kind, horizon))
  }

  forgetKey(key: string): void {
    this.#put(key, undefined)
  }

  take(): readonly Change[] {
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  /** Whether the key of an entry names the id. */
  #isNamed({ sequence, messageId }: Named): boolean {
    return messageId.isWellFormed() && !this.#unnamed.has(sequence)
  }

  /** Under which key an entry is stored that has an id. */
  #keyOf(kind: 'log' | 'met', entry: Named): string {
    const numbered = keyOf(kind, entry.sequence)
    return this.#isNamed(entry) ? `${numbered}/${entry.messageId}` : numbered
  }

  #put(key: string, value: Uint8Array | undefined): void {
    this.#changes.push({ key, value })
  }
}
