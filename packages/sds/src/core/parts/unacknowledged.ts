import type { BloomBits } from '../filter/bloom.ts'
import type { Due } from './due-heap.ts'
import { FilterMatcher } from '../filter/filter-matcher.ts'
import type { LogEntry } from '../history/log-entry.ts'
import type { Dialect } from '../wire/message.ts'
import type { Work } from './work.ts'

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
  slot: number
  /** How often it was sent again. */
  retransmissions: number
  /** A copy was made whose dispatch has not been reported. */
  onTheWay: boolean
  /** A copy was dispatched, or that was tried. */
  left: boolean
  /** When the latest copy was dispatched. */
  dispatchedAt: number
  /** Filters in which it appeared: sender → digest of the filter counted last. */
  hits: Map<string, number> | undefined
  hitCount: number
  timer: Due<Work> | undefined
  /** What it acknowledges, until it has left. */
  says: readonly string[] | undefined
  /** How much had arrived when the filter of the copy on its way was made; see `Owed`. */
  filterKnows: number
}

type MoreOfOutgoing = Pick<OutgoingMessage, 'ephemeral'> & {
  readonly number?: number
  readonly hashes?: Uint32Array | undefined
}

/** The buffer of unacknowledged and possibly acknowledged messages. LIP-109, "Participant state". */
export class Unacknowledged {
  readonly #byId = new Map<string, OutgoingMessage>()
  readonly #slots: OutgoingMessage[] = []
  readonly #matchers: Partial<Record<Dialect, FilterMatcher>>
  readonly #dialect: Dialect
  #bytes = 0

  /** @param bits - of the filters expected in that dialect */
  constructor(dialect: Dialect, bits: number) {
    this.#dialect = dialect
    this.#matchers = { [dialect]: new FilterMatcher(dialect, bits) }
  }

  get size(): number {
    return this.#slots.length
  }

  get bytes(): number {
    return this.#bytes
  }

  get(messageId: string): OutgoingMessage | undefined {
    return this.#byId.get(messageId)
  }

  values(): Iterable<OutgoingMessage> {
    return this.#byId.values()
  }

  /** @param more - `hashes`: those of its id in the participant's dialect, if they are known */
  add(
    entry: LogEntry,
    content: Uint8Array,
    { ephemeral, number = 0, hashes }: MoreOfOutgoing,
  ): OutgoingMessage {
    const message: OutgoingMessage = {
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
      hits: undefined,
      hitCount: 0,
      timer: undefined,
      says: undefined,
      filterKnows: 0,
    }
    this.#slots.push(message)
    this.#byId.set(entry.messageId, message)
    this.#bytes += content.length
    this.#matchers.lip?.push(entry.messageId, this.#dialect === 'lip' ? hashes : undefined)
    this.#matchers.nim?.push(entry.messageId, this.#dialect === 'nim' ? hashes : undefined)
    return message
  }

  remove(message: OutgoingMessage): void {
    const { slot } = message
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

  /** The messages whose ids are in a filter. */
  inFilter(filter: BloomBits): OutgoingMessage[] {
    if (this.#slots.length === 0) return []
    return this.#matcher(filter)
      .match(filter)
      .map((slot) => this.#slots[slot]!)
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
