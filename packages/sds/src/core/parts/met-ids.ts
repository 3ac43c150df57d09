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

/** Ids met without their message being in the history, the newest so many of them. */
export class MetIds {
  readonly #byId = new QueueMap<string, MetId>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#byId.size
  }

  get(messageId: string): MetId | undefined {
    return this.#byId.get(messageId)
  }

  /** Adds an id that is not in it; returns the one that must go for it. */
  add(id: MetId): MetId | undefined {
    this.#byId.set(id.messageId, id)
    return this.#byId.size > this.#max ? this.#byId.takeOldest()?.value : undefined
  }

  remove(messageId: string): MetId | undefined {
    const id = this.#byId.get(messageId)
    if (id !== undefined) this.#byId.delete(messageId)
    return id
  }
}
