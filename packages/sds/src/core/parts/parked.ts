import { SparseMap, SparseSet } from '@reliable-channels/stage/core'
import type { LogEntry } from '../history/log-entry.ts'
import type { Settings } from '../settings.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { findCircle } from './circles.ts'
import { DeliveryOrder } from './delivery-order.ts'
import type { MissingMessage } from './missing-message.ts'
import type { MissingMessages } from './missing-messages.ts'
import { type Parked, parkedBytes } from './parked-message.ts'
import { ParkedRoom, type Tally } from './parked-room.ts'

/** Only {@link ParkedMessages} writes what it keeps of a message, and what waits for a missing one. */
type Own = { -readonly [K in keyof Parked]: Parked[K] }
type Awaiting = MissingMessage & { readonly waiting: Own[] }

/**
 * The buffer of messages with unmet dependencies, indexed by what they wait for: nothing is ever swept.
 * LIP-109, "Participant state".
 */
export class ParkedMessages {
  readonly #missing: MissingMessages
  readonly #room: ParkedRoom
  readonly #byId = new SparseMap<string, Own>()
  /** Messages whose dependencies have just been met. */
  readonly #ready = new DeliveryOrder<Own>()
  /** Messages of which one that they wait for was parked or found: perhaps they wait for each other now. */
  readonly #suspects = new SparseSet<Own>()

  constructor(settings: Settings, missing: MissingMessages) {
    this.#missing = missing
    this.#room = new ParkedRoom(settings)
  }

  get size(): number {
    return this.#byId.size
  }

  /** How much that is. */
  get total(): Tally {
    return this.#room.total
  }

  /** Whether something is to be delivered, or may be in a circle, that there was no time for. */
  get isReady(): boolean {
    return this.#ready.size + this.#suspects.size > 0
  }

  has(messageId: string): boolean {
    return this.#byId.has(messageId)
  }

  /** A parked message. */
  entryOf(messageId: string): LogEntry | undefined {
    return this.#byId.get(messageId)?.entry
  }

  values(): Iterable<Parked> {
    return this.#byId.values()
  }

