import type { TransportMessage } from '@reliable-channels/transport'
import { type SchedulerLike, Subscription } from 'rxjs'

import type { WakuDiagnostic } from '../diagnostics.ts'
import { readUnknown } from './history.ts'
import { asError } from '../as-error.ts'
import type { StoreReader } from './store-reader.ts'

/**
 * So much earlier than it was missed is looked for a message, ms. A store knows it by the stamp of its sender, whose clock
 * may be 20 s off that of a service node, and so may ours.
 */
const MARGIN_MS = 40_000

/** Since when is looked for what was missed, where that is not known, ms. */
const UNKNOWN_MS = 600_000

/** Time to the next look after one that found something, ms: more of it may be missed now. */
const QUICK_LOOK_MS = 5000

/** First wait after a reading that failed, ms. */
const FIRST_WAIT_MS = 1000
/**
 * Longest wait after a reading that failed, ms; it doubles with each one that brings nothing.
 *
 * @limit It is read again.
 */
const MAX_WAIT_MS = 60_000

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
  /** Since when every message that came is known, ms: earlier ones may be forgotten, and would come again. */
  readonly knownSinceMs: () => number
  /** Told of what was read; returns whether it was news. */
  readonly deliver: (message: TransportMessage) => boolean
  readonly diagnose: (diagnostic: WakuDiagnostic) => void
}

/** The rest of a content topic that is still to be read after a reading that failed. */
interface Duty {
  sinceMs: number
  failures: number
  timer: Subscription
}

/** Reads what was missed from stores: when nobody delivered for a while, and now and then in any case. */
export class StoreCatchUp {
  readonly #host: StoreCatchUpHost
  #check: Subscription | undefined
  /** The content topics being read, and since when each is to be read once more, ms; `Infinity` for not. */
  readonly #again = new Map<string, number>()
  readonly #duties = new Map<string, Duty>()
  /** Up to when each was read, ms. */
  readonly #readUntilMs = new WeakMap<SubscribedTopic, number>()

  constructor(host: StoreCatchUpHost) {
    this.#host = host
  }

  /**
   * Delivers what a content topic had since a time and is not known; of each topic one reading after the other. One that
   * fails is made again, for as long as it takes.
   *
   * @param isLook - nobody knows of anything missed, so that finding nothing is no news
   * @returns The number of messages that were news.
   */
  async since(contentTopic: string, sinceMs: number, isLook = false): Promise<number> {
    const again = this.#again.get(contentTopic)
    if (again !== undefined) {
      this.#again.set(contentTopic, Math.min(again, sinceMs))
      return 0
    }
    let messages = 0
    for (let fromMs = sinceMs; fromMs !== Infinity; fromMs = this.#again.get(contentTopic)!) {
      this.#again.set(contentTopic, Infinity)
      messages += await this.#read(contentTopic, fromMs, isLook)
    }
    this.#again.delete(contentTopic)
    return messages
  }

  async #read(contentTopic: string, sinceMs: number, isLook: boolean): Promise<number> {
    const { options, reader, signal, topics, isKnown, knownSinceMs, deliver, diagnose } = this.#host
    const topic = topics.get(contentTopic)
    if (!options.catchUp || topic === undefined) return 0
    const now = options.scheduler.now()
    // A time that has not come yet was noted before the clock was set back.
    const missedMs = (sinceMs > now ? now - UNKNOWN_MS : sinceMs) - MARGIN_MS
    // A message that came and was forgotten would come again.
    const fromMs = isLook ? Math.max(missedMs, knownSinceMs()) : missedMs
    const request = { ...topic, contentTopic, sinceMs: fromMs, signal }
    let messages = 0
    try {
      for await (const message of readUnknown(reader, options.scheduler, request, isKnown)) {
        if (topics.get(contentTopic) !== topic) return messages
        if (deliver(message)) messages++
      }
      if (topics.get(contentTopic) !== topic) return messages
      this.#isRead(contentTopic, topic, sinceMs, now)
      if (messages > 0 || !isLook) diagnose({ type: 'caught-up', contentTopic, sinceMs, messages })
    } catch (error) {
      if (signal.aborted || topics.get(contentTopic) !== topic) return messages
      this.#readLater(contentTopic, sinceMs, messages > 0)
      diagnose({ type: 'catch-up-failed', contentTopic, sinceMs, error: asError(error).message })
    }
    return messages
  }

  #isRead(contentTopic: string, topic: SubscribedTopic, sinceMs: number, untilMs: number): void {
    const duty = this.#duties.get(contentTopic)
    if (duty !== undefined && duty.sinceMs < sinceMs) return
    duty?.timer.unsubscribe()
    this.#duties.delete(contentTopic)
    if (sinceMs <= this.#startOf(topic)) this.#readUntilMs.set(topic, untilMs)
  }

  #readLater(contentTopic: string, sinceMs: number, hasProgressed: boolean): void {
    const duty = this.#duties.get(contentTopic)
    duty?.timer.unsubscribe()
    const failures = hasProgressed ? 0 : (duty?.failures ?? 0)
    const fromMs = Math.min(sinceMs, duty?.sinceMs ?? Infinity)
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** failures, MAX_WAIT_MS)
    const timer = this.#host.options.scheduler.schedule(() => void this.since(contentTopic, fromMs), waitMs)
    this.#duties.set(contentTopic, { sinceMs: fromMs, failures: Math.min(failures + 1, 16), timer })
  }

  /** From when the next look at a topic starts, ms. */
  #startOf(topic: SubscribedTopic): number {
    return this.#readUntilMs.get(topic) ?? topic.sinceMs
  }

  /** Looks at the stores now and then, for messages that nobody delivered although somebody should have. */
  start(): void {
    const { options } = this.#host
    const { scheduler, storeCheckMs, catchUp } = options
    if (!catchUp || storeCheckMs === 0) return
    const look = async (): Promise<void> => {
      const messages = await this.#look()
      // Stopped meanwhile, and perhaps started again.
      if (this.#check !== check) return
      const afterMs = messages > 0 ? Math.min(QUICK_LOOK_MS, storeCheckMs) : storeCheckMs
      check.add(scheduler.schedule(() => void look(), afterMs))
    }
    const check = new Subscription()
    this.#check = check
    check.add(scheduler.schedule(() => void look(), storeCheckMs))
  }

  async #look(): Promise<number> {
    const { topics, isConnected } = this.#host
    if (!isConnected()) return 0
    // The rest that a failed reading has left is read without it.
    const free = [...topics].filter(([contentTopic]) => !this.#duties.has(contentTopic))
    const readings = free.map(([contentTopic, topic]) => this.since(contentTopic, this.#startOf(topic), true))
    const messages = await Promise.all(readings)
    return messages.reduce((sum, each) => sum + each, 0)
  }

  stop(): void {
    this.#check?.unsubscribe()
    this.#check = undefined
    for (const { timer } of this.#duties.values()) timer.unsubscribe()
    this.#duties.clear()
  }
}
