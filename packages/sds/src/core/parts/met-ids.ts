import { ensure } from './ensure.ts'
import { QueueMap } from './queue-map.ts'

/** Why an id counts as met although its message is not in the history. */
export type MetReason = 'sync' | 'waived' | 'lost' | 'forgotten'

/** An id that counts as met; see {@link MetIds}. */
export interface MetId {
  readonly sequence: number
  readonly messageId: string
  readonly reason: MetReason
  /** Of a waived id: by whose word. What lists it as another's message still depends on it. */
  readonly senderId?: string
}

/** Ids met without their message being in the history, the newest so many of them; and as many of passing messages. */
export class MetIds {
  readonly #max: number
  /** Waived, lost, forgotten. */
  readonly #met = new QueueMap<string, MetId>()
  /** Of sync and ephemeral messages, own and seen. */
  readonly #passing = new QueueMap<string, MetId>()
  /** Messages given up and not seen since. */
  readonly #lost = new Set<string>()

  constructor(max: number) {
    this.#max = max
  }

  /** How many messages were given up and not seen since. */
  get lostCount(): number {
    return this.#lost.size
  }

  get(messageId: string): MetId | undefined {
    return this.#met.get(messageId) ?? this.#passing.get(messageId)
  }

  /** Of those waived, lost or forgotten. */
  messageIds(): Iterable<string> {
    return this.#met.keys()
  }

  isForgotten(messageId: string): boolean {
    return this.#met.get(messageId)?.reason === 'forgotten'
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
    ids.set(id.messageId, id)
    const forgotten = ids.size > this.#max ? ids.takeOldest()?.value : undefined
    if (forgotten !== undefined) this.#lost.delete(forgotten.messageId)
    return forgotten
  }

  restore(id: MetId): void {
    this.add(id)
    if (id.reason === 'lost') this.lose(id.messageId)
  }

  /** A message is given up. */
  lose(messageId: string): void {
    this.#lost.add(messageId)
  }

  /** A message arrived: it no longer counts as met without it. Returns why it did. */
  arrive(messageId: string): MetId | undefined {
    this.#lost.delete(messageId)
    const id = this.#met.get(messageId)
    if (id !== undefined) this.#met.delete(messageId)
    return id
  }

  check(): void {
    ensure(Math.max(this.#met.size, this.#passing.size, this.#lost.size) <= this.#max, 6)
  }

  #idsOf(reason: MetReason): QueueMap<string, MetId> {
    return reason === 'sync' ? this.#passing : this.#met
  }
}
