import { SparseMap } from '@reliable-channels/stage/core'
import type { Settings } from '../settings.ts'
import type { HistoryEntry } from '../wire/message.ts'
import type { Due, Timers } from './due-heap.ts'
import type { Horizons } from './horizons.ts'
import type { GiveUp, MissingMessage } from './missing-message.ts'

/** Only {@link MissingMessages} writes what it keeps of a message. */
type Own = Omit<MissingMessage, 'entry' | 'isParked' | 'isExcused' | 'isLate' | 'isSought' | 'sequence'> & {
  entry: HistoryEntry
  sequence: number | undefined
  isParked: boolean
  isExcused: boolean
  isLate?: boolean
  isSought: boolean
  /** How often giving it up was put off because it is parked. */
  putOff: number
  giveUp: Due | undefined
}

/**
 * How often giving up a message that is parked itself is put off: only messages in a circle use it up.
 * @limit It is given up.
 */
const MOST_PUT_OFF = 3

/** The messages that others name and that are not delivered: what is known of each, and when it is given up. */
export class MissingMessages {
  readonly #settings: Settings
  readonly #timers: Timers<GiveUp>
  readonly #horizons: Horizons
  readonly #byId = new SparseMap<string, Own>()
  /** Of them, those that are parked, those without a retrieval hint, and those that are excused. */
  #here = 0
  #unhinted = 0
  #excused = 0
  /** Of those that are not parked, those that are looked for once more. */
  #sought = 0
  /** Perhaps nothing waits for some of them: sync messages alone have named it, or what waited was excused. */
  #isNamedBySyncOnly = false

  constructor(settings: Settings, timers: Timers<GiveUp>, horizons: Horizons) {
    this.#settings = settings
    this.#timers = timers
    this.#horizons = horizons
  }

  /** Messages that were not received, but for those that were given up before. */
  get count(): number {
    return this.#byId.size - this.#here - this.#sought
  }

  /** Those for which nothing waits, though they are asked for. */
  get excused(): number {
    return this.#excused
  }

  /** Whether something is missing that cannot be fetched, for want of a hint. */
  get hasUnhinted(): boolean {
    return this.#unhinted > 0
  }

  has(messageId: string): boolean {
    return this.#byId.has(messageId)
  }

  get(messageId: string): MissingMessage | undefined {
    return this.#byId.get(messageId)
  }

  values(): Iterable<MissingMessage> {
    return this.#byId.values()
  }

