import { SparseMap, SparseSet } from '@reliable-channels/stage/core'
import { ensure } from './ensure.ts'

/**
 * Messages owed: several sync messages' worth.
 * @limit One beyond is not: filters acknowledge it too, or its sender sends it again, and then it is owed.
 */
const MOST = 4_096

/** The number of what only a causal history can acknowledge. */
const BY_NAME = -1

/** A delivered message that nobody is known to have acknowledged. There are thousands: its numbers are small integers. */
interface Debt {
  readonly senderId: string
  /** By the time of {@link Owed}. */
  readonly since: number
  /** Its number in the order of arrival, or {@link BY_NAME}. */
  readonly number: number
}

/**
 * The messages that are to be acknowledged, oldest first. One is no longer owed once a message of this participant that
 * left, or of another, has named it, or once enough own messages left whose filters had it: as many as a peer wants to
 * see.
 */
export class Owed {
  readonly #debts = new SparseMap<string, Debt>()
  /** Those that own content was to acknowledge, and did not. */
  readonly #overdue = new SparseSet<string>()
  /** How often its sender has sent each again that he has, and which one last. */
  readonly #times = new SparseMap<string, number>()
  #again: string | undefined
  #arrivals = 0
  /** When the time of what is owed began. */
  #zero = 0
  /** How much had arrived when the filters of the latest own messages that left were made. */
  #filters: number[] = []
  readonly #filtersWanted: number

  /** @param filtersWanted - filters that acknowledge together */
  constructor(filtersWanted: number) {
    this.#filtersWanted = filtersWanted
  }

  get size(): number {
    return this.#debts.size
  }

  /** Since when the oldest is owed; what is overdue has had its time. */
  get since(): number | undefined {
    if (this.#overdue.size > 0) return -Infinity
    for (const { since } of this.#debts.values()) return this.#zero + since
    return undefined
  }

  /** How often its sender has sent it again since it was owed. */
  timesOf(messageId: string): number {
    return this.#times.get(messageId) ?? 0
  }

  /** How much has arrived so far. */
  get arrivals(): number {
    return this.#arrivals
  }

  has(messageId: string): boolean {
    return this.#debts.has(messageId)
  }

  senderOf(messageId: string): string | undefined {
    return this.#debts.get(messageId)?.senderId
  }

  /** The one that it is most urgent to acknowledge: what has come again last, else the oldest. */
  get mostUrgent(): string | undefined {
    if (this.#again !== undefined) return this.#again
    for (const messageId of this.#debts.keys()) return messageId
    return undefined
  }

  messageIds(): Iterable<string> {
    return this.#debts.keys()
  }

  /** A message was delivered, for the first time. */
  add(messageId: string, senderId: string, now: number): void {
    this.#set(messageId, senderId, now, ++this.#arrivals)
  }

  /** Its sender has sent it again: perhaps he cannot read our filter. */
  addAgain(messageId: string, senderId: string, now: number): void {
    const times = this.timesOf(messageId) + 1
    this.delete(messageId)
    if (!this.#set(messageId, senderId, now, BY_NAME)) return
    this.#times.set(messageId, times)
    this.#again = messageId
  }

  /** The own message that was to acknowledge it has not left in time. */
  addOverdue(messageId: string, senderId: string, now: number): void {
    this.delete(messageId)
    if (this.#set(messageId, senderId, now, BY_NAME)) this.#overdue.add(messageId)
  }

  delete(messageId: string): boolean {
    this.#overdue.delete(messageId)
    this.#times.delete(messageId)
    if (this.#again === messageId) this.#again = undefined
    return this.#debts.delete(messageId)
  }

  /** An own message left whose filter was made when so much had arrived. */
  filterLeft(arrivals: number): void {
    this.#filters.push(arrivals)
    if (this.#filters.length < this.#filtersWanted) return
    const inAll = Math.min(...this.#filters)
    this.#filters.shift()
    for (const [messageId, { number }] of this.#debts) {
      if (number > inAll) return
      if (number !== BY_NAME) this.delete(messageId)
    }
  }

  /** The clock was moved. */
  shift(ms: number): void {
    this.#zero += ms
  }

  check(): void {
    ensure(this.size <= MOST && this.#filters.length < this.#filtersWanted, 6)
    for (const messageId of [...this.#overdue, ...this.#times.keys()]) ensure(this.has(messageId), 6)
    ensure(this.#again === undefined || this.has(this.#again), 6)
  }

  /** Adds a debt, the last one: it is not there yet. Returns whether there was room. */
  #set(messageId: string, senderId: string, now: number, number: number): boolean {
    if (this.#debts.size === 0) this.#zero = now
    if (this.#debts.size >= MOST) return false
    // What follows an older debt after 24 days counts as owed for longer than it is.
    const since = Math.min(now - this.#zero, 0x7fff_ffff) | 0
    this.#debts.set(messageId, { senderId, since, number })
    return true
  }
}
