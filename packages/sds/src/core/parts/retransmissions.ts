import { type Settings, isMeasured } from '../settings.ts'
import type { Arrivals } from './arrivals.ts'
import type { Due, Timers } from './due-heap.ts'
import type { Group } from './group.ts'
import type { OutgoingMessage, Retransmitted } from './outgoing-message.ts'
import type { Probes } from './probes.ts'
import type { RoundTrips } from './round-trips.ts'
import { EACH_MS } from './turns.ts'

/** Falls due when those are to be reminded who have not acknowledged what others have. */
export interface Remind {
  readonly type: 'remind'
}

const REMIND: Remind = { type: 'remind' }

/** Reminders in a row between which the wait is the same: one or two may be lost. */
const MOST_AT_ONCE = 3
/** Waits no longer than after so many, which is ten minutes or so. */
const MOST_COUNTED = 19

/** Only {@link Retransmissions} writes what it keeps of a message. */
type Own = { -readonly [K in keyof Retransmitted]: Retransmitted[K] }

/** Copies of the newest message after which filters will do: perhaps nobody there names what he has. */
const MOST_COPIES_FOR_A_NAME = 4

/** When own messages that left are sent again, and when that was in vain. LIP-109, "Periodic Outgoing Buffer Sweep". */
export class Retransmissions {
  readonly #settings: Settings
  readonly #timers: Timers<OutgoingMessage | Remind>
  readonly #roundTrips: RoundTrips
  readonly #arrivals: Arrivals
  readonly #probes: Probes
  readonly #group: Group
  #reminder: Due | undefined

  constructor(
    settings: Settings,
    timers: Timers<OutgoingMessage | Remind>,
    roundTrips: RoundTrips,
    arrivals: Arrivals,
    probes: Probes,
    group: Group,
  ) {
    this.#group = group
    this.#settings = settings
    this.#timers = timers
    this.#roundTrips = roundTrips
    this.#arrivals = arrivals
    this.#probes = probes
  }

  /** Starts, or starts again, the acknowledgement timer of a message that left. */
  arm(message: OutgoingMessage): void {
    this.stop(message)
    const own: Own = message
    own.timer = this.#timers.add(this.#dueAt(message), message)
  }

  /**
   * With `acknowledge: 'each'`: plans the next reminder, after as long as an acknowledgement may take. In large groups it
   * pays to wait for the next own message.
   *
   * @param tries Those that were in vain.
   */
  remind(now: number, tries = 0): void {
    const { acknowledge, retransmissionBackoff, epochMs } = this.#settings
    if (acknowledge !== 'each') return
    const times = retransmissionBackoff ** Math.max(0, Math.min(tries, MOST_COUNTED) - MOST_AT_ONCE)
    const waitMs = this.#waitMs * times * Math.max(1, this.#group.size / 4) + epochMs
    this.#timers.remove(this.#reminder)
    // Who is reminded waits less than others.
    this.#reminder = this.#timers.add(now + waitMs + (tries > 0 ? 0 : EACH_MS), REMIND)
  }

  /** The same, if none is planned. */
  remindOnce(now: number, tries?: number): void {
    if (this.#reminder?.isGone !== false) this.remind(now, tries)
  }

  /** A copy is on its way, or the message is done with. */
  stop({ timer }: OutgoingMessage): void {
    this.#timers.remove(timer)
  }

  /** A copy is made: it counts if one has left before. */
  count(message: OutgoingMessage): void {
    const own: Own = message
    if (message.left) own.retransmissions++
  }

  /** A copy was not dispatched, so it does not count. */
  didNotLeave(message: OutgoingMessage): void {
    const own: Own = message
    if (own.retransmissions > 0) own.retransmissions--
  }

  /** It leaves for the first time, or since somebody lacks it: waits in vain count anew. */
  countAnew(message: OutgoingMessage): void {
    const own: Own = message
    own.probes = this.#probes.count
  }

  /** Whether so much was done in vain that it counts as undelivered. */
  isExhausted({ left, probes, retransmissions }: OutgoingMessage): boolean {
    const times = isMeasured(this.#settings) ? this.#probes.count - probes : retransmissions
    return left && times >= this.#settings.maxRetransmissions
  }

  /**
   * Whether a message is acknowledged because enough filters have it. A message that waits there for others is in the
   * filter too: so the newest one is sent again a few times, unless he has `all` before it, until somebody names it; one
   * with order `none` nobody does.
   */
  areFiltersEnough(message: OutgoingMessage, all: boolean): boolean {
    if (!this.#isSeen(message)) return false
    if (all || message.entry.isLoose || !isMeasured(this.#settings)) return true
    return message.retransmissions >= MOST_COPIES_FOR_A_NAME
  }

  /** Whether the time has come to send a message again. What has not left at all always may. */
  isDue(message: OutgoingMessage, now: number): boolean {
    return !message.left || this.#dueAt(message) <= now
  }

  /**
   * Whether there is still need of a copy that waits, of a message that nobody has acknowledged. In a filter it need not be
   * sent again, if what comes after it will show the rest: not those of earlier processes, nor loose ones, after which
   * nothing comes.
   */
  isWanted(message: OutgoingMessage, now: number): boolean {
    const { isLacked, hitCount, left, number, entry } = message
    if (isMeasured(this.#settings)) {
      const others = number === 0 || entry.isLoose || this.#isSeen(message)
      return isLacked || hitCount === 0 || !left || others
    }
    return this.isDue(message, now)
  }

  /** How long an acknowledgement may take. */
  get #waitMs(): number {
    return this.#settings.acknowledgementTimeoutMs ?? this.#roundTrips.timeoutMs + this.#arrivals.patienceMs
  }

  #isSeen({ hitCount }: OutgoingMessage): boolean {
    return hitCount >= this.#settings.possibleAcknowledgementThreshold
  }

  /**
   * Others may have to wait for the next epoch to acknowledge a message; and for one message more, where a second filter
   * would do that.
   */
  #dueAt({ dispatchedAt, retransmissions, hitCount }: OutgoingMessage): number {
    const {
      retransmissionBackoff,
      possiblyAcknowledgedFactor,
      possibleAcknowledgementThreshold,
      epochMs,
      paceMs,
    } = this.#settings
    const isProbed = isMeasured(this.#settings)
    const wait = this.#waitMs * retransmissionBackoff ** (isProbed ? this.#probes.backoff : retransmissions)
    const since = isProbed ? this.#probes.since(dispatchedAt) : dispatchedAt
    const isPossible = hitCount > 0 && hitCount < possibleAcknowledgementThreshold
    return since + (isPossible ? wait * possiblyAcknowledgedFactor + epochMs + paceMs : wait + epochMs)
  }
}