  /** Whether a message may be parked for others. */
  hasRoomFor(entry: LogEntry, missing: readonly HistoryEntry[]): boolean {
    let named = 0
    for (const { messageId } of missing) if (!this.#missing.isAwaited(messageId)) named++
    const isAwaited = this.#missing.isAwaited(entry.messageId)
    return this.#room.hasFor(entry, isAwaited, named) && this.#missing.hasRoomForAll(missing)
  }

  /** Parks a message; see {@link waitFor}. */
  park(entry: LogEntry, frame: object | undefined, lane: object | undefined): Parked {
    const parked: Own = { entry, frame, lane, waitsFor: 0, bytes: parkedBytes(entry), named: 0 }
    this.#byId.set(entry.messageId, parked)
    this.#room.enter(parked)
    const missing = this.#missing.get(entry.messageId)
    if (missing !== undefined) {
      this.#arrive(missing)
      if (missing.waiting.length > 0) this.#suspects.add(parked)
    }
    return parked
  }

  /** A parked message waits for others, or is ready where there are none. */
  waitFor(parked: Parked, all: readonly MissingMessage[]): void {
    const own = parked as Own
    own.waitsFor += all.length
    for (const missing of all as readonly Awaiting[]) {
      if (missing.waiting.push(own) > 1) continue
      own.named++
      this.#countAwaited(missing)
    }
    this.#room.name(own)
    if (own.waitsFor === 0) this.#ready.add(own)
  }

  /** Notes that `entry` is missing, be it parked or not; see {@link MissingMessages.add}. */
  miss(
    entry: HistoryEntry,
    namedBy: string,
    now: number,
    patienceMs: number | undefined,
    missedMs: number,
  ): { missing: MissingMessage; isNew: boolean } {
    const noted = this.#missing.add(entry, namedBy, now, patienceMs, missedMs)
    if (this.#byId.has(entry.messageId)) this.#arrive(noted.missing)
    return noted
  }

  /** What comes after these was delivered: they are late, and so is what they come after, where they are parked. */
  late(all: readonly Pick<HistoryEntry, 'messageId'>[]): void {
    const late = new Set(all.map(({ messageId }) => messageId))
    for (const id of late) {
      if (!this.#missing.beLate(id)) continue
      for (const { messageId } of this.entryOf(id)?.causalHistory ?? []) late.add(messageId)
    }
  }

  /** No longer missing: what waited for nothing else is ready. */
  found(messageId: string): MissingMessage | undefined {
    const missing = this.#missing.get(messageId) as Awaiting | undefined
    if (missing === undefined) return undefined
    this.#missing.forget(missing)
    this.#countAwaited(missing, false)
    for (const parked of missing.waiting) this.#waitLess(parked)
    return missing
  }

  /** Still missing, but `dependents` no longer wait for it: those that wait for nothing else are ready. */
  excuse(messageId: string, dependents: ReadonlySet<string>): void {
    this.#missing.noteNamedBySyncOnly()
    const missing = this.#missing.get(messageId) as Awaiting | undefined
    if (missing === undefined) return
    for (const parked of missing.waiting.splice(0)) {
      if (dependents.has(parked.entry.messageId)) this.#waitLess(parked)
      else missing.waiting.push(parked)
    }
    this.#countAwaited(missing)
  }

  /** Those that come after a missing message no longer wait for it, nor will later ones. Returns whether that is news. */
  excuseAll(missing: MissingMessage, now: number): boolean {
    if (!this.#missing.excuse(missing, now)) return false
    for (const parked of (missing as Awaiting).waiting.splice(0)) this.#waitLess(parked)
    this.#countAwaited(missing)
    return true
  }

  /**
   * Another copy of a parked message names less before it: what only one of them names is no reason to wait. Returns what
   * it comes after now, if that is news.
   */
  narrow(messageId: string, copy: readonly HistoryEntry[]): LogEntry | undefined {
    const parked = this.#byId.get(messageId)
    if (parked === undefined) return undefined
    const { entry } = parked
    const inCopy = new Set(copy.map((before) => before.messageId))
    const causalHistory = entry.causalHistory.filter((before) => inCopy.has(before.messageId))
    if (causalHistory.length === entry.causalHistory.length) return undefined
    for (const before of entry.causalHistory)
      if (!inCopy.has(before.messageId)) this.#stopWaiting(parked, before.messageId)
    parked.entry = entry.with(causalHistory, entry.content)
    return parked.entry
  }

  /**
   * Looks at one message that may be in a circle; the first of that waits no longer. Returns how many looks that took, or 0
   * where there is none.
   */
  breakCircle(): number {
    if (this.#suspects.size === 0) return 0
    const suspect = this.#suspects.values().next().value!
    this.#suspects.delete(suspect)
    const { first, looks } = findCircle(suspect, this.#byId, this.#missing)
    if (first !== undefined)
      for (const { messageId } of first.entry.causalHistory) this.#stopWaiting(first, messageId)
    return looks
  }

  /** Takes out the first, in the order of the log, of the messages that wait for nothing. */
  takeReady(): Parked | undefined {
    const parked = this.#ready.take()
    if (parked === undefined) return undefined
    this.#byId.delete(parked.entry.messageId)
    this.#room.leave(parked)
    return parked
  }

  #stopWaiting(parked: Own, messageId: string): void {
    const missing = this.#missing.get(messageId) as Awaiting | undefined
    const index = missing?.waiting.indexOf(parked) ?? -1
    if (index === -1) return
    this.#missing.noteNamedBySyncOnly()
    missing!.waiting.splice(index, 1)
    this.#countAwaited(missing!)
    this.#waitLess(parked)
  }

  #waitLess(parked: Own): void {
    if (--parked.waitsFor === 0) this.#ready.add(parked)
    else this.#suspects.add(parked)
  }

  /** Counts a message that is parked and that others wait for, or no longer. */
  #countAwaited(missing: MissingMessage, is = missing.isParked && missing.waiting.length > 0): void {
    this.#room.countAwaited(missing, is, this.entryOf(missing.entry.messageId)?.senderId)
  }

  #arrive(missing: MissingMessage): void {
    if (missing.isParked) return
    this.#missing.arrive(missing)
    this.#countAwaited(missing)
  }
}
