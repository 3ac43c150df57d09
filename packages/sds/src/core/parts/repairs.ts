import { SparseMap, type EntryNumbers } from '@reliable-channels/stage/core'
import { type Settings, isTight } from '../settings.ts'
import type { Due, Timers } from './due-heap.ts'
import { ensure } from './ensure.ts'
import type { Journal } from './journal.ts'
import type { Lifetime } from './lifetime.ts'
import { SharedPlaces } from './shared-places.ts'
import type { AnswerRecord } from '../store/records.ts'

/** Falls due when a message that others asked for is to be given. */
export interface Answer {
  readonly type: 'respond'
  readonly messageId: string
}

/** A repair that was given. */
export interface GivenRepair {
  /** When it was made, or left. */
  readonly at: number
  /** Its dispatch has not been reported. */
  readonly onTheWay: boolean
  /** Another has sent the message before this repair left. */
  readonly superseded: boolean
}

type Own = { -readonly [K in keyof GivenRepair]: GivenRepair[K] }

/** So long a time's bytes of repairs leave at once. */
const BURST_MS = 1_000
/**
 * Repairs on their way at once where the quota is tight: own content waits behind them. They are half of what an epoch
 * lets out, if that is less, and one at least.
 * @limit Further ones are put off.
 */
const MOST_ON_THE_WAY = 8

/** Messages that others have asked for, and those given to them lately (SDS-R). */
export class Repairs {
  readonly #settings: Pick<Settings, 'repair' | 'paceMs' | 'epochMs'>
  readonly #timers: Timers<Answer>
  readonly #journal: Journal | undefined
  readonly #numbers: EntryNumbers
  readonly #lifetime: Lifetime
  /** Who asked for what is to be given: asker → message ids. */
  readonly #askers = new SparseMap<string, Set<string>>()
  /** Those to be given, by message id. */
  readonly #answers = new SparseMap<string, Due>()
  /** Who asked first for each, and how many there are of each asker: nobody's requests leave no place for another's. */
  readonly #askerOf = new SparseMap<string, string>()
  readonly #places = new SharedPlaces<string>(Infinity)
  /** How often they were asked for since they were planned. */
  readonly #askedAgain = new SparseMap<string, number>()
  /** The numbers under which they are stored. */
  readonly #stored = new SparseMap<string, number>()
  /** Those on their way, or given lately, by message id, oldest first. */
  readonly #given = new SparseMap<string, Own>()
  /** When the bytes given so far have had their time. */
  #paidUntil = 0

  constructor(
    settings: Settings,
    timers: Timers<Answer>,
    lifetime: Lifetime,
    numbers: EntryNumbers,
    journal: Journal | undefined,
  ) {
    this.#settings = settings
    this.#timers = timers
    this.#journal = journal
    this.#numbers = numbers
    this.#lifetime = lifetime
  }

