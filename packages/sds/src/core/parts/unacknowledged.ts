import type { BloomBits } from '../filter/bloom.ts'
import { FilterMatcher } from '../filter/filter-matcher.ts'
import type { LogEntry } from '../history/log-entry.ts'
import type { Settings } from '../options.ts'
import type { Lamport } from '../wire/lamport.ts'
import type { Dialect, HistoryEntry } from '../wire/message.ts'
import type { Arrivals } from './arrivals.ts'
import type { Due, Timers } from './due-heap.ts'
import { ensure } from './ensure.ts'
import type { Probes } from './probes.ts'
import type { OutgoingRecord } from './records.ts'
import type { RoundTrips } from './round-trips.ts'

/** An own message, with what does not change until it is acknowledged. */
export interface OwnMessage {
  readonly messageId: string
  readonly lamport: Lamport
  readonly causalHistory: readonly HistoryEntry[]
  readonly content: Uint8Array
}

/** An own message that nobody has acknowledged yet. */
export interface OutgoingMessage {
  /** What its timer is for. */
  readonly type: 'retransmit'
  readonly entry: LogEntry
  readonly content: Uint8Array
  /** The network need not keep it, however often it is sent. */
  readonly ephemeral: boolean
  /** Counts own messages, the newest is the last that was wrapped; 0 of one that was restored. */
  readonly number: number
  /** How often it was sent again. */
  readonly retransmissions: number
  /** A copy was made whose dispatch has not been reported. */
  readonly onTheWay: boolean
  /** A copy was dispatched, or that was tried. */
  readonly left: boolean
  /** When the latest copy was dispatched. */
  readonly dispatchedAt: number
  /** When the latest copy was made, and its number among all copies of all messages. */
  readonly madeAt: number
  readonly copy: number
  /** Somebody lacks it: a copy is to leave for that reason. */
  readonly isLacked: boolean
  /** Who lacked it before the latest copy was made; `undefined` if that was made for another reason. */
  readonly lackedBy: string | undefined
  /** Filters in which it appeared. */
  readonly hitCount: number
  /** How much had arrived when the filter of the copy on its way was made; see `Owed`. */
  readonly filterKnows: number
}

/** Only {@link Unacknowledged} writes what it keeps of a message. */
type Own = { -readonly [K in keyof OutgoingMessage]: OutgoingMessage[K] } & {
  slot: number
  /** Sender → digest of the filter counted last. */
  hits: Map<string, number> | undefined
  timer: Due | undefined
  /** What it acknowledges, until it has left. */
  says: readonly string[] | undefined
  /** Probes that had left when it was last sent for a reason. */
  probes: number
  /** When somebody was seen to lack it while a copy was on its way. */
  lackedAt: number | undefined
}

/** Falls due when a message has waited for so long that it acknowledges too late. */
export interface Unsay {
  readonly type: 'unsay'
  readonly message: OutgoingMessage
}

/** What is known of a message that is wrapped, beside its entry. */
interface Wrapped {
  readonly ephemeral: boolean
  /** Those of its id in the participant's dialect, if they are known. */
  readonly hashes: Uint32Array | undefined
  /** What it acknowledges. */
  readonly says: readonly string[] | undefined
}

/** The end of a dispatch that is reported later says nothing of who lacked the message meanwhile, ms. */
const LATE_REPORT_MS = 500

/** Own messages on their way, and those that nobody has acknowledged. LIP-109, "Participant state". */
export class Unacknowledged {
  readonly #settings: Settings
  readonly #timers: Timers<OutgoingMessage | Unsay>
  readonly #roundTrips: RoundTrips
  readonly #arrivals: Arrivals
  readonly #probes: Probes
  readonly #byId = new Map<string, Own>()
  readonly #slots: Own[] = []
  readonly #matchers: Partial<Record<Dialect, FilterMatcher>>
  #bytes = 0
  /** Content that is to be encoded when it leaves. */
  readonly #unencoded = new Map<string, OwnMessage>()
  /** Content that is not tracked, and so is encoded already, and has not left. */
  readonly #untracked = new Set<string>()
  /** The group that is being wrapped, and what its first message came after. */
  #group: { readonly name: string; readonly after: readonly HistoryEntry[] } | undefined
  /** Counts own messages wrapped and not taken back, and those that another message may refer to. */
  #wraps = 0
  #referredWraps = 0
  #copies = 0
  #newest: Own | undefined
  #isReported: boolean

