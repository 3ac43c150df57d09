import { SparseMap } from '@reliable-channels/stage/core'
import type { BloomBits } from '../filter/bloom.ts'
import { FilterMatcher } from '../filter/filter-matcher.ts'
import type { LogEntry } from '../history/log-entry.ts'
import type { Settings } from '../settings.ts'
import type { Dialect } from '../wire/message.ts'
import type { Copies } from './copies.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import type { OutgoingRecord } from '../store/records.ts'
import type { Retransmissions } from './retransmissions.ts'

/** Only {@link Unacknowledged} writes what it keeps of a message. */
type Own = Omit<OutgoingMessage, 'hitCount' | 'isPart'> & {
  isPart: boolean
  /** Another has sent something by the same id: a filter that has it tells nothing. */
  isContested: boolean
  hitCount: number
  /** Sender → digest of the filter counted last. */
  hits: Map<string, number> | undefined
  slot: number
}

/** Own messages that nobody has acknowledged, and in which filters they were seen. LIP-109, "Participant state". */
export class Unacknowledged {
  readonly #settings: Pick<Settings, 'dialect'>
  readonly #copies: Copies
  readonly #retransmissions: Retransmissions
  readonly #byId = new SparseMap<string, Own>()
  readonly #slots: Own[] = []
  readonly #matchers: Partial<Record<Dialect, FilterMatcher>>
  #bytes = 0
  #newest: Own | undefined

  /** @param bits Of the filters expected in the participant's dialect. */
  constructor(settings: Settings, bits: number, copies: Copies, retransmissions: Retransmissions) {
    const { dialect } = settings
    this.#settings = settings
    this.#copies = copies
    this.#retransmissions = retransmissions
    this.#matchers = { [dialect]: new FilterMatcher(dialect, bits) }
  }

  get size(): number {
    return this.#slots.length
  }

  /** The messages, each at its place in the matchers. */
  get slots(): readonly (OutgoingMessage & { readonly slot: number })[] {
    return this.#slots
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The one that was wrapped last, but for loose ones, if it is still unacknowledged. */
  get newest(): OutgoingMessage | undefined {
    return this.#newest
  }

  get(messageId: string): OutgoingMessage | undefined {
    return this.#byId.get(messageId)
  }

  values(): Iterable<OutgoingMessage> {
    return this.#byId.values()
  }

  /**
   * Adds a message that was wrapped.
   *
   * @param hashes Those of its id in the participant's dialect, if they are known.
   */
  add(
    entry: LogEntry,
    { ephemeral, priority, isPart }: Pick<OutgoingMessage, 'ephemeral' | 'priority' | 'isPart'>,
    number: number,
    hashes: Uint32Array | undefined,
  ): OutgoingMessage {
    const message = this.#add(entry, { ephemeral, priority, retransmissions: 0, left: false }, number, hashes)
    message.isPart = isPart
    // A loose one says nothing of others.
    if (!entry.isLoose) this.#newest = message
    return message
  }

  /** Adds one that was wrapped before. @param number Its number, if that is known. */
  restore(entry: LogEntry, record: OutgoingRecord, number = 0): OutgoingMessage {
    return this.#add(entry, record, number, undefined)
  }

  /** It is acknowledged, given up or taken back. */
  remove(message: OutgoingMessage): void {
    const { slot } = message as Own
    this.#copies.drop(message)
    this.#retransmissions.stop(message)
    const last = this.#slots.pop()!
    if (last !== message) {
      this.#slots[slot] = last
      last.slot = slot
    }
    this.#matchers.lip?.remove(slot)
    this.#matchers.nim?.remove(slot)
    this.#byId.delete(message.entry.messageId)
    this.#bytes -= message.entry.contentLength
    if (this.#newest === message) this.#newest = undefined
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

  /** Whether it was in a filter of that sender. */
  wasIn(message: OutgoingMessage, senderId: string): boolean {
    return (message as Own).hits?.has(senderId) === true
  }

  /** Whose filter had it last. */
  seenBy(message: OutgoingMessage): string | undefined {
    const own = message as Own
    return [...(own.hits?.keys() ?? [])].at(-1)
  }

  /** Another has sent something by the id of an own message: from now on, filters do not acknowledge it. */
  contest(messageId: string): void {
    const own = this.#byId.get(messageId)
    if (own !== undefined) own.isContested = true
  }

  /** The messages whose ids are in a filter. */
  inFilter(filter: BloomBits): OutgoingMessage[] {
    if (this.#slots.length === 0) return []
    return this.#matcher(filter)
      .match(filter)
      .map((slot) => this.#slots[slot]!)
      .filter(({ isContested }) => !isContested)
  }

  #add(
    entry: LogEntry,
    { ephemeral, priority = 'normal', retransmissions, left, leftAt, probes = 0 }: OutgoingRecord,
    number: number,
    hashes: Uint32Array | undefined,
  ): Own {
    const message: Own = {
      type: 'retransmit',
      entry,
      ephemeral,
      priority,
      isPart: false,
      isContested: false,
      number,
      slot: this.#slots.length,
      hits: undefined,
      hitCount: 0,
      madeAt: 0,
      copy: 0,
      onTheWay: false,
      left,
      dispatchedAt: 0,
      filterKnows: 0,
      isLacked: false,
      lackedBy: undefined,
      lackedAt: undefined,
      before: undefined,
      after: undefined,
      retransmissions,
      probes,
      leftAt,
      timer: undefined,
    }
    const { dialect } = this.#settings
    this.#slots.push(message)
    this.#byId.set(entry.messageId, message)
    this.#bytes += entry.contentLength
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