  /** Whether there is room for another that `asker` asks for; where all is taken, of whoever has asked for much more. */
  makeRoomFor(asker: string): boolean {
    if (!this.#isFull) return true
    const other = this.#places.toMakeRoomFor(asker)
    if (other === undefined) return false
    this.#timers.remove(this.#answers.get(other))
    this.fallDue(other)
    return !this.#isFull
  }

  /** Whether a message is to be given already, or is on its way. */
  isUnderWay(messageId: string): boolean {
    return this.#answers.has(messageId) || this.#given.get(messageId)?.onTheWay === true
  }

  /** Whether a message was given less than so long ago. */
  wasGiven(messageId: string, withinMs: number, now: number): boolean {
    const given = this.#given.get(messageId)
    return given !== undefined && now - given.at < withinMs
  }

  /** Plans to give an own message now. */
  planOwn(messageId: string, asker: string, now: number): void {
    this.#askedBy(messageId, asker)
    this.#answerAt(messageId, now)
  }

  /**
   * Plans to give a message of another at `due`, or later where it was given not long ago.
   *
   * @param pauseMs How long after it was given it is given again at the earliest; half of T_min unless said.
   */
  plan(messageId: string, asker: string, due: number, pauseMs: number = this.#pauseMs): void {
    const given = this.#given.get(messageId)
    const at = Math.max(due, given === undefined ? 0 : given.at + pauseMs)
    this.#askedBy(messageId, asker)
    this.#answerAt(messageId, at)
    this.#store(messageId, at)
    const asked = this.#askers.get(asker)
    if (asked === undefined) this.#askers.set(asker, new Set([messageId]))
    else asked.add(messageId)
  }

  /** A message that is to be given later is asked for again. Returns how often since. */
  askAgain(messageId: string): number {
    if (!this.#answers.has(messageId)) return 0
    const times = (this.#askedAgain.get(messageId) ?? 0) + 1
    this.#askedAgain.set(messageId, times)
    return times
  }

  /** A message that is to be given is given at `due`, if that is sooner. */
  hasten(messageId: string, due: number): void {
    const answer = this.#answers.get(messageId)
    if (answer === undefined || answer.due <= due) return
    this.#answerAt(messageId, due)
    this.#store(messageId, due)
  }

  /** An earlier process was to give a message, at that time of the participant's life. */
  goOn(sequence: number, { messageId, due }: AnswerRecord, now: number): void {
    this.#stored.set(messageId, sequence)
    this.#answerAt(messageId, now + Math.max(0, due - this.#lifetime.lived))
  }

  /** Whether anything is to be given. */
  get isAnswering(): boolean {
    return this.#answers.size > 0
  }

  /** Whether a participant waits for anything. */
  isAwaitedBy(asker: string): boolean {
    return this.#askers.has(asker)
  }

  /** A participant has shown what he has: he need not be given that any more. */
  reviewAsked(asker: string, has: (messageId: string) => boolean): void {
    for (const messageId of this.#askers.get(asker) ?? []) {
      if (!this.#answers.has(messageId)) this.#forgetAsker(asker, messageId)
      else if (has(messageId)) {
        this.#forgetAsker(asker, messageId)
        this.supersede(messageId)
      }
    }
  }

  /** Somebody has sent the message: nobody needs it from here any more. */
  supersede(messageId: string): void {
    const given = this.#given.get(messageId)
    if (given?.onTheWay) given.superseded = true
    const answer = this.#answers.get(messageId)
    if (answer === undefined) return
    this.#timers.remove(answer)
    this.fallDue(messageId)
  }

  /** The time to give a message has come. */
  fallDue(messageId: string): void {
    this.#answers.delete(messageId)
    this.#askedAgain.delete(messageId)
    const asker = this.#askerOf.get(messageId)
    if (asker !== undefined) {
      this.#places.giveBack(asker, messageId)
      this.#askerOf.delete(messageId)
    }
    const sequence = this.#stored.get(messageId)
    if (sequence === undefined) return
    this.#stored.delete(messageId)
    this.#journal?.forget('answer', sequence)
  }

  /** Puts off what is due where too much is on its way, or was given. Returns whether it did. */
  putOff(messageId: string, now: number): boolean {
    const isLineFull = isTight(this.#settings) && this.#onTheWay() >= this.#mostOnTheWay
    const due = isLineFull ? now + this.#settings.paceMs : this.#paidUntil - BURST_MS
    if (due <= now) return false
    this.#answerAt(messageId, due)
    return true
  }

  /** A message is given. */
  give(messageId: string, now: number, onTheWay: boolean): GivenRepair {
    const repair = { at: now, onTheWay, superseded: false }
    this.#given.delete(messageId)
    this.#given.set(messageId, repair)
    return repair
  }

  /** Whether there is still need of a repair that was given. */
  isWanted(messageId: string, repair: GivenRepair): boolean {
    return this.#given.get(messageId) === repair && !repair.superseded
  }

  /** So many bytes are given. */
  pay(bytes: number, now: number): void {
    const costMs = (1_000 * bytes) / this.#settings.repair.maxBytesPerSecond
    this.#paidUntil = Math.max(this.#paidUntil, now) + costMs
  }

  /** A repair left, or that was tried, or was no longer needed: from now on the message may be asked for again. */
  end(messageId: string, now: number): void {
    if (this.#given.get(messageId)?.onTheWay) this.give(messageId, now, false)
  }

  /** Forgets which messages were given long enough ago. */
  forget(now: number): void {
    if (this.#answers.size === 0 && this.#askers.size > 0) this.#askers.clear()
    if (this.#given.size === 0) return
    const before = now - this.#pauseMs
    for (const [messageId, { at, onTheWay }] of this.#given) {
      if (at > before) return
      if (!onTheWay) this.#given.delete(messageId)
    }
  }

  /** The clock was moved. */
  shift(ms: number): void {
    this.#paidUntil += ms
    for (const repair of this.#given.values()) repair.at += ms
  }

  check(): void {
    const { maxResponses } = this.#settings.repair
    ensure(this.#answers.size <= maxResponses && this.#given.size <= maxResponses, 6)
    for (const messageId of this.#askedAgain.keys()) ensure(this.#answers.has(messageId), 6)
    for (const messageId of this.#askerOf.keys()) ensure(this.#answers.has(messageId), 6)
    ensure(this.#places.size === this.#askerOf.size, 6)
    for (const messageId of this.#stored.keys()) ensure(this.#answers.has(messageId), 6)
  }

  /** A message is given again after so long at the earliest: half of the shortest time after which it is asked for again. */
  get #pauseMs(): number {
    return this.#settings.repair.tMinMs / 2
  }

  get #isFull(): boolean {
    return this.#answers.size + this.#given.size >= this.#settings.repair.maxResponses
  }

  get #mostOnTheWay(): number {
    const { paceMs, epochMs } = this.#settings
    if (epochMs === 0) return MOST_ON_THE_WAY
    return Math.min(MOST_ON_THE_WAY, Math.max(1, Math.floor(epochMs / paceMs / 2)))
  }

  #askedBy(messageId: string, asker: string): void {
    if (this.#askerOf.has(messageId)) return
    this.#askerOf.set(messageId, asker)
    this.#places.take(asker, messageId)
  }

  #forgetAsker(asker: string, messageId: string): void {
    const asked = this.#askers.get(asker)
    asked?.delete(messageId)
    if (asked?.size === 0) this.#askers.delete(asker)
  }

  /** It is to be given after a restart too. */
  #store(messageId: string, due: number): void {
    if (this.#journal === undefined) return
    const sequence = this.#stored.get(messageId) ?? this.#numbers.take()
    this.#stored.set(messageId, sequence)
    const lived = this.#lifetime.lived + due - this.#lifetime.now
    this.#journal.answer(sequence, { messageId, due: lived })
  }

  #answerAt(messageId: string, due: number): void {
    this.#timers.remove(this.#answers.get(messageId))
    this.#answers.set(messageId, this.#timers.add(due, { type: 'respond', messageId }))
  }

  #onTheWay(): number {
    let count = 0
    for (const repair of this.#given.values()) if (repair.onTheWay) count++
    return count
  }
}
