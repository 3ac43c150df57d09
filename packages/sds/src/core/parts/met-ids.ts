import { SparseSet } from '@reliable-channels/stage/core'
import type { Lamport } from '../wire/lamport.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { ensure } from './ensure.ts'
import { QueueMap } from './queue-map.ts'

/**
 * Why an id counts as met although its message is not in the history. `ahead` is of forgotten messages too, of those that
 * are stamped far ahead.
 */
export type MetReason = 'sync' | 'waived' | 'lost' | 'forgotten' | 'ahead'

/** Where the message of an id stands, among those of whom. */
export interface Stamp {
  readonly lamport: Lamport
  readonly senderId: string
}

/** An id that counts as met; see {@link MetIds}. */
export interface MetId {
  readonly sequence: number
  readonly messageId: string
  readonly reason: MetReason
  /** Of a waived id, by whose word, and of a lost one, whose it is. What lists it as another's message still depends on it. */
  readonly senderId?: string
  /** Of a message that was here: with the id, the memory of it is gone. */
  readonly stamp?: Stamp | undefined
}

/** Ids met without their message being in the history, the newest so many of them; and as many of passing messages. */
export class MetIds {
  readonly #max: number
  /** Waived, lost, forgotten. */
  readonly #met: QueueMap<string, MetId>
  /** Of sync and ephemeral messages, own and seen. */
  readonly #passing: QueueMap<string, MetId>
  /** Of messages stamped far ahead: they do not go before their time. */
  readonly #ahead: QueueMap<string, MetId>
  /** The earliest timestamp of those, or an earlier one. */
  #aheadFrom: Lamport = Infinity
  /** Messages given up and not seen since. */
  readonly #lost = new SparseSet<string>()

  constructor(max: number) {
    this.#max = max
    this.#met = new QueueMap(max)
    this.#passing = new QueueMap(max)
    this.#ahead = new QueueMap(max)
  }

  /** How many messages were given up and not seen since. */
  get lostCount(): number {
    return this.#lost.size
  }

  get(messageId: string): MetId | undefined {
    return this.#met.get(messageId) ?? this.#passing.get(messageId) ?? this.#ahead.get(messageId)
  }

  /** Of those waived, lost or forgotten. */
  messageIds(): Iterable<string> {
    return [...this.#met.keys(), ...this.#ahead.keys()]
  }

  isForgotten(messageId: string): boolean {
    return this.#met.get(messageId)?.reason === 'forgotten' || this.#ahead.has(messageId)
  }

  /** Whether no more ids of messages that are stamped far ahead can be remembered. */
  get isFullAhead(): boolean {
    return this.#ahead.size >= this.#max
  }

  /** Takes out those whose time has come. */
  takeOvertaken(now: number): MetId[] {
    if (now < this.#aheadFrom) return []
    this.#aheadFrom = Infinity
    const overtaken: MetId[] = []
    for (const id of this.#ahead.values()) {
      if (id.stamp!.lamport <= now) overtaken.push(id)
      else this.#noteAhead(id)
    }
    for (const { messageId } of overtaken) this.#ahead.delete(messageId)
    return overtaken
  }

  /** Whether it is the id of a message that leaves no other trace. */
  isPassing(messageId: string): boolean {
    return this.#passing.has(messageId)
  }

  /** Whether an id counts as met for that reason, or one like it. */
  has(messageId: string, reason: MetReason): boolean {
    return this.#idsOf(reason).has(messageId)
  }

  /** Adds an id that is not in it; returns the one that must go for it. */
  add(id: MetId): MetId | undefined {
    const ids = this.#idsOf(id.reason)
    if (ids === this.#ahead) this.#noteAhead(id)
    const forgotten = ids.put(id.messageId, id)?.value
    if (forgotten !== undefined) this.#lost.delete(forgotten.messageId)
    return forgotten
  }

  /** It was stored. Returns the one that must go for it. */
  restore(id: MetId): MetId | undefined {
    const forgotten = this.add(id)
    if (id.reason === 'lost') this.lose(id.messageId)
    return forgotten
  }

  /** A message is given up. */
  lose(messageId: string): void {
    this.#lost.add(messageId)
  }

  /** The messages given up last, at most so many, of those whose sender is known. */
  newestLost(most: number): HistoryEntry[] {
    const entries: HistoryEntry[] = []
    for (const messageId of [...this.#lost].slice(-most)) {
      const senderId = this.#met.get(messageId)?.senderId
      if (senderId !== undefined) entries.push({ messageId, senderId })
    }
    return entries
  }

  /** Whether a message was given up and not seen since. */
  isLost(messageId: string): boolean {
    return this.#lost.has(messageId)
  }

  /** A message arrived: it no longer counts as met without it. Returns why it did. */
  arrive(messageId: string): MetId | undefined {
    this.#lost.delete(messageId)
    const id = this.#met.get(messageId)
    if (id !== undefined) this.#met.delete(messageId)
    return id
  }

  check(): void {
    ensure(this.#lost.size <= this.#max, 6)
  }

  #noteAhead({ stamp }: MetId): void {
    if (stamp!.lamport < this.#aheadFrom) this.#aheadFrom = stamp!.lamport
  }

  #idsOf(reason: MetReason): QueueMap<string, MetId> {
    if (reason === 'ahead') return this.#ahead
    return reason === 'sync' ? this.#passing : this.#met
  }
}
