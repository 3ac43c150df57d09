import { SparseSet } from '@reliable-channels/stage/core'
import { comesBefore } from '../history/log-entry.ts'
import type { MissingMessages } from './missing-messages.ts'
import type { Parked } from './parked-message.ts'

/**
 * Messages looked at to find a circle of those that wait for each other.
 * @limit A larger one is not found: it is released when its members are given up.
 */
const MOST_IN_CIRCLE = 64

/**
 * Looks for messages that wait for each other and for nothing that may still come: ids that are hashes of contents come
 * twice.
 */
export class Circles<T extends Parked> {
  readonly #parked: { get(messageId: string): T | undefined }
  readonly #missing: MissingMessages
  /** Messages of which one that they wait for was parked or found: perhaps they wait for each other now. */
  readonly #suspects = new SparseSet<T>()
  #looks = 0

  constructor(parked: { get(messageId: string): T | undefined }, missing: MissingMessages) {
    this.#parked = parked
    this.#missing = missing
  }

  /** How many may be in a circle. */
  get size(): number {
    return this.#suspects.size
  }

  /** How many messages were looked at the last time; 0 where none may be in a circle. */
  get looks(): number {
    return this.#looks
  }

  /** A message may be in a circle now. */
  suspect(parked: T): void {
    this.#suspects.add(parked)
  }

  /** Looks at one that may be in a circle. Returns the first of that, in the order of the log. */
  find(): T | undefined {
    this.#looks = 0
    const [suspect] = this.#suspects
    if (suspect === undefined) return undefined
    this.#suspects.delete(suspect)
    this.#looks = 1
    if (suspect.waitsFor === 0 || this.#parked.get(suspect.entry.messageId) !== suspect) return undefined
    let first = suspect
    const seen = new Set([suspect])
    for (const parked of seen) {
      if (comesBefore(parked.entry, first.entry)) first = parked
      for (const { messageId } of parked.entry.causalHistory) {
        this.#looks++
        if (!this.#missing.has(messageId)) continue
        const before = this.#parked.get(messageId)
        // It may come; or it is about to be delivered.
        if (before === undefined || before.waitsFor === 0) return undefined
        seen.add(before)
        if (seen.size > MOST_IN_CIRCLE) return undefined
      }
    }
    return first
  }
}