  /** Those that were not received, but for those that are done without. */
  absent(): HistoryEntry[] {
    const entries: HistoryEntry[] = []
    for (const { entry, isParked, isExcused } of this.#byId.values())
      if (!isParked && !isExcused) entries.push(entry)
    return entries
  }

  /** Whether something waits for it. */
  isAwaited(messageId: string): boolean {
    return (this.#byId.get(messageId)?.waiting.length ?? 0) > 0
  }

  /** Whether a message is missing for which nothing waits, though it is asked for. */
  isExcused(messageId: string): boolean {
    return this.#excused > 0 && this.#byId.get(messageId)?.isExcused === true
  }

  /** Whether so many more may be missing. */
  hasRoomFor(count: number): boolean {
    return this.#byId.size + count <= this.#settings.maxMissing
  }

  /** Whether all of these may be missing, of which some are already. */
  hasRoomForAll(entries: readonly HistoryEntry[]): boolean {
    let unknown = 0
    for (const { messageId } of entries) if (!this.#byId.has(messageId)) unknown++
    return this.hasRoomFor(unknown)
  }

  /**
   * Notes that `entry` is missing; it is given up in the end. Returns it with whether it was not known.
   *
   * @param namedBy The member who names it.
   * @param patienceMs How long what comes after it waits for it, if that is not until the end.
   * @param missedMs How long it was missed before, by earlier processes.
   */
  add(
    entry: HistoryEntry,
    namedBy: string,
    now: number,
    patienceMs?: number,
    missedMs = 0,
  ): { missing: MissingMessage; isNew: boolean } {
    const known = this.#byId.get(entry.messageId)
    if (known !== undefined) {
      const { retrievalHint } = entry
      if (retrievalHint !== undefined && known.entry.retrievalHint === undefined) {
        known.entry = { ...known.entry, retrievalHint }
        this.#unhinted--
      }
      return { missing: known, isNew: false }
    }
    const missing: Own = {
      entry,
      namedBy,
      waiting: [],
      isParked: false,
      putOff: 0,
      asked: 0,
      costBytes: 0,
      isHeldUp: false,
      deferrals: 0,
      putOffs: 0,
      sequence: undefined,
      giveUp: undefined,
      awaitedIn: undefined,
      request: undefined,
      isExcused: false,
      isSought: false,
      patienceMs,
      horizon: this.#horizons.of(entry.senderId),
    }
    this.#byId.set(entry.messageId, missing)
    if (entry.retrievalHint === undefined) this.#unhinted++
    this.#startGivingUp(missing, now - missedMs)
    return { missing, isNew: true }
  }

  /** A message that was given up is missing once more; nothing waits for it, and it counts as named by nobody. */
  seek(entry: HistoryEntry, now: number): MissingMessage {
    const own = this.add(entry, '', now).missing as Own
    this.excuseAgain(own)
    this.#isNamedBySyncOnly = true
    own.isSought = true
    this.#sought++
    return own
  }

  /** It has come, and is parked itself. */
  arrive(missing: MissingMessage): void {
    const own = missing as Own
    own.isParked = true
    this.#here++
    if (!own.isSought) return
    own.isSought = false
    this.#sought--
  }

  /** It is stored under that number. */
  storedAs(missing: MissingMessage, sequence: number): void {
    const own = missing as Own
    own.sequence = sequence
  }

  /** Something that comes after it was delivered without it, if it is missing. Returns whether that may be news. */
  beLate(messageId: string): boolean {
    const own = this.#byId.get(messageId)
    if (own?.isLate) return false
    if (own !== undefined) own.isLate = true
    return true
  }

  /** Perhaps nothing waits for some of what is missing: a sync message alone has named it, or what waited does not. */
  noteNamedBySyncOnly(): void {
    this.#isNamedBySyncOnly = true
  }

  /** Forgets what nothing waits for, and returns it; `undefined` where there was nothing to look for. */
  forgetNamedBySyncOnly(): MissingMessage[] | undefined {
    // Or each message that finds no room would have all that is missing looked at.
    if (!this.#isNamedBySyncOnly) return undefined
    this.#isNamedBySyncOnly = false
    const forgotten: MissingMessage[] = []
    for (const missing of this.#byId.values()) {
      if (missing.waiting.length > 0 || missing.isParked) continue
      this.forget(missing)
      forgotten.push(missing)
    }
    return forgotten
  }

  /** Those that come after it are not to wait for it, nor will later ones. Returns whether that is news. */
  excuse(missing: MissingMessage, now: number): boolean {
    const own = missing as Own
    if (own.patienceMs === undefined || own.isExcused) return false
    this.excuseAgain(own)
    this.#isNamedBySyncOnly = true
    this.#startGivingUp(own, now)
    return true
  }

  /** An earlier process had excused the messages that come after a missing one from waiting for it. */
  excuseAgain(missing: MissingMessage): void {
    const own = missing as Own
    own.isExcused = true
    this.#excused++
  }

  /** Whether giving up a message is put off, because it is parked itself. */
  putOffGivingUp(missing: MissingMessage, now: number): boolean {
    const own = missing as Own
    if (!own.isParked || own.putOff >= MOST_PUT_OFF) return false
    own.putOff++
    this.#startGivingUp(own, now)
    return true
  }

  /** It is no longer missing. */
  forget(missing: MissingMessage): void {
    const { entry, giveUp, isParked, isExcused, isSought } = missing as Own
    this.#byId.delete(entry.messageId)
    this.#timers.remove(giveUp)
    if (isParked) this.#here--
    if (entry.retrievalHint === undefined) this.#unhinted--
    if (isExcused) this.#excused--
    if (isSought) this.#sought--
  }

  #startGivingUp(missing: Own, now: number): void {
    const { patienceMs, isExcused } = missing
    const lostAfterMs = (isExcused ? undefined : patienceMs) ?? this.#settings.lostAfterMs
    if (lostAfterMs === Infinity) return
    missing.giveUp = this.#timers.add(now + lostAfterMs, { type: 'give-up', missing })
  }
}
