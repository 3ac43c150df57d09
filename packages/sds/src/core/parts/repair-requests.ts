import type { Settings } from '../options.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { type Due, DueHeap } from './due-heap.ts'
import { ensure } from './ensure.ts'
import { requestDelayMs } from './repair-hash.ts'

/** A missing message, as far as asking for it goes. */
export interface Wanted {
  readonly entry: HistoryEntry
  /** It was received and waits for others: nobody needs to send it. */
  readonly isParked: boolean
  /** How often this participant has asked for it, and has deferred to others who ask since. */
  readonly asked: number
  readonly deferrals: number
  /** When its repair is asked for. */
  readonly request: Due | undefined
}

/** Only {@link RepairRequests} writes what it keeps of a missing message. */
type Own = { -readonly [K in keyof Wanted]: Wanted[K] }

/** After so many requests in vain, each further wait is twice as long: perhaps nobody has the message. */
const PATIENT_REQUESTS = 5
/** How often a participant defers to others who ask. @limit It asks again itself. */
const MOST_DEFERRALS = 3

const NONE: readonly Wanted[] = []

/**
 * Asking for missing messages (SDS-R). A missing message is in one of three places: it waits for its T_req, is then
 * eligible until it is asked for, and waits again with a new T_req, until it arrives or is given up. What finds no room
 * there waits for room.
 */
export class RepairRequests {
  readonly #settings: Pick<Settings, 'dialect' | 'participantId' | 'random' | 'repair'>
  readonly #waiting = new DueHeap<Wanted>()
  /** Those whose time to be asked for has come, in that order. */
  readonly #eligible = new Set<Wanted>()
  #eligibleSince = 0
  readonly #withoutRoom = new Set<Wanted>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** How many are to be asked for. */
  get size(): number {
    return this.#waiting.size + this.#eligible.size + this.#withoutRoom.size
  }

  /** When the next one becomes eligible. */
  get next(): number | undefined {
    return this.#waiting.next
  }

  /** Whether something may be asked for now. */
  get hasEligible(): boolean {
    return this.#eligible.size > 0
  }

  /** Since when something may be asked for. */
  get eligibleSince(): number | undefined {
    return this.#eligible.size > 0 ? this.#eligibleSince : undefined
  }

  /** Whether it is to be asked for. */
  has(wanted: Wanted): boolean {
    return wanted.request?.isGone === false || this.#eligible.has(wanted) || this.#withoutRoom.has(wanted)
  }

  /** Starts the wait after which a missing message is asked for. LIP-109, "Determine T_req". */
  schedule(wanted: Wanted, now: number): void {
    const { dialect, participantId, repair } = this.#settings
    this.#wait(wanted, now + requestDelayMs(dialect, participantId, wanted.entry.messageId, repair))
  }

  /** It was asked for: starts the wait after which it is asked for again. */
  asked(wanted: Wanted, now: number): void {
    const own: Own = wanted
    own.asked++
    own.deferrals = 0
    this.#askAgain(own, now)
  }

  /** Another asks for what is missing here too: an own request can wait, but not for ever. */
  deferToOthers(wanted: Wanted, now: number): void {
    const own: Own = wanted
    if (own.deferrals >= MOST_DEFERRALS) return
    own.deferrals++
    this.#askAgain(own, now)
  }

  /** Asks no longer; another missing message takes the place. */
  cancel(wanted: Wanted): void {
    const own: Own = wanted
    this.#waiting.remove(own.request)
    own.request = undefined
    this.#eligible.delete(own)
    this.#withoutRoom.delete(own)
  }

  /** Gives room that has become free to missing messages that wait for it. */
  fill(now: number): void {
    if (this.#withoutRoom.size === 0) return
    for (const wanted of this.#withoutRoom) {
      if (this.#isFull) return
      this.schedule(wanted, now)
    }
  }

  /** Finds the requests whose T_req has come. */
  collect(now: number): void {
    for (let wanted; (wanted = this.#waiting.takeDue(now)) !== undefined;) {
      if (this.#eligible.size === 0) this.#eligibleSince = now
      this.#eligible.add(wanted)
    }
  }

  /** The requests to put into a message: those with the lowest T_req. LIP-109, "SDS-R send message". */
  choose(): readonly Wanted[] {
    if (this.#eligible.size === 0) return NONE
    const chosen: Wanted[] = []
    for (const wanted of this.#eligible) {
      if (chosen.length >= this.#settings.repair.maxRequestsPerMessage) break
      chosen.push(wanted)
    }
    return chosen
  }

  /** Puts off all that waits by `ms`. */
  putOff(ms: number): void {
    this.#waiting.shift(ms)
  }

  /** The clock was moved. */
  shift(ms: number): void {
    this.#waiting.shift(ms)
    this.#eligibleSince += ms
  }

  check(): void {
    for (const wanted of [...this.#eligible, ...this.#withoutRoom]) {
      ensure(wanted.request?.isGone !== false && !wanted.isParked, 3)
      ensure(!this.#eligible.has(wanted) || !this.#withoutRoom.has(wanted), 3)
    }
    ensure(this.#withoutRoom.size === 0 || this.#isFull, 3)
    ensure(this.size - this.#withoutRoom.size <= this.#settings.repair.maxRequests, 6)
  }

  get #isFull(): boolean {
    return this.#waiting.size + this.#eligible.size >= this.#settings.repair.maxRequests
  }

  /** The first wait is about the shortest. */
  #askAgain(own: Own, now: number): void {
    const { repair, random } = this.#settings
    const wait = repair.tMinMs * (1 + random()) * 2 ** Math.max(0, own.asked - PATIENT_REQUESTS)
    this.#wait(own, now + Math.min(wait, repair.tMaxMs))
  }

  #wait(wanted: Wanted, due: number): void {
    this.cancel(wanted)
    if (!this.#settings.repair.enabled || wanted.isParked) return
    if (this.#isFull) {
      this.#withoutRoom.add(wanted)
      return
    }
    const own: Own = wanted
    own.request = this.#waiting.add(due, wanted)
  }
}
