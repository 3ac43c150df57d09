import type { Due } from './due-heap.ts'
import type { WaivedId } from '../input.ts'
import { type LogEntry, bytesOfNames } from '../history/log-entry.ts'
import type { HistoryEntry } from '../wire/message.ts'
import type { Wanted } from './repair-requests.ts'
import type { Work } from './work.ts'

/** A received message that waits for others. */
export interface Parked {
  readonly entry: LogEntry
  /** The fields of its frame beside the payload. */
  readonly frame: object | undefined
  readonly lane: object | undefined
  /** How many of its causal history are missing. */
  waitsFor: number
}

/** A message that others name and that is not here. */
export interface MissingMessage extends Wanted {
  readonly waiting: Parked[]
  /** It was received and is itself parked. */
  isParked: boolean
  /** How often giving it up was put off because it is parked. */
  putOff: number
  /** When it is given up. */
  giveUp: Due<Work> | undefined
}

/** Ids that some parked messages need not wait for, and that are met once those are delivered. */
export interface Waiver {
  readonly messages: readonly WaivedId[]
  /** Dependents that are not delivered yet. */
  pending: number
}

/** What is held back, in total and of each sender. */
interface Tally {
  count: number
  bytes: number
}

/**
 * The buffer of messages with unmet dependencies, indexed by what they wait for: nothing is ever swept.
 * LIP-109, "Participant state".
 */
export class ParkedMessages {
  readonly #parked = new Map<string, Parked>()
  readonly #missing = new Map<string, MissingMessage>()
  readonly #total: Tally = { count: 0, bytes: 0 }
  readonly #bySender = new Map<string, Tally>()
  /** Of the missing, those that are parked. */
  #here = 0

  get size(): number {
    return this.#parked.size
  }

  get bytes(): number {
    return this.#total.bytes
  }

  /** Messages waited for that were not received. */
  get missingCount(): number {
    return this.#missing.size - this.#here
  }

  /** All messages waited for. */
  get waitedForCount(): number {
    return this.#missing.size
  }

  has(messageId: string): boolean {
    return this.#parked.has(messageId)
  }

  parked(): Iterable<Parked> {
    return this.#parked.values()
  }

  missing(): Iterable<MissingMessage> {
    return this.#missing.values()
  }

  getMissing(messageId: string): MissingMessage | undefined {
    return this.#missing.get(messageId)
  }

  /** Messages and bytes parked of a sender. */
  ofSender(senderId: string): Readonly<Tally> {
    return this.#bySender.get(senderId) ?? { count: 0, bytes: 0 }
  }

  park(parked: Parked): void {
    const { entry } = parked
    this.#parked.set(entry.messageId, parked)
    let tally = this.#bySender.get(entry.senderId)
    if (tally === undefined) this.#bySender.set(entry.senderId, (tally = { count: 0, bytes: 0 }))
    const bytes = parkedBytes(entry)
    for (const one of [this.#total, tally]) {
      one.count++
      one.bytes += bytes
    }
    const missing = this.#missing.get(entry.messageId)
    if (missing !== undefined) this.#markHere(missing)
  }

  /** Notes that `entry` is missing; returns it with whether it was not known. */
  miss(entry: HistoryEntry): { missing: MissingMessage; isNew: boolean } {
    const known = this.#missing.get(entry.messageId)
    if (known !== undefined) return { missing: known, isNew: false }
    const missing: MissingMessage = {
      entry,
      waiting: [],
      isParked: false,
      putOff: 0,
      asked: 0,
      deferrals: 0,
      giveUp: undefined,
      request: undefined,
    }
    this.#missing.set(entry.messageId, missing)
    if (this.#parked.has(entry.messageId)) this.#markHere(missing)
    return { missing, isNew: true }
  }

  /** No longer missing; what waited for nothing else is appended to `ready`. */
  found(messageId: string, ready: Parked[]): MissingMessage | undefined {
    const missing = this.#missing.get(messageId)
    if (missing === undefined) return undefined
    this.#missing.delete(messageId)
    if (missing.isParked) this.#here--
    for (const parked of missing.waiting) {
      if (--parked.waitsFor === 0) ready.push(parked)
    }
    return missing
  }

  /** No longer missing, though it did not come: nothing waits for it. */
  forget({ entry }: MissingMessage): void {
    this.#missing.delete(entry.messageId)
  }

  /** Still missing, but `dependents` no longer wait for it; what waited for nothing else is appended to `ready`. */
  excuse(messageId: string, dependents: ReadonlySet<string>, ready: Parked[]): void {
    const missing = this.#missing.get(messageId)
    if (missing === undefined) return
    for (const parked of missing.waiting.splice(0)) {
      if (!dependents.has(parked.entry.messageId)) missing.waiting.push(parked)
      else if (--parked.waitsFor === 0) ready.push(parked)
    }
  }

  /** Takes out a message whose dependencies are met. */
  unpark(parked: Parked): void {
    const { entry } = parked
    this.#parked.delete(entry.messageId)
    const tally = this.#bySender.get(entry.senderId)!
    const bytes = parkedBytes(entry)
    for (const one of [this.#total, tally]) {
      one.count--
      one.bytes -= bytes
    }
    if (tally.count === 0) this.#bySender.delete(entry.senderId)
  }

  #markHere(missing: MissingMessage): void {
    if (missing.isParked) return
    missing.isParked = true
    this.#here++
  }
}

/** What a parked message counts for. */
export const parkedBytes = (entry: LogEntry): number =>
  entry.contentLength + bytesOfNames(entry.causalHistory)