  /** @param bits Of the filters expected in the participant's dialect. */
  constructor(
    settings: Settings,
    bits: number,
    timers: Timers<OutgoingMessage | Unsay>,
    roundTrips: RoundTrips,
    arrivals: Arrivals,
    probes: Probes,
  ) {
    const { dialect, dispatch, encoding } = settings
    this.#settings = settings
    this.#timers = timers
    this.#roundTrips = roundTrips
    this.#arrivals = arrivals
    this.#probes = probes
    this.#matchers = { [dialect]: new FilterMatcher(dialect, bits) }
    this.#isReported = dispatch === 'reported' || encoding === 'at-release'
  }

  get size(): number {
    return this.#slots.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Whether dispatches are reported. */
  get isReported(): boolean {
    return this.#isReported
  }

  /** Own messages wrapped. */
  get wraps(): number {
    return this.#wraps
  }

  /** Whether content waits to be encoded. */
  get hasUnencoded(): boolean {
    return this.#unencoded.size > 0
  }

  get(messageId: string): OutgoingMessage | undefined {
    return this.#byId.get(messageId)
  }

  values(): Iterable<OutgoingMessage> {
    return this.#byId.values()
  }

  /** A dispatch was reported: others are to be, unless the settings say otherwise. */
  dispatchReported(): void {
    const { dispatch, encoding } = this.#settings
    if (encoding === 'at-once') this.#isReported = dispatch !== 'immediate'
  }

  /**
   * What the first message of a group came after, if another one of it is being wrapped now; else the group begins, with
   * what its first message comes after.
   */
  joinGroup(name: string | undefined, after: readonly HistoryEntry[]): readonly HistoryEntry[] | undefined {
    if (name !== undefined && this.#group?.name === name) return this.#group.after
    this.#group = name === undefined ? undefined : { name, after }
    return undefined
  }

  /** Adds a message that was wrapped. */
  add(entry: LogEntry, content: Uint8Array, { ephemeral, hashes, says }: Wrapped): OutgoingMessage {
    this.#newest = this.#add(entry, content, ephemeral, ++this.#wraps, hashes, says)
    return this.#newest
  }

  restore(entry: LogEntry, content: Uint8Array, { ephemeral, retransmissions, left }: OutgoingRecord): void {
    const message = this.#add(entry, content, ephemeral, 0, undefined, undefined)
    message.retransmissions = retransmissions
    message.left = left
  }

  /** It is acknowledged, given up or taken back. */
  remove(message: OutgoingMessage): void {
    const { slot, timer } = message as Own
    this.#timers.remove(timer)
    const last = this.#slots.pop()!
    if (last !== message) {
      this.#slots[slot] = last
      last.slot = slot
    }
    this.#matchers.lip?.remove(slot)
    this.#matchers.nim?.remove(slot)
    this.#byId.delete(message.entry.messageId)
    this.#bytes -= message.content.length
  }

  /** Content is to be encoded when it leaves. */
  holdUnencoded(message: OwnMessage): void {
    this.#unencoded.set(message.messageId, message)
  }

  isUnencoded(messageId: string): boolean {
    return this.#unencoded.has(messageId)
  }

  unencodedIds(): Iterable<string> {
    return this.#unencoded.keys()
  }

  /** Content is encoded now, or never. */
  takeUnencoded(messageId: string): OwnMessage | undefined {
    const message = this.#unencoded.get(messageId)
    if (message !== undefined) this.#unencoded.delete(messageId)
    return message
  }

  /** What waits to be encoded never will be. */
  dropUnencoded(): void {
    this.#unencoded.clear()
  }

  holdUntracked(messageId: string): void {
    this.#untracked.add(messageId)
  }

  /** Returns whether it was held. */
  takeUntracked(messageId: string): boolean {
    return this.#untracked.delete(messageId)
  }

  /** A copy that leaves is made, when so much has arrived. */
  copyMade(message: OutgoingMessage, arrivals: number, now: number): void {
    const own = message as Own
    own.filterKnows = arrivals
    own.madeAt = now
    own.copy = ++this.#copies
    if (!own.isLacked) own.lackedBy = undefined
  }

  /** A copy is made: it counts if one has left before. */
  countCopy(message: OutgoingMessage): void {
    const own = message as Own
    if (own.left) own.retransmissions++
  }

  /** A copy was put out, whose dispatch will be reported. */
  putOut(message: OutgoingMessage): void {
    const own = message as Own
    this.#timers.remove(own.timer)
    own.onTheWay = true
  }

  /** It is to leave by then, or what it says is still to be acknowledged. */
  mustLeaveBy(message: OutgoingMessage, due: number): void {
    const own = message as Own
    if (own.onTheWay && own.says !== undefined) own.timer = this.#timers.add(due, { type: 'unsay', message })
  }

  /** A copy was dispatched, or that was tried: its timer starts. Returns whether it is the first. */
  dispatched(message: OutgoingMessage, now: number): boolean {
    const own = message as Own
    const isFirst = !own.left
    own.onTheWay = false
    own.left = true
    own.dispatchedAt = now
    own.isLacked = false
    if (isFirst) own.probes = this.#probes.count
    this.arm(own)
    return isFirst
  }

  /** Who was seen to lack it while the copy was on its way that is now dispatched; asked once. */
  takeLackedBy(message: OutgoingMessage, now: number): string | undefined {
    const own = message as Own
    const { lackedAt } = own
    own.lackedAt = undefined
    return lackedAt !== undefined && now - lackedAt < LATE_REPORT_MS ? own.lackedBy : undefined
  }

  /**
   * Somebody is seen to lack it. Returns whether that means that its latest copy is lost, and not on its way.
   *
   * @param isSure He has had something that left later.
   */
  isLostFor(message: OutgoingMessage, by: string, now: number, isSure: boolean): boolean {
    const own = message as Own
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

  /** Somebody lacks it: a copy leaves for that reason, and waits in vain count anew. */
  lacked(message: OutgoingMessage, by: string): void {
    const own = message as Own
    own.isLacked = true
    own.lackedBy = by
    own.probes = this.#probes.count
  }

  /** Whether so much was done in vain that it counts as undelivered. */
  isExhausted(message: OutgoingMessage): boolean {
    const own = message as Own
    const times = this.#isMeasured ? this.#probes.count - own.probes : own.retransmissions
    return own.left && times >= this.#settings.maxRetransmissions
  }

  /** The message that is sent to find out what has come: the newest, which names what comes before it. */
  probe(message: OutgoingMessage): OutgoingMessage {
    const newest = this.#newest
    return newest !== undefined &&
      this.#byId.has(newest.entry.messageId) &&
      newest.left &&
      !newest.onTheWay &&
      !this.isExhausted(newest)
      ? newest
      : message
  }

  /** A copy was not wanted. */
  withdrawn(message: OutgoingMessage): void {
    const own = message as Own
    if (!own.onTheWay) return
    own.onTheWay = false
    this.arm(own)
  }

  /** What it would have acknowledged: it no longer does. */
  takeSaid(message: OutgoingMessage): readonly string[] | undefined {
    const own = message as Own
    const { says } = own
    own.says = undefined
    return says
  }

  /** The machine has started again: as if a copy had left now. */
  startAgain(message: OutgoingMessage, now: number): void {
    const own = message as Own
    own.dispatchedAt = now
    if (own.left) this.arm(own)
  }

  /** Notes a filter of a sender that has the id. Returns whether that is news: it may be seen again with a duplicate. */
  hit(message: OutgoingMessage, senderId: string, digest: number): boolean {
    const own = message as Own
    if (own.hits?.get(senderId) === digest) return false
    own.hits ??= new Map()
    own.hits.set(senderId, digest)
    own.hitCount++
    return true
  }

  /** Starts, or starts again, the acknowledgement timer of a message that left. */
  arm(message: OutgoingMessage): void {
    const own = message as Own
    this.#timers.remove(own.timer)
    own.timer = this.#timers.add(this.#retransmitAt(own), own)
  }

  /** Whether the time has come to send a message again. What has not left at all always may. */
  isDue(message: OutgoingMessage, now: number): boolean {
    return !message.left || this.#retransmitAt(message) <= now
  }

  /** Whether there is still need of a copy that waits. */
  isWanted(message: OutgoingMessage, now: number): boolean {
    if (this.#byId.get(message.entry.messageId) !== message) return false
    if (this.#isMeasured) return message.isLacked || message.hitCount === 0 || !message.left
    return this.isDue(message, now)
  }

  /** The messages whose ids are in a filter. */
  inFilter(filter: BloomBits): OutgoingMessage[] {
    if (this.#slots.length === 0) return []
    return this.#matcher(filter)
      .match(filter)
      .map((slot) => this.#slots[slot]!)
  }

  /** Another message that leaves may refer to all that were wrapped. */
  refer(): void {
    this.#referredWraps = this.#wraps
  }

  /** Whether these are the newest, no copy left, and nothing may refer to them. */
  canTakeBack(messageIds: readonly string[]): boolean {
    const count = new Set(messageIds).size
    if (count === 0 || count !== messageIds.length) return false
    // The numbers of the newest so many are these.
    const after = Math.max(this.#wraps - count, this.#referredWraps)
    return messageIds.every((messageId) => {
      const message = this.#byId.get(messageId)
      return message !== undefined && message.number > after && !message.left && message.hitCount === 0
    })
  }

  /** These were removed, and count no longer. */
  takenBack(messageIds: readonly string[]): void {
    this.#wraps -= messageIds.length
    if (this.#group?.after.some(({ messageId }) => messageIds.includes(messageId))) this.#group = undefined
  }

  /** The clock was moved. */
  shift(ms: number): void {
    for (const message of this.#slots) {
      message.dispatchedAt += ms
      message.madeAt += ms
    }
  }

  check(): void {
    let bytes = 0
    for (const [slot, message] of this.#slots.entries()) {
      const { timer, onTheWay } = message
      ensure((timer?.isGone === false && timer.value === message) !== onTheWay, 4)
      ensure(message.slot === slot && this.#byId.get(message.entry.messageId) === message, 4)
      bytes += message.content.length
    }
    ensure(bytes === this.#bytes && this.#byId.size === this.#slots.length, 6)
    ensure(this.size <= this.#settings.maxOutgoing && bytes <= this.#settings.maxOutgoingBytes, 6)
  }

  /** Whether waits follow the round trips. */
  get #isMeasured(): boolean {
    return this.#settings.acknowledgementTimeoutMs === undefined
  }

  /**
   * When a message that left is sent again. LIP-109, "Periodic Outgoing Buffer Sweep". Others may have to wait for the
   * next epoch to acknowledge it; and for one message more, where a second filter would do that.
   */
  #retransmitAt({ dispatchedAt, retransmissions, hitCount }: OutgoingMessage): number {
    const { acknowledgementTimeoutMs, retransmissionBackoff, possiblyAcknowledgedFactor, epochMs, paceMs } =
      this.#settings
    const wait =
      acknowledgementTimeoutMs === undefined
        ? (this.#roundTrips.timeoutMs + this.#arrivals.patienceMs) *
          retransmissionBackoff ** this.#probes.backoff
        : acknowledgementTimeoutMs * retransmissionBackoff ** retransmissions
    const since = acknowledgementTimeoutMs === undefined ? this.#probes.since(dispatchedAt) : dispatchedAt
    return since + (hitCount > 0 ? wait * possiblyAcknowledgedFactor + epochMs + paceMs : wait + epochMs)
  }

  #add(
    entry: LogEntry,
    content: Uint8Array,
    ephemeral: boolean,
    number: number,
    hashes: Uint32Array | undefined,
    says: readonly string[] | undefined,
  ): Own {
    const message: Own = {
      type: 'retransmit',
      entry,
      content,
      ephemeral,
      number,
      slot: this.#slots.length,
      retransmissions: 0,
      onTheWay: false,
      left: false,
      dispatchedAt: 0,
      madeAt: 0,
      copy: 0,
      isLacked: false,
      lackedBy: undefined,
      lackedAt: undefined,
      probes: this.#probes.count,
      hits: undefined,
      hitCount: 0,
      timer: undefined,
      says,
      filterKnows: 0,
    }
    const { dialect } = this.#settings
    this.#slots.push(message)
    this.#byId.set(entry.messageId, message)
    this.#bytes += content.length
    this.#matchers.lip?.push(entry.messageId, dialect === 'lip' ? hashes : undefined)
    this.#matchers.nim?.push(entry.messageId, dialect === 'nim' ? hashes : undefined)
    return message
  }

  #matcher({ dialect, bits }: BloomBits): FilterMatcher {
    const existing = this.#matchers[dialect]
    if (existing !== undefined) return existing
    const matcher = new FilterMatcher(dialect, bits)
    for (const message of this.#slots) matcher.push(message.entry.messageId)
    this.#matchers[dialect] = matcher
    return matcher
  }
}
