import { Heads } from './heads.ts'
import { type LogEntry, type LogFields, type LogName, type Place, comesBefore } from './log-entry.ts'
import { PackedEntries } from './packed-entries.ts'
import { SlotOrder } from './slot-order.ts'

/**
 * Own loose messages looked past for those that a message names.
 * @limit Beyond them, only what no other names is named: that says it all.
 */
const MOST_LOOSE = 256

/** Contents looked past because they are needed. @limit Beyond them, the oldest goes. */
const MOST_NEEDED = 1_024
/** Where all of those are, so many go one after the other, so that each costs little. */
const AT_ONCE = 32

/**
 * The local history: content messages ordered by (Lamport timestamp, id), found by id at a cost that does not grow.
 * LIP-109, "Participant state".
 */
export class History {
  /** Made with the first: a channel on which nothing was sent holds next to nothing. */
  #packed: PackedEntries | undefined
  readonly #hashKey: number
  readonly #order = new SlotOrder()
  /** Entries before this one, in order, have no content. */
  #contentStart = 0
  /** So many contents are dropped without a look at others. */
  #unseen = 0
  #bytes = 0
  readonly #heads = new Heads()
  /** The same of those that name none themselves, first ones and loose ones of others: there may be many. Made with the first. */
  #freeHeads: Heads | undefined
  /** The same of own loose ones: later own ones do not come after them. */
  #looseHeads: Heads | undefined

  /** @param hashKey - in [0, 1): makes it impossible to choose ids that are slow to find */
  constructor(hashKey: number) {
    this.#hashKey = hashKey
  }

  get size(): number {
    return this.#order.size
  }

  /** Bytes of content held, and of causal histories where they are long. */
  get bytes(): number {
    return this.#bytes
  }

  has(messageId: string): boolean {
    return this.#find(messageId) !== -1
  }

  get(messageId: string): LogEntry | undefined {
    const slot = this.#find(messageId)
    return slot === -1 ? undefined : this.#packed!.get(slot)
  }

  /** The name of an entry, at less cost than {@link get}. */
  nameOf(messageId: string): LogName | undefined {
    const slot = this.#find(messageId)
    return slot === -1 ? undefined : this.#packed!.nameOf(slot)
  }

