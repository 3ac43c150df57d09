import type { TransportMessage } from '@reliable-channels/transport'
import type { SchedulerLike, Subscription } from 'rxjs'

import type { WakuDiagnostic } from '../diagnostics.ts'
import { readUnknown } from './history.ts'
import { asError } from '../as-error.ts'
import type { StoreReader } from './store-reader.ts'

/** Clocks differ by seconds: that much earlier is looked for what was missed, ms. */
const MARGIN_MS = 5000

/** Since when is looked for what was missed, where that is not known, ms. */
const UNKNOWN_MS = 600_000

/** A content topic that is subscribed. */
export interface SubscribedTopic {
  readonly pubsubTopic: string
  /** Since when, ms. */
  readonly sinceMs: number
}

/** The parts of the transport that catching up needs. */
export interface StoreCatchUpHost {
  readonly options: {
    readonly scheduler: SchedulerLike
    readonly catchUp: boolean
    readonly storeCheckMs: number
  }
  readonly reader: StoreReader
  readonly signal: AbortSignal
  readonly topics: ReadonlyMap<string, SubscribedTopic>
  readonly isConnected: () => boolean
  readonly isKnown: (hash: string) => boolean
  /** Told of what was read; returns whether it was news. */
  readonly deliver: (message: TransportMessage) => boolean
  readonly diagnose: (diagnostic: WakuDiagnostic) => void
}

/** Reads what was missed from stores: when nobody delivered for a while, and now and then in any case. */
export class StoreCatchUp {
  readonly #host: StoreCatchUpHost
  #check: Subscription | undefined
  /** The content topics being read, and since when each is to be read once more, ms; `Infinity` for not. */
  readonly #again = new Map<string, number>()

  constructor(host: StoreCatchUpHost) {
    this.#host = host
  }

  /** Delivers what a content topic had since a time and is not known; of each topic one reading after the other. */
  async since(contentTopic: string, sinceMs: number): Promise<void> {
    const again = this.#again.get(contentTopic)
    if (again !== undefined) {
      this.#again.set(contentTopic, Math.min(again, sinceMs))
      return
    }
    for (let fromMs = sinceMs; fromMs !== Infinity; fromMs = this.#again.get(contentTopic)!) {
      this.#again.set(contentTopic, Infinity)
      await this.#read(contentTopic, fromMs)
    }
    this.#again.delete(contentTopic)
  }

  async #read(contentTopic: string, sinceMs: number): Promise<void> {
    const { options, reader, signal, topics, isKnown, deliver, diagnose } = this.#host
    const topic = topics.get(contentTopic)
    if (!options.catchUp || topic === undefined) return
    const now = options.scheduler.now()
    // A time that has not come yet was noted before the clock was set back.
    const fromMs = (sinceMs > now ? now - UNKNOWN_MS : sinceMs) - MARGIN_MS
    const request = { ...topic, contentTopic, sinceMs: fromMs, signal }
    try {
      let messages = 0
      for await (const message of readUnknown(reader, options.scheduler, request, isKnown)) {
        if (topics.get(contentTopic) !== topic) return
        if (deliver(message)) messages++
      }
      diagnose({ type: 'caught-up', contentTopic, sinceMs, messages })
    } catch (error) {
      if (signal.aborted) return
      diagnose({ type: 'catch-up-failed', contentTopic, sinceMs, error: asError(error).message })
    }
  }

  /** Looks at the stores now and then, for messages that nobody delivered although somebody should have. */
  start(): void {
    const { options, topics, isConnected } = this.#host
    const { scheduler, storeCheckMs, catchUp } = options
    if (!catchUp || storeCheckMs === 0) return
    const look = (): void => {
      const now = scheduler.now()
      if (isConnected()) {
        for (const [topic, { sinceMs }] of topics)
          void this.since(topic, Math.max(sinceMs, now - 2 * storeCheckMs))
      }
      this.#check = scheduler.schedule(look, storeCheckMs)
    }
    this.#check = scheduler.schedule(look, storeCheckMs)
  }

  stop(): void {
    this.#check?.unsubscribe()
  }
}
