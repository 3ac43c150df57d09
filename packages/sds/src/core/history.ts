import type { Lamport } from './lamport.ts'
import { type LogEntry, type Place, comesBefore } from './log-entry.ts'

/** Entries remembered as named by no other; where there are more at once, older ones were listed often enough. */
const MOST_HEADS = 1_000

/**
 * The local history: content messages ordered by (Lamport timestamp, id), found by id at a cost that does not grow.
 * LIP-109, "Participant state".
 */
export class History {
  readonly #byId = new Map<string, LogEntry>()
  /** In order from `#start`; what is before it has been forgotten. */
  #entries: LogEntry[] = []
  #start = 0
  /** Content is held from here on. */
  #contentStart = 0
  #bytes = 0
  /** Entries that no other names as before it, in the order in which they came. */
  readonly #heads = new Map<string, LogEntry>()
  /** The newest entry that was forgotten. */
  #forgotten: Place | undefined

  get size(): number {
    return this.#entries.length - this.#start
  }

  /** Bytes of content held. */
  get bytes(): number {
    return this.#bytes
  }

  has(messageId: string): boolean {
    return this.#byId.has(messageId)
  }

  get(messageId: string): LogEntry | undefined {
    return this.#byId.get(messageId)
  }

  /** Whether a message belongs before what is still remembered, where duplicates can no longer be told. */
  precedes(lamport: Lamport, messageId: string): boolean {
    return this.#forgotten !== undefined && comesBefore({ lamport, messageId }, this.#forgotten)
  }

  /** What comes up to `place` was forgotten before. */
  forgetBefore(place: Place): void {
    if (this.#forgotten === undefined || comesBefore(this.#forgotten, place)) this.#forgotten = place
  }

  /** Adds an entry that is not in it: at the tail as a rule, else by binary search. */
  insert(entry: LogEntry): void {
    const entries = this.#entries
    this.#byId.set(entry.messageId, entry)
    this.#noteHead(entry)
    this.#bytes += entry.contentLength
    const last = entries.at(-1)
    if (this.size === 0 || comesBefore(last!, entry)) {
      entries.push(entry)
      return
    }
    let low = this.#start
    let high = entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (comesBefore(entries[middle]!, entry)) low = middle + 1
      else high = middle
    }
    entries.splice(low, 0, entry)
    if (low < this.#contentStart) this.#contentStart = low
  }

  /** The newest `count` entries, oldest first. */
  last(count: number): LogEntry[] {
    return this.#entries.slice(Math.max(this.#start, this.#entries.length - count))
  }

  /** The newest `count` of the entries that no other names: all else can be found from them. */
  heads(count: number): LogEntry[] {
    return [...this.#heads.values()].slice(-count)
  }

  /**
   * What the next message comes after, oldest first: the newest `count` entries and, because concurrent ones may not be
   * among them, the newest `most` heads. Without those, who has seen the newest may still miss what the author had seen.
   */
  frontier(count: number, most: number): LogEntry[] {
    const newest = this.last(count)
    // A single head is the newest entry.
    if (this.#heads.size <= 1) return newest
    const named = new Set([...newest, ...this.heads(most)])
    return [...named].sort((a, b) => (comesBefore(a, b) ? -1 : 1))
  }

  /** Takes an entry out. */
  remove(messageId: string): LogEntry | undefined {
    const entry = this.#byId.get(messageId)
    if (entry === undefined) return undefined
    const index = this.#entries.lastIndexOf(entry)
    this.#entries.splice(index, 1)
    if (index < this.#contentStart) this.#contentStart--
    this.#byId.delete(messageId)
    this.#heads.delete(messageId)
    for (const named of entry.causalHistory) {
      const before = this.#byId.get(named.messageId)
      if (before !== undefined) this.#heads.set(before.messageId, before)
    }
    this.#bytes -= entry.contentLength
    return entry
  }

  /** Forgets the oldest entry. */
  forgetOldest(): LogEntry {
    const entry = this.#entries[this.#start]!
    this.#entries[this.#start] = undefined as never
    this.#start++
    this.#contentStart = Math.max(this.#contentStart, this.#start)
    this.#byId.delete(entry.messageId)
    this.#heads.delete(entry.messageId)
    this.#bytes -= entry.contentLength
    this.forgetBefore({ lamport: entry.lamport, messageId: entry.messageId })
    if (this.#start > 1024 && this.#start * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#start)
      this.#contentStart -= this.#start
      this.#start = 0
    }
    return entry
  }

  #noteHead(entry: LogEntry): void {
    const heads = this.#heads
    for (const { messageId } of entry.causalHistory) heads.delete(messageId)
    heads.set(entry.messageId, entry)
    if (heads.size > MOST_HEADS) heads.delete(heads.keys().next().value!)
  }

  /** Drops the content of the oldest entry that has some; the entry stays. */
  dropOldestContent(): LogEntry | undefined {
    while (this.#contentStart < this.#entries.length) {
      const entry = this.#entries[this.#contentStart++]!
      if (entry.contentLength === 0) continue
      this.#bytes -= entry.contentLength
      entry.dropContent()
      return entry
    }
    return undefined
  }
}
