import type { Settings } from '../settings.ts'
import { ensure } from './ensure.ts'
import type { Copied, OutgoingMessage } from './outgoing-message.ts'
import type { RoundTrips } from './round-trips.ts'

/** Only {@link Copies} writes what it keeps of a message. */
type Own = { -readonly [K in keyof Copied]: Copied[K] }

/** Copies after one that came, of which the network may deliver some earlier. RFC 9002, "Packet Threshold". */
const OUT_OF_ORDER = 3
/** The end of a dispatch that is reported later says nothing of who lacked the message meanwhile, ms. */
const LATE_REPORT_MS = 500

/** The copies of own messages that were made, by which it is told which of them are lost. RFC 9002, "Loss Detection". */
export class Copies {
  readonly #settings: Pick<Settings, 'dispatch' | 'encoding'>
  readonly #roundTrips: RoundTrips
  #count = 0
  #isReported: boolean
  /** Messages of which a copy was made, in the order of the latest of each. */
  #first: OutgoingMessage | undefined
  #last: OutgoingMessage | undefined

  constructor(settings: Settings, roundTrips: RoundTrips) {
    this.#settings = settings
    this.#roundTrips = roundTrips
    this.#isReported = settings.dispatch === 'reported' || settings.encoding === 'at-release'
  }

  /** Number of the latest copy. */
  get count(): number {
    return this.#count
  }

  /** Whether dispatches are reported. */
  get isReported(): boolean {
    return this.#isReported
  }

  /** A dispatch was reported: others are to be, unless the settings say otherwise. */
  dispatchReported(): void {
    const { dispatch, encoding } = this.#settings
    if (encoding === 'at-once') this.#isReported = dispatch !== 'immediate'
  }

  /** A copy that leaves is made, when so much has arrived. */
  made(message: OutgoingMessage, arrivals: number, now: number): void {
    const own: Own = message
    own.filterKnows = arrivals
    own.madeAt = now
    own.copy = ++this.#count
    if (!own.isLacked) own.lackedBy = undefined
    this.#moveToEnd(message)
  }

  /** A copy was put out, whose dispatch will be reported. */
  putOut(message: OutgoingMessage): void {
    const own: Own = message
    own.onTheWay = true
  }

  /** A copy was dispatched, or that was tried. Returns whether it is the first. */
  dispatched(message: OutgoingMessage, now: number): boolean {
    const own: Own = message
    const isFirst = !own.left
    own.onTheWay = false
    own.left = true
    own.dispatchedAt = now
    own.isLacked = false
    return isFirst
  }

  /** A copy was not wanted. Returns whether it was on its way. */
  withdrawn(message: OutgoingMessage): boolean {
    const own: Own = message
    const wasOnTheWay = own.onTheWay
    own.onTheWay = false
    return wasOnTheWay
  }

  /** The machine has started again: as if a copy had left then. */
  startAgain(message: OutgoingMessage, leftAt: number): void {
    this.leftAt(message, leftAt)
    this.#moveToEnd(message)
  }

  /** As if a copy had left then, of which nothing else is known. */
  leftAt(message: OutgoingMessage, leftAt: number): void {
    const own: Own = message
    own.dispatchedAt = leftAt
  }

  /** The message is done with. */
  drop(message: OutgoingMessage): void {
    const { before, after } = message
    if (before === undefined && this.#first !== message) return
    if (before === undefined) this.#first = after
    else (before as Own).after = after
    if (after === undefined) this.#last = before
    else (after as Own).before = before
  }

  /**
   * Messages that somebody would have by now, the one that was wrapped first first.
   *
   * @param copy The latest copy that has come to him.
   */
  expectedBy(by: string, copy: number, now: number): readonly OutgoingMessage[] {
    const windowMs = this.#roundTrips.windowMs(by)
    const expected: OutgoingMessage[] = []
    for (let message = this.#first; message !== undefined; message = message.after) {
      if (!isOvertaken(message, copy) && now - message.madeAt < windowMs) break
      expected.push(message)
    }
    return expected.toSorted((a, b) => a.number - b.number)
  }

  /**
   * Somebody is seen to lack a message. Returns whether that means that its latest copy is lost, and not on its way.
   *
   * @param isSure He has had something that left later.
   */
  isLostFor(message: OutgoingMessage, by: string, now: number, isSure: boolean): boolean {
    const own: Own = message
    const windowMs = this.#roundTrips.windowMs(by)
    if (own.onTheWay) {
      if (own.left && own.isLacked) return false
      if (isSure || now - own.madeAt >= windowMs) {
        own.lackedAt = now
        own.lackedBy = by
      }
      return false
    }
    if (!own.left) return false
    // It may have waited between its making and its dispatch.
    return isSure || now - Math.max(own.madeAt, own.dispatchedAt - windowMs) >= windowMs
  }

  /** Somebody lacks a message: a copy leaves for that reason. */
  lacked(message: OutgoingMessage, by: string): void {
    const own: Own = message
    own.isLacked = true
    own.lackedBy = by
  }

  /** Who was seen to lack a message while the copy was on its way that is now dispatched; asked once. */
  takeLackedBy(message: OutgoingMessage, now: number): string | undefined {
    const own: Own = message
    const { lackedAt } = own
    own.lackedAt = undefined
    return lackedAt !== undefined && now - lackedAt < LATE_REPORT_MS ? own.lackedBy : undefined
  }

  /** The clock was moved. */
  shift(ms: number): void {
    for (let own: Own | undefined = this.#first; own !== undefined; own = own.after) {
      own.dispatchedAt += ms
      own.madeAt += ms
    }
  }

  check(): void {
    let before: OutgoingMessage | undefined
    for (let message = this.#first; message !== undefined; message = message.after) {
      ensure(message.before === before && (before?.copy ?? 0) <= message.copy, 4)
      before = message
    }
    ensure(before === this.#last, 4)
  }

  #moveToEnd(message: OutgoingMessage): void {
    if (this.#last === message) return
    this.drop(message)
    const own: Own = message
    own.before = this.#last
    own.after = undefined
    if (this.#last === undefined) this.#first = message
    else (this.#last as Own).after = message
    this.#last = message
  }
}

/** Whether what left so much later has come that this copy would have, were it not lost. */
export const isOvertaken = (message: OutgoingMessage, copy: number): boolean =>
  message.copy + OUT_OF_ORDER <= copy
