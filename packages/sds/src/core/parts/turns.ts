import { type Settings, isTight } from '../settings.ts'
import type { Arrivals } from './arrivals.ts'
import type { Group } from './group.ts'
import type { Owed } from './owed.ts'
import type { MissingMessages } from './missing-messages.ts'
import type { ParkedMessages } from './parked.ts'
import type { RepairRequests } from './repair-requests.ts'
import { SLOT_MS, turnOf } from './turn-order.ts'

/** Members who acknowledge without being asked again: one, and one for the case that he is away. */
const SPEAKERS = 2
/** Those of whom nobody knows speak within so long, ms. */
const FIRST_MS = 500
/** And all where each acknowledges; or sooner, where they are reminded. */
export const EACH_MS = 500
const REMINDED_MS = 100
/** And where a message comes again, all but the speakers within so long, ms. */
const AGAIN_MS = 1_000
/** A request that becomes due so soon is waited for, ms. */
const SOON_MS = 250
/** Timers that were late are taken to be late for so long, ms, or until so many in a row were not. */
const LATE_FOR_MS = 600_000
const ON_TIME = 3
/** So long nobody forgets a member that spoke, ms. */
const REMEMBERED_MS = 600_000
/** So late a timer is not for want of a turn of the event loop, ms. */
const LATE_MS = 500

/**
 * When this participant acknowledges what it owes. One acknowledgement makes a message delivered, so in a group one
 * speaks and the others hear it: whose turn it is follows from the message, among those heard lately. Who is none of them
 * is silent, unless the message comes again.
 */
export class Turns {
  readonly #settings: Settings
  readonly #group: Group
  readonly #owed: Owed
  readonly #arrivals: Arrivals
  readonly #missing: MissingMessages
  readonly #parked: ParkedMessages
  readonly #requests: RepairRequests
  #spokeAt = -Infinity
  #lateAt = -Infinity
  #onTime = 0

  constructor(
    settings: Settings,
    group: Group,
    owed: Owed,
    arrivals: Arrivals,
    missing: MissingMessages,
    parked: ParkedMessages,
    requests: RepairRequests,
  ) {
    this.#settings = settings
    this.#group = group
    this.#owed = owed
    this.#arrivals = arrivals
    this.#missing = missing
    this.#parked = parked
    this.#requests = requests
  }

  /** When this participant last sent anything. */
  get spokeAt(): number {
    return this.#spokeAt
  }

  /** This participant has sent something. */
  spoken(now: number): void {
    this.#spokeAt = now
  }

  /** An input comes when something was due at `due`: perhaps timers are held up (a tab in the background). */
  noteInput(due: number | undefined, now: number): void {
    if (due !== undefined && due < now - LATE_MS) this.#late(now)
  }

  /** A timer has come for what was due at `due`. */
  noteTick(due: number | undefined, now: number): void {
    if (due === undefined || due > now) return
    if (due < now - LATE_MS) this.#late(now)
    else if (++this.#onTime >= ON_TIME) this.#lateAt = -Infinity
  }

  /** Whether timers come late: only what is due with an input is done in time. */
  isLate(now: number): boolean {
    return now - this.#lateAt < LATE_FOR_MS
  }

  /** How long to wait before a sync message acknowledges, ms; `Infinity` leaves it to others. */
  delayMs(now: number): number {
    const { ackSyncMinMs, ackSyncMaxMs, random } = this.#settings
    const spreadMs = ackSyncMaxMs - ackSyncMinMs
    if (isTight(this.#settings)) return ackSyncMinMs + this.#group.backoffMs(spreadMs)
    // No timer would come in time.
    if (this.isLate(now)) return 0
    const soonMs = ackSyncMinMs + random() * spreadMs
    if (this.#parked.size > 0) return Math.max(soonMs, this.#fetchMs(now))
    const messageId = this.#owed.mostUrgent
    if (messageId === undefined) return soonMs
    const waitMs = this.#isUrgent ? soonMs : Math.max(soonMs, this.#arrivals.patienceMs)
    // Nobody waits for his turn: at once would be too many at a time.
    if (this.#settings.acknowledge === 'each' && !this.isPair)
      return waitMs + random() * (this.#owed.timesOf(messageId) > 0 ? REMINDED_MS : EACH_MS)
    const rank = this.#rank(messageId, now)
    if (rank === undefined) return waitMs + random() * FIRST_MS
    if (rank < SPEAKERS) return waitMs + rank * SLOT_MS
    if (this.#owed.timesOf(messageId) < 2) return Infinity
    return waitMs + SPEAKERS * SLOT_MS + random() * Math.min(this.#group.size * SLOT_MS, AGAIN_MS)
  }

  /** Whether what is owed is so new that it may wait: what the time was planned for, others have acknowledged. */
  mayWait(now: number): boolean {
    const { patienceMs } = this.#arrivals
    const { since } = this.#owed
    if (patienceMs === 0 || since === undefined || this.#parked.size > 0 || this.#requests.hasEligible)
      return false
    // The exceptions of `delayMs`: if what it plans for at once had to wait here, it would be planned for now again.
    if (isTight(this.#settings) || this.isLate(now) || this.#isUrgent) return false
    return now - since < 0.9 * patienceMs
  }

  /** Whether nobody but this participant acknowledges what one other says. */
  get isPair(): boolean {
    return this.#group.size <= 2
  }

  /** The clock was moved. */
  shift(ms: number): void {
    this.#spokeAt += ms
    this.#lateAt += ms
  }

  #late(now: number): void {
    this.#lateAt = now
    this.#onTime = 0
  }

  /** Whether what is owed has come again, or is as much as one message says. */
  get #isUrgent(): boolean {
    const messageId = this.#owed.mostUrgent
    if (messageId !== undefined && this.#owed.timesOf(messageId) > 0) return true
    return this.#owed.size >= this.#settings.maxAcknowledged
  }

  /** How long to wait, ms, because the missing messages are being fetched and need not be asked for yet. */
  #fetchMs(now: number): number {
    const { next, hasEligible } = this.#requests
    if (this.#settings.fetchMs === 0 || hasEligible || this.#missing.hasUnhinted || next === undefined)
      return 0
    return next > now + SOON_MS ? next - now : 0
  }

  /** This participant's place among those who acknowledge a message; `undefined` where nobody knows of anybody. */
  #rank(messageId: string, now: number): number | undefined {
    const others = this.#group.othersThan(this.#owed.senderOf(messageId))
    const isKnown = now - this.#spokeAt < REMEMBERED_MS
    // Senders made up do not count where the size is given.
    if (others.length === 0 || this.isPair) return isKnown ? 0 : undefined
    // Who is not known has no turn: others could not tell when it is over.
    if (!isKnown) return Math.min(others.length, SPEAKERS)
    return turnOf(this.#settings.participantId, messageId, others)
  }
}
