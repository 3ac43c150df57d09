import { SparseMap, SparseSet } from '@reliable-channels/stage/core'
import { LogEntry, bytesOfNames, comesBefore } from '../history/log-entry.ts'
import type { Settings } from '../options.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { DeliveryOrder } from './delivery-order.ts'
import type { Due, Timers } from './due-heap.ts'
import { ensure } from './ensure.ts'
import type { Horizon, Horizons } from './horizons.ts'
import type { Wanted } from './repair-requests.ts'

/**
 * Messages looked at to find a circle of those that wait for each other.
 * @limit A larger one is not found: it is released when its members are given up.
 */
const MOST_IN_CIRCLE = 64

/** So many times the bytes that may be parked, messages that others wait for may take: they set those free. */
const SHARE_OF_AWAITED = 1.25

/** A received message that waits for others. */
export interface Parked {
  readonly entry: LogEntry
  /** The fields of its frame beside the payload. */
  readonly frame: object | undefined
  readonly lane: object | undefined
  /** How many of its causal history are missing. */
  readonly waitsFor: number
}

/** A message that others name and that is not here. */
export interface MissingMessage extends Wanted {
  /** Nothing waits for it, though it is asked for: what a newcomer hears first comes after it. */
  readonly isExcused: boolean
  /** Something that comes after it, by what others name, was delivered without it. */
  readonly isLate?: boolean
  /** How long what a newcomer hears first waits for it, ms. */
  readonly patienceMs: number | undefined
  /** Where the memory of its sender's messages ended when it was found missing: what is newer was not here before. */
  readonly horizon: Horizon | undefined
  /** Under which number it is stored, where a sync message named it first. */
  readonly sequence: number | undefined
  /** The messages that wait for it; none if sync messages alone have named it. */
  readonly waiting: readonly Parked[]
}

/** Falls due when a missing message is given up. */
export interface GiveUp {
  readonly type: 'give-up'
  readonly missing: MissingMessage
}

/** Only {@link ParkedMessages} writes what it keeps of messages. */
type OwnParked = { -readonly [K in keyof Parked]: Parked[K] } & {
  /** It counts as so much. */
  bytes: number
  /** How many of those that it waits for nothing had waited for before. */
  named: number
}
type OwnMissing = Omit<
  MissingMessage,
  'entry' | 'isParked' | 'isExcused' | 'isLate' | 'waiting' | 'sequence'
> & {
  entry: HistoryEntry
  sequence: number | undefined
  isParked: boolean
  isExcused: boolean
  isLate?: boolean
  readonly waiting: OwnParked[]
  /** It was given up before, and is looked for once more. */
  isSought: boolean
  /** How often giving it up was put off because it is parked. */
  putOff: number
  giveUp: Due | undefined
  /** Where it counts, if it is parked and others wait for it. */
  awaitedIn: Tally | undefined
}

/** How much is held back, in total or of one sender. */
interface Tally {
  count: number
  /** Of these, the messages that others wait for: they count as missing. */
  awaited: number
  bytes: number
  /** Missing messages that they were the first to wait for. */
  named: number
}

const NOTHING: Readonly<Tally> = { count: 0, awaited: 0, bytes: 0, named: 0 }

/**
 * How often giving up a message that is parked itself is put off: only messages in a circle use it up.
 * @limit It is given up.
 */
const MOST_PUT_OFF = 3

/**
 * The buffer of messages with unmet dependencies, indexed by what they wait for: nothing is ever swept.
 * LIP-109, "Participant state".
 */
export class ParkedMessages {
  readonly #settings: Settings
  readonly #timers: Timers<GiveUp>
  readonly #horizons: Horizons
  readonly #parked = new SparseMap<string, OwnParked>()
  readonly #missing = new SparseMap<string, OwnMissing>()
  readonly #total: Tally = { ...NOTHING }
  readonly #bySender = new SparseMap<string, Tally>()
  /** Of the missing, those that are parked, those without a retrieval hint, and those that are excused. */
  #here = 0
  #unhinted = 0
  #excused = 0
  /** Of those that are not parked, those that are looked for once more. */
  #sought = 0
  /** Perhaps nothing waits for some of what is missing: sync messages alone have named it, or what waited was excused. */
  #isNamedBySyncOnly = false
  /** Messages whose dependencies have just been met. */
  readonly #ready = new DeliveryOrder<OwnParked>()

