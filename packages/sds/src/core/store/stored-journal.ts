import { SparseMap } from '@reliable-channels/stage/core'
import type { Change } from '@reliable-channels/store'
import { equalBytes } from '@reliable-channels/wire'
import type { LogFields } from '../history/log-entry.ts'
import type { Horizon } from '../parts/horizons.ts'
import type { Journal, Named } from '../parts/journal.ts'
import type { MetId } from '../parts/met-ids.ts'
import type { Settings } from '../settings.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { idInKey, looksShortened } from './id-in-key.ts'
import {
  type AnswerRecord,
  type ClockRecord,
  type LifeRecord,
  type MissingRecord,
  type OutgoingRecord,
  encodeAnswer,
  encodeClock,
  encodeHorizon,
  encodeLife,
  encodeMet,
  encodeMissing,
  encodeOutgoing,
  encodeParked,
  encodeShared,
} from './records.ts'
import {
  CLOCK_KEY,
  type HorizonKind,
  LIFE_KEY,
  type Numbered,
  SHARED_KEY,
  horizonKey,
  keyOf,
} from './stored-keys.ts'
import { encodeLogEntry } from './log-record.ts'

/** Writes the records of a participant. */
export class StoredJournal implements Journal {
  #changes: Change[] = []
  /** The clock, where it is to be stored, and the message that this step stores last. */
  #clock: ClockRecord | undefined
  #message: LogFields | undefined
  /** The clock as it is stored, and the messages whose entries tell it. */
  #known: ClockRecord = { lamport: 0, lastId: { ms: 0, nanos: 0 } }
  #tellsLamport: number | undefined
  #tellsId: number | undefined
  /** The hint of a message, which whoever opens the participant again has too. */
  #hintOf: Settings['retrievalHint'] = () => undefined
  /** How the ids of entries stand in their keys that an older version stored: in full, or not at all. */
  readonly #former = new SparseMap<number, string>()

  get isEmpty(): boolean {
    return this.#changes.length === 0 && this.#clock === undefined && this.#message === undefined
  }

  knowsHints(hintOf: Settings['retrievalHint']): void {
    this.#hintOf = hintOf
  }

  /** An entry of that name is stored, and this is what its key says of its id. */
  restoreId(sequence: number, id: string, inKey: string): void {
    if (inKey === '' || idInKey(id) !== inKey) this.#former.set(sequence, inKey)
  }

  clock({ lamport, lastId }: ClockRecord): void {
    this.#clock = { lamport, lastId }
  }

  life(record: LifeRecord): void {
    this.#put(LIFE_KEY, encodeLife(record))
  }

  message(entry: LogFields): void {
    if (this.#message !== undefined) this.#putMessage(this.#message)
    this.#message = entry
  }

  met(id: MetId): void {
    this.#put(this.#keyOf('met', id), encodeMet(id, this.#isNamed(id)))
  }

  parked(sequence: number, since: number): void {
    // What is parked does not move the clock, and is not asked for its time.
    if (this.#message?.sequence === sequence) this.#putMessage(this.#message)
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
    if (kind === 'log') this.#losesTeller(entry)
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
    this.#putClock()
    if (this.#message !== undefined) this.#putMessage(this.#message)
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  /** The entry of a message with the same time as the clock tells it; only where there is none, the clock has an entry. */
  #putClock(): void {
    const clock = this.#clock
    const message = this.#message
    if (clock === undefined) return
    this.#clock = undefined
    const { ms, nanos } = this.#known.lastId
    const isNewId = clock.lastId.ms !== ms || clock.lastId.nanos !== nanos
    this.#known = clock
    const sequence = message?.lamport === clock.lamport ? message.sequence : undefined
    if (isNewId || sequence === undefined) this.#tellsId = sequence
    this.#tellsLamport = sequence
    if (sequence === undefined) this.#put(CLOCK_KEY, encodeClock(clock))
  }

  #putMessage(entry: LogFields): void {
    this.#message = undefined
    const lastId = entry.sequence === this.#tellsId ? this.#known.lastId : undefined
    const causalHistory = entry.causalHistory.map((named) => this.#withoutKnownHint(named))
    const value = encodeLogEntry(entry, { isNamed: this.#isNamed(entry), lastId, causalHistory })
    this.#put(this.#keyOf('log', entry), value)
  }

  /** A hint that is kept elsewhere is added again when the entry is read. */
  #withoutKnownHint(named: HistoryEntry): HistoryEntry {
    const { messageId, senderId, retrievalHint } = named
    const known = retrievalHint === undefined ? undefined : this.#hintOf(messageId)
    if (known === undefined || !equalBytes(known, retrievalHint!)) return named
    return { messageId, senderId, retrievalHint: undefined }
  }

  /** Where the entry goes that tells the clock, another must. */
  #losesTeller({ sequence }: Named): void {
    if (this.#message?.sequence === sequence) this.#putMessage(this.#message)
    if (sequence === this.#tellsId || sequence === this.#tellsLamport) this.#clock ??= this.#known
  }

  /** Whether the key of an entry names the id. */
  #isNamed({ sequence, messageId }: Named): boolean {
    const former = this.#former.get(sequence)
    if (former !== undefined) return former !== ''
    return messageId.isWellFormed() && !looksShortened(messageId)
  }

  /** Under which key an entry is stored that has an id. */
  #keyOf(kind: 'log' | 'met', entry: Named): string {
    const numbered = keyOf(kind, entry.sequence)
    if (!this.#isNamed(entry)) return numbered
    return `${numbered}/${this.#former.get(entry.sequence) ?? idInKey(entry.messageId)}`
  }

  #put(key: string, value: Uint8Array | undefined): void {
    this.#changes.push({ key, value })
  }
}