  /** Adds an entry that is not in it: at the tail as a rule, else by binary search. Large contents are not copied. */
  insert(entry: LogFields): void {
    const entries = (this.#packed ??= new PackedEntries(this.#hashKey))
    const index = this.#indexOf(entry)
    const slot = entries.add(entry)
    this.#order.insert(index, slot)
    this.#contentStart = Math.min(this.#contentStart, index)
    this.#bytes += entries.bytesOf(slot)
    this.#noteHead(entry)
  }

  /** The newest `count` entries, oldest first; of those that `isWanted`, if any are among the newest `lookedAt`. */
  last(
    count: number,
    isWanted: (entry: LogName) => boolean = () => true,
    lookedAt: number = count,
  ): LogName[] {
    const entries: LogName[] = []
    const first = Math.max(0, this.size - lookedAt)
    for (let i = this.size - 1; i >= first && entries.length < count; i--) {
      const entry = this.#packed!.nameOf(this.#order.at(i))
      if (isWanted(entry)) entries.push(entry)
    }
    return entries.reverse()
  }

  /** The `count` entries before one, or the newest, oldest first; none before one that is not in it. */
  before(messageId: string | undefined, count: number): LogEntry[] {
    const name = messageId === undefined ? undefined : this.nameOf(messageId)
    if (messageId !== undefined && name === undefined) return []
    const end = name === undefined ? this.size : this.#indexOf(name)
    const entries: LogEntry[] = []
    for (let i = Math.max(0, end - count); i < end; i++) entries.push(this.#packed!.get(this.#order.at(i)))
    return entries
  }

  /**
   * The newest `count` of the entries that no other names: all else can be found from them. Those that name others come
   * last, and do not make room for those that name none.
   */
  heads(count: number): LogName[] {
    const ids = this.headIds(count)
    const loose = this.#looseHeads?.last(count - ids.length) ?? []
    return this.#namesOf([...loose, ...ids])
  }

  /** Ids of the same, but for own loose ones. */
  headIds(count: number): string[] {
    const ids = this.#heads.last(count)
    const free = this.#freeHeads
    return free === undefined || free.size === 0 ? ids : [...free.last(count - ids.length), ...ids]
  }

  /**
   * The entries that the next message names as those before it, oldest first: the newest `count` and, because
   * concurrent ones may not be among them, the newest `most` heads. Without the heads, somebody who has the newest
   * entries may lack others that the author had, and would not know. Own loose ones are not among them.
   *
   * @param own The author's latest: it is not among those left out, whatever else there is.
   */
  frontier(count: number, most: number, own?: string): LogName[] {
    const newest = this.last(count, isOrdered, count + MOST_LOOSE)
    // A single head is the newest entry, unless that is stamped later than it should be.
    const free = this.#freeHeads
    const hasFree = free !== undefined && free.size > 0
    const { only } = this.#heads
    if (!hasFree && only !== undefined && only === newest.at(-1)?.messageId) return newest
    const latest = own === undefined ? undefined : this.nameOf(own)
    const naming = this.#namesOf(this.#heads.last(Infinity))
    const heads = latestHeads(
      { naming, free: hasFree ? this.#namesOf(free.last(Infinity)) : [] },
      most,
      latest,
    )
    const named = new Map([...newest, ...heads].map((entry) => [entry.messageId, entry]))
    return [...named.values()].sort(byOrder)
  }

  /** Takes an entry out. */
  remove(messageId: string): LogEntry | undefined {
    const slot = this.#find(messageId)
    if (slot === -1) return undefined
    const entry = this.#packed!.get(slot)
    this.#takeOut(this.#indexOf(entry), messageId)
    for (const { messageId: id } of entry.causalHistory) {
      const named = this.get(id)
      if (named !== undefined) this.#headsOf(named).add(id)
    }
    return entry
  }

  /** Forgets the oldest entry. */
  forgetOldest(): LogName {
    const oldest = this.#packed!.nameOf(this.#order.at(0))
    this.#takeOut(0, oldest.messageId)
    return oldest
  }

  /** Drops the content of the oldest entry that has some and is not needed, if there is one; the entry stays. */
  dropOldestContent(isNeeded: (entry: LogName) => boolean = () => false): LogEntry | undefined {
    let passed = 0
    let first: number | undefined
    const most = this.#unseen > 0 ? 0 : MOST_NEEDED
    for (let index = this.#contentStart; index < this.size; index++) {
      const slot = this.#order.at(index)
      if (this.#packed!.bytesOf(slot) === 0) {
        if (passed === 0) this.#contentStart = index + 1
        continue
      }
      if (passed < most && !isNeeded(this.#packed!.nameOf(slot))) return this.#dropContent(slot)
      first ??= slot
      if (++passed >= most) break
    }
    if (first === undefined) return undefined
    // All that was looked at is needed, as will be the next ones.
    this.#unseen = most === 0 ? this.#unseen - 1 : AT_ONCE
    return this.#dropContent(first)
  }

  #dropContent(slot: number): LogEntry {
    this.#bytes -= this.#packed!.bytesOf(slot)
    return this.#packed!.dropContent(slot)
  }

  /** The slot of an id, or -1. */
  #find(messageId: string): number {
    return this.#packed === undefined ? -1 : this.#packed.find(messageId)
  }

  /** How many entries stand before a place. */
  #indexOf(place: Place): number {
    const order = this.#order
    let high = order.size
    if (high === 0 || this.#packed!.isBefore(order.at(high - 1), place)) return high
    let low = 0
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#packed!.isBefore(order.at(middle), place)) low = middle + 1
      else high = middle
    }
    return low
  }

  #takeOut(index: number, messageId: string): void {
    const slot = this.#order.at(index)
    this.#bytes -= this.#packed!.bytesOf(slot)
    this.#packed!.remove(slot)
    this.#order.remove(index)
    if (index < this.#contentStart) this.#contentStart--
    this.#deleteHead(messageId)
  }

  #noteHead(entry: LogFields): void {
    for (const { messageId } of entry.causalHistory) this.#deleteHead(messageId)
    this.#headsOf(entry).add(entry.messageId)
  }

  #deleteHead(messageId: string): void {
    this.#heads.delete(messageId)
    this.#freeHeads?.delete(messageId)
    this.#looseHeads?.delete(messageId)
  }

  #headsOf({ isLoose, causalHistory }: Pick<LogFields, 'isLoose' | 'causalHistory'>): Heads {
    if (isLoose === true) return (this.#looseHeads ??= new Heads())
    return causalHistory.length === 0 ? (this.#freeHeads ??= new Heads()) : this.#heads
  }

  #namesOf(messageIds: readonly string[]): LogName[] {
    return messageIds.map((messageId) => this.nameOf(messageId)!)
  }
}

export const byOrder = (a: LogName, b: LogName): number => (comesBefore(a, b) ? -1 : 1)

const isOrdered = ({ isLoose }: LogName): boolean => !isLoose

/**
 * Of heads that name others, and of those that name none, the newest by the order of the log where there are too many: what
 * came late is no newer for that. Those that name none do not take the place of those that do.
 *
 * @param own The author's latest, which is among them.
 */
export function latestHeads(
  { naming, free }: { readonly naming: readonly LogName[]; readonly free: readonly LogName[] },
  most: number,
  own: LogName | undefined,
): LogName[] {
  const heads = [...free, ...naming]
  if (heads.length <= most || most === 0) return most === 0 ? [] : heads
  const chosen = [...free.toSorted(byOrder), ...naming.toSorted(byOrder)].slice(-most)
  if (own !== undefined && chosen.every(({ messageId }) => messageId !== own.messageId)) chosen[0] = own
  return chosen
}