  /** Messages of which one that they wait for was parked or found: perhaps they wait for each other now. */
  readonly #suspects = new SparseSet<OwnParked>()
  /** What was looked at to find a circle. */
  #looks = 0

  constructor(settings: Settings, timers: Timers<GiveUp>, horizons: Horizons) {
    this.#settings = settings
    this.#timers = timers
    this.#horizons = horizons
  }

  get size(): number {
    return this.#parked.size
  }

  get bytes(): number {
    return this.#total.bytes
  }

  /** Messages that were not received, but for those that were given up before. */
  get missingCount(): number {
    return this.#missing.size - this.#here - this.#sought
  }

  /** Whether something is missing that cannot be fetched, for want of a hint. */
  get hasUnhinted(): boolean {
    return this.#unhinted > 0
  }

  has(messageId: string): boolean {
    return this.#parked.has(messageId)
  }

  /** A parked message. */
  entryOf(messageId: string): LogEntry | undefined {
    return this.#parked.get(messageId)?.entry
  }

  missing(): Iterable<MissingMessage> {
    return this.#missing.values()
  }

  /** Those that were not received, but for those that are done without. */
  absent(): HistoryEntry[] {
    const entries: HistoryEntry[] = []
    for (const { entry, isParked, isExcused } of this.#missing.values())
      if (!isParked && !isExcused) entries.push(entry)
    return entries
  }

  messageIds(): Iterable<string> {
    return this.#parked.keys()
  }

  getMissing(messageId: string): MissingMessage | undefined {
    return this.#missing.get(messageId)
  }

  /** Whether so many more may be missing. */
  hasRoomForMissing(count: number): boolean {
    return this.#missing.size + count <= this.#settings.maxMissing
  }

  /** How many of these are not known to be missing. */
  unknownOf(entries: readonly HistoryEntry[]): number {
    return countOf(entries, ({ messageId }) => !this.#missing.has(messageId))
  }

  /**
   * Whether a message may be parked for others. One that others wait for keeps the place that it has among the missing:
   * what came early never keeps out what would set it free.
   */
  hasRoomFor(entry: LogEntry, missing: readonly HistoryEntry[]): boolean {
    const { maxIncoming, maxIncomingBytes, maxMissingPerSender } = this.#settings
    const { maxIncomingPerSender, maxIncomingBytesPerSender } = this.#settings
    const bytes = parkedBytes(entry)
    const total = this.#total
    const ofSender = this.#bySender.get(entry.senderId) ?? NOTHING
    const isAwaited = this.#isAwaited(entry.messageId)
    const share = isAwaited ? SHARE_OF_AWAITED : 1
    const named = countOf(missing, ({ messageId }) => !this.#isAwaited(messageId))
    return (
      (isAwaited || (unawaited(total) < maxIncoming && unawaited(ofSender) < maxIncomingPerSender)) &&
      total.bytes + bytes <= maxIncomingBytes * share &&
      ofSender.bytes + bytes <= maxIncomingBytesPerSender * share &&
      ofSender.named + named <= maxMissingPerSender &&
      this.hasRoomForMissing(this.unknownOf(missing))
    )
  }

  /** Parks a message; see {@link waitFor}. */
  park(entry: LogEntry, frame: object | undefined, lane: object | undefined): Parked {
    const bytes = parkedBytes(entry)
    const parked: OwnParked = { entry, frame, lane, waitsFor: 0, bytes, named: 0 }
    this.#parked.set(entry.messageId, parked)
    let tally = this.#bySender.get(entry.senderId)
    if (tally === undefined) this.#bySender.set(entry.senderId, (tally = { ...NOTHING }))
    count(this.#total, 1, bytes)
    count(tally, 1, bytes)
    const missing = this.#missing.get(entry.messageId)
    if (missing !== undefined) {
      this.#markHere(missing)
      if (missing.waiting.length > 0) this.#suspects.add(parked)
    }
    return parked
  }

  /** A parked message waits for others, or is ready where there are none. */
  waitFor(parked: Parked, all: readonly MissingMessage[]): void {
    const own = parked as OwnParked
    own.waitsFor += all.length
    for (const missing of all as readonly OwnMissing[]) {
      if (missing.waiting.push(own) > 1) continue
      own.named++
      this.#countAwaited(missing)
    }
    this.#bySender.get(own.entry.senderId)!.named += own.named
    if (own.waitsFor === 0) this.#ready.add(own)
  }

  /**
   * Notes that `entry` is missing; it is given up in the end. Returns it with whether it was not known.
   *
   * @param namedBy The member who names it.
   * @param patienceMs How long what comes after it waits for it, if that is not until the end.
   * @param missedMs How long it was missed before, by earlier processes.
   */
  miss(
    entry: HistoryEntry,
    namedBy: string,
    now: number,
    patienceMs: number | undefined,
    missedMs = 0,
  ): { missing: MissingMessage; isNew: boolean } {
    const known = this.#missing.get(entry.messageId)
    if (known !== undefined) {
      const { retrievalHint } = entry
      if (retrievalHint !== undefined && known.entry.retrievalHint === undefined) {
        known.entry = { ...known.entry, retrievalHint }
        this.#unhinted--
      }
      return { missing: known, isNew: false }
    }
    const missing: OwnMissing = {
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
    this.#missing.set(entry.messageId, missing)
    if (entry.retrievalHint === undefined) this.#unhinted++
    if (this.#parked.has(entry.messageId)) this.#markHere(missing)
    this.#startGivingUp(missing, now - missedMs)
    return { missing, isNew: true }
  }

  /** What comes after these was delivered: they are late, and so is what they come after, where they are parked. */
  late(all: readonly Pick<HistoryEntry, 'messageId'>[]): void {
    const late = new Set(all.map(({ messageId }) => messageId))
    for (const id of late) {
      const missing = this.#missing.get(id)
      if (missing?.isLate) continue
      if (missing) missing.isLate = true
      for (const { messageId } of this.entryOf(id)?.causalHistory ?? []) late.add(messageId)
    }
  }

  /** It is stored under that number. */
  storedAs(missing: MissingMessage, sequence: number): void {
    const own = missing as OwnMissing
    own.sequence = sequence
  }

  /** No longer missing: what waited for nothing else is ready. */
  found(messageId: string): MissingMessage | undefined {
    const missing = this.#missing.get(messageId)
    if (missing === undefined) return undefined
    this.#forget(missing)
    for (const parked of missing.waiting) this.#waitLess(parked)
    return missing
  }

  /** Still missing, but `dependents` no longer wait for it: those that wait for nothing else are ready. */
  excuse(messageId: string, dependents: ReadonlySet<string>): void {
    this.#isNamedBySyncOnly = true
    const missing = this.#missing.get(messageId)
    if (missing === undefined) return
    for (const parked of missing.waiting.splice(0)) {
      if (dependents.has(parked.entry.messageId)) this.#waitLess(parked)
      else missing.waiting.push(parked)
    }
    this.#countAwaited(missing)
  }

  /** A sync message alone has named some of what is missing. */
  noteNamedBySyncOnly(): void {
    this.#isNamedBySyncOnly = true
  }

  /** Forgets what nothing waits for, and returns it; `undefined` where there was nothing to look for. */
  forgetNamedBySyncOnly(): MissingMessage[] | undefined {
    // Or each message that finds no room would have all that is missing looked at.
    if (!this.#isNamedBySyncOnly) return undefined
    this.#isNamedBySyncOnly = false
    const forgotten: MissingMessage[] = []
    for (const missing of this.#missing.values()) {
      if (missing.waiting.length > 0 || missing.isParked) continue
      this.#forget(missing)
      forgotten.push(missing)
    }
    return forgotten
  }

  /** Whether a message is missing for which nothing waits, though it is asked for. */
  isExcused(messageId: string): boolean {
    return this.#excused > 0 && this.#missing.get(messageId)?.isExcused === true
  }

  /** Those that come after a missing message no longer wait for it, nor will later ones. Returns whether that is news. */
  excuseAll(missing: MissingMessage, now: number): boolean {
    const own = missing as OwnMissing
    if (own.patienceMs === undefined || own.isExcused) return false
    this.excuseAgain(own)
    this.#isNamedBySyncOnly = true
    for (const parked of own.waiting.splice(0)) this.#waitLess(parked)
    this.#countAwaited(own)
    this.#startGivingUp(own, now)
    return true
  }

  /** An earlier process had excused the messages that come after a missing one from waiting for it. */
  excuseAgain(missing: MissingMessage): void {
    const own = missing as OwnMissing
    own.isExcused = true
    this.#excused++
  }

  /** A message that was given up is missing once more; nothing waits for it, and it counts as named by nobody. */
  seek(entry: HistoryEntry, now: number): MissingMessage {
    const own = this.miss(entry, '', now, undefined).missing as OwnMissing
    this.excuseAgain(own)
    this.#isNamedBySyncOnly = true
    own.isSought = true
    this.#sought++
    return own
  }

  /** Whether giving up a message is put off, because it is parked itself. */
  putOffGivingUp(missing: MissingMessage, now: number): boolean {
    const own = missing as OwnMissing
    if (!own.isParked || own.putOff >= MOST_PUT_OFF) return false
    own.putOff++
    this.#startGivingUp(own, now)
    return true
  }

  /**
   * Another copy of a parked message names less before it: what only one of them names is no reason to wait. Returns what
   * it comes after now, if that is news.
   */
  narrow(messageId: string, copy: readonly HistoryEntry[]): LogEntry | undefined {
    const parked = this.#parked.get(messageId)
    if (parked === undefined) return undefined
    const { entry } = parked
    const inCopy = new Set(copy.map((before) => before.messageId))
    const causalHistory = entry.causalHistory.filter((before) => inCopy.has(before.messageId))
    if (causalHistory.length === entry.causalHistory.length) return undefined
    for (const before of entry.causalHistory)
      if (!inCopy.has(before.messageId)) this.#stopWaiting(parked, before.messageId)
    parked.entry = new LogEntry({
      sequence: entry.sequence,
      messageId,
      senderId: entry.senderId,
      lamport: entry.lamport,
      content: entry.content,
      causalHistory,
    })
    return parked.entry
  }

  /**
   * Looks for messages that wait for each other and for nothing that may still come: ids that are hashes of contents
   * come twice. The first of them, in the order of the log, waits no longer. One that may be in a circle is looked at;
   * returns how many looks that took, or 0 where there is none.
   */
  breakCircle(): number {
    const [suspect] = this.#suspects
    if (suspect === undefined) return 0
    this.#suspects.delete(suspect)
    this.#looks = 1
    const first = this.#firstInCircleOf(suspect)
    if (first === undefined) return this.#looks
    for (const { messageId } of first.entry.causalHistory) this.#stopWaiting(first, messageId)
    return this.#looks
  }

  /** Whether something is to be delivered, or may be in a circle, that there was no time for. */
  get isReady(): boolean {
    return this.#ready.size + this.#suspects.size > 0
  }

  /** Takes out the first, in the order of the log, of the messages that wait for nothing. */
  takeReady(): Parked | undefined {
    const parked = this.#ready.take()
    if (parked === undefined) return undefined
    const { entry } = parked
    this.#parked.delete(entry.messageId)
    const tally = this.#bySender.get(entry.senderId)!
    const { bytes } = parked
    count(this.#total, -1, -bytes)
    count(tally, -1, -bytes)
    tally.named -= parked.named
    if (tally.count === 0) this.#bySender.delete(entry.senderId)
    return parked
  }

  check(): void {
    let bytes = 0
    const waits = new Map<Parked, number>()
    let here = 0
    let awaited = 0
    let excused = 0
    let sought = 0
    for (const { waiting, entry, isParked, isExcused, isSought } of this.#missing.values()) {
      ensure(isParked === this.#parked.has(entry.messageId), 3)
      if (isParked) here++
      if (isParked && waiting.length > 0) awaited++
      if (isExcused) excused++
      if (isSought) sought++
      for (const parked of waiting) waits.set(parked, (waits.get(parked) ?? 0) + 1)
    }
    for (const parked of this.#parked.values()) {
      ensure((parked.waitsFor > 0 || this.isReady) && parked.waitsFor === (waits.get(parked) ?? 0), 1)
      bytes += parked.bytes
    }
    ensure(
      here === this.#here &&
        awaited === this.#total.awaited &&
        excused === this.#excused &&
        sought === this.#sought &&
        bytes === this.#total.bytes &&
        this.size === this.#total.count,
      6,
    )
    const { maxIncoming, maxIncomingBytes } = this.#settings
    ensure(unawaited(this.#total) <= maxIncoming && bytes <= maxIncomingBytes * SHARE_OF_AWAITED, 6)
    ensure(this.hasRoomForMissing(0), 6)
  }

  #startGivingUp(missing: OwnMissing, now: number): void {
    const { patienceMs, isExcused } = missing
    const lostAfterMs = (isExcused ? undefined : patienceMs) ?? this.#settings.lostAfterMs
    if (lostAfterMs === Infinity) return
    missing.giveUp = this.#timers.add(now + lostAfterMs, { type: 'give-up', missing })
  }

  #forget(missing: OwnMissing): void {
    this.#missing.delete(missing.entry.messageId)
    this.#timers.remove(missing.giveUp)
    this.#countAwaited(missing, false)
    if (missing.isParked) this.#here--
    if (missing.entry.retrievalHint === undefined) this.#unhinted--
    if (missing.isExcused) this.#excused--
    if (missing.isSought) this.#sought--
  }

  #stopWaiting(parked: OwnParked, messageId: string): void {
    const missing = this.#missing.get(messageId)
    const index = missing?.waiting.indexOf(parked) ?? -1
    if (index === -1) return
    this.#isNamedBySyncOnly = true
    missing!.waiting.splice(index, 1)
    this.#countAwaited(missing!)
    this.#waitLess(parked)
  }

  #firstInCircleOf(suspect: OwnParked): OwnParked | undefined {
    if (suspect.waitsFor === 0 || this.#parked.get(suspect.entry.messageId) !== suspect) return undefined
    let first = suspect
    const seen = new Set([suspect])
    for (const parked of seen) {
      if (comesBefore(parked.entry, first.entry)) first = parked
      for (const { messageId } of parked.entry.causalHistory) {
        this.#looks++
        if (!this.#missing.has(messageId)) continue
        const before = this.#parked.get(messageId)
        // It may come; or it is about to be delivered.
        if (before === undefined || before.waitsFor === 0) return undefined
        seen.add(before)
        if (seen.size > MOST_IN_CIRCLE) return undefined
      }
    }
    return first
  }

  #waitLess(parked: OwnParked): void {
    if (--parked.waitsFor === 0) this.#ready.add(parked)
    else this.#suspects.add(parked)
  }

  #isAwaited(messageId: string): boolean {
    return (this.#missing.get(messageId)?.waiting.length ?? 0) > 0
  }

  /** Counts a message that is parked and that others wait for, or no longer. */
  #countAwaited(missing: OwnMissing, is = missing.isParked && missing.waiting.length > 0): void {
    const { awaitedIn } = missing
    if (is === (awaitedIn !== undefined)) return
    const tally = awaitedIn ?? this.#bySender.get(this.#parked.get(missing.entry.messageId)!.entry.senderId)!
    const change = is ? 1 : -1
    tally.awaited += change
    this.#total.awaited += change
    missing.awaitedIn = is ? tally : undefined
  }

  #markHere(missing: OwnMissing): void {
    if (missing.isParked) return
    missing.isParked = true
    this.#here++
    this.#countAwaited(missing)
    if (!missing.isSought) return
    missing.isSought = false
    this.#sought--
  }
}

function count(tally: Tally, messages: number, bytes: number): void {
  tally.count += messages
  tally.bytes += bytes
}

const unawaited = (tally: Tally): number => tally.count - tally.awaited

function countOf<T>(all: readonly T[], isOne: (one: T) => boolean): number {
  let count = 0
  for (const one of all) if (isOne(one)) count++
  return count
}

/** The bytes that a parked message counts for. */
const parkedBytes = (entry: LogEntry): number => entry.contentLength + bytesOfNames(entry.causalHistory)
