import type { SchedulerLike } from 'rxjs'

import type { StoreReader } from './store-reader.ts'
import { wait } from '../with-timeout.ts'

interface Batch {
  readonly hashes: Set<string>
  readonly answer: Promise<ReadonlySet<string> | undefined>
}

/** Questions that come within this time are asked together. */
const GATHER_MS = 50

/** Asks stores whether they have a message; questions that fall together are one query. */
export class Presence {
  readonly #reader: StoreReader
  readonly #scheduler: SchedulerLike
  readonly #signal: AbortSignal
  readonly #gathering = new Map<string, Batch>()

  constructor(reader: StoreReader, scheduler: SchedulerLike, signal: AbortSignal) {
    this.#reader = reader
    this.#scheduler = scheduler
    this.#signal = signal
  }

  /** Whether a store has the message; `undefined` when no store answered. Rejects when the transport is closed. */
  async of(pubsubTopic: string, hash: string): Promise<boolean | undefined> {
    let batch = this.#gathering.get(pubsubTopic)
    if (batch === undefined) {
      const hashes = new Set<string>()
      batch = { hashes, answer: this.#ask(pubsubTopic, hashes) }
      this.#gathering.set(pubsubTopic, batch)
    }
    batch.hashes.add(hash)
    return (await batch.answer)?.has(hash)
  }

  async #ask(pubsubTopic: string, hashes: Set<string>): Promise<ReadonlySet<string> | undefined> {
    await wait(this.#scheduler, GATHER_MS, this.#signal)
    this.#gathering.delete(pubsubTopic)
    return this.#reader.present(pubsubTopic, [...hashes], this.#signal)
  }
}
