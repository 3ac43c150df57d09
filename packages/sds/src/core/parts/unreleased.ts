import type { Urgency } from '../input.ts'
import { SparseMap, SparseSet } from '@reliable-channels/stage/core'
import type { Lamport } from '../wire/lamport.ts'
import { ensure } from './ensure.ts'
import type { HistoryEntry } from '../wire/message.ts'

/** An own message, with what does not change until it is acknowledged. */
export interface OwnMessage {
  readonly messageId: string
  readonly lamport: Lamport
  readonly causalHistory: readonly HistoryEntry[]
  readonly content: Uint8Array
}

/** An own message of which no copy has left. */
export interface WaitingMessage {
  readonly message: Pick<OwnMessage, 'messageId' | 'causalHistory'>
  readonly priority: Urgency
  /** Its number among own messages; see `OwnLog`. */
  readonly number: number
}

/** Content that is to be encoded. */
interface Held extends WaitingMessage {
  readonly message: OwnMessage
}

/** Own content that was wrapped and has not been released yet, where messages are encoded when they leave. */
export class Unreleased {
  readonly #messages = new SparseMap<string, Held>()
  /** Those that leave as retransmissions: an earlier process did not send them, or whatever holds frames back dropped them. */
  readonly #dropped = new SparseMap<string, WaitingMessage>()
  /** How many of both are of each rank. */
  readonly #ranks: [number, number, number] = [0, 0, 0]
  /** Ids of content that is not tracked, and so is encoded already. */
  readonly #untracked = new SparseSet<string>()
  /** Something else has left while content waited. */
  #wasPassed = false

  /** How much is to be encoded. */
  get size(): number {
    return this.#messages.size
  }

  has(messageId: string): boolean {
    return this.#messages.has(messageId)
  }

  messageIds(): Iterable<string> {
    return this.#messages.keys()
  }

  /** Whether it is the turn of content that waits: what asks, acknowledges or answers for others has left before it. */
  get isItsTurn(): boolean {
    return this.#wasPassed && this.#messages.size > 0
  }

  /** A sync message or a repair leaves. */
  pass(): void {
    this.#wasPassed = this.#messages.size > 0
  }

  /** A message is to be encoded when it leaves. */
  hold(message: OwnMessage, priority: Urgency, number: number): void {
    this.#messages.set(message.messageId, { message, priority, number })
    this.#ranks[rankOf(priority)]++
  }

  /** It is encoded now, or never. */
  take(messageId: string): OwnMessage | undefined {
    const message = this.#takeFrom(this.#messages, messageId)?.message
    if (message !== undefined) this.#wasPassed = false
    return message
  }

  /** It did not leave, and is sent as a retransmission. Returns whether it waited. */
  drop(messageId: string): boolean {
    const held = this.#takeFrom(this.#messages, messageId)
    if (held === undefined) return false
    const { messageId: id, causalHistory } = held.message
    this.holdDropped({ ...held, message: { messageId: id, causalHistory } })
    return true
  }

  /** It will be sent as a retransmission. */
  holdDropped(waiting: WaitingMessage): void {
    this.#dropped.set(waiting.message.messageId, waiting)
    this.#ranks[rankOf(waiting.priority)]++
  }

  /** A retransmission leaves, or will not. */
  takeDropped(messageId: string): void {
    if (this.#dropped.size > 0) this.#takeFrom(this.#dropped, messageId)
  }

  /** Those that wait and are less urgent; `undefined` where none is. */
  below(priority: Urgency): WaitingMessage[] | undefined {
    const rank = rankOf(priority)
    if (!this.#ranks.some((count, other) => other > rank && count > 0)) return undefined
    return [...this.#messages.values(), ...this.#dropped.values()].filter(
      (waiting) => rankOf(waiting.priority) > rank,
    )
  }

  /** Forgets the messages that wait: they will never be encoded. */
  clear(): void {
    this.#messages.clear()
    this.#dropped.clear()
    this.#ranks.fill(0)
  }

  holdUntracked(messageId: string): void {
    this.#untracked.add(messageId)
  }

  /** Returns whether it was held. */
  takeUntracked(messageId: string): boolean {
    return this.#untracked.delete(messageId)
  }

  check(): void {
    const ranks = [0, 0, 0]
    for (const { priority } of [...this.#messages.values(), ...this.#dropped.values()])
      ranks[rankOf(priority)]!++
    ensure(ranks.join() === this.#ranks.join(), 6)
  }

  #takeFrom<T extends WaitingMessage>(messages: SparseMap<string, T>, messageId: string): T | undefined {
    const waiting = messages.get(messageId)
    if (waiting === undefined) return undefined
    messages.delete(messageId)
    this.#ranks[rankOf(waiting.priority)]--
    return waiting
  }
}

/** The most urgent is of rank 0. */
const rankOf = (priority: Urgency): 0 | 1 | 2 =>
  priority === 'critical' ? 0 : priority === 'optional' ? 2 : 1
