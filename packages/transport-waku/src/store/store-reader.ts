import type { SchedulerLike } from 'rxjs'

import { Pacer } from '../core/pacer.ts'
import { MAX_PAGE_ROWS, type StorePage, type StoreQuery } from '../core/store-codec.ts'
import { isSuccess } from '../core/status.ts'
import { ServiceError, StoreUnavailableError } from '../errors.ts'
import type { Services } from '../services.ts'
import { wait, withTimeout } from '../with-timeout.ts'

/** Options of {@link StoreReader}. */
export interface StoreReaderOptions {
  readonly scheduler: SchedulerLike
  readonly queriesPerSecond: number
  readonly requestTimeoutMs: number
}

const QUERY_BURST = 10
/** How long others are asked before a store that made things up, ms. */
const DISTRUST_MS = 600_000
/**
 * Stores remembered as not to be trusted.
 *
 * @limit The one that was found out first is forgotten.
 */
const MAX_DISTRUSTED = 64
/** Stores asked before one is believed that has nothing. */
const OPINIONS = 2
/** How often it is looked whether a store may be asked, when that depends on an answer of its. */
const LOOK_AGAIN_MS = 250
/** Queries of this transport under way at the same time. @limit Further ones wait. */
const MAX_CONCURRENT = 4

/** Asks stores: one page at a time, paced for each of them, each with a timeout. */
export class StoreReader {
  readonly #services: Services
  readonly #options: StoreReaderOptions
  readonly #pacer: Pacer
  /** Until when stores are asked only after all others, ms. */
  readonly #distrusted = new Map<string, number>()
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(services: Services, options: StoreReaderOptions) {
    this.#services = services
    this.#options = options
    this.#pacer = new Pacer({ perSecond: options.queriesPerSecond, burst: QUERY_BURST })
  }

  /** A store says what is not so: others are asked first from now on, for a while. */
  distrust(peer: string): void {
    this.#distrusted.set(peer, this.#options.scheduler.now() + DISTRUST_MS)
    if (this.#distrusted.size > MAX_DISTRUSTED) {
      this.#distrusted.delete(this.#distrusted.keys().next().value!)
    }
  }

  /** The stores that can be asked about a topic, those first that are to be trusted, and that have not failed lately. */
  stores(pubsubTopic: string | undefined): string[] {
    const now = this.#options.scheduler.now()
    const at = (peer: string): number => {
      const untilMs = this.#distrusted.get(peer) ?? 0
      return Math.max(this.#pacer.readyAt(peer, now), untilMs > now ? untilMs : 0)
    }
    return [...this.#services.peers('store', pubsubTopic)].sort((a, b) => at(a) - at(b))
  }

  /** Waits until a store can be asked, for as long as a request may take. */
  async anyStore(pubsubTopic: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    const { scheduler, requestTimeoutMs } = this.#options
    if (this.stores(pubsubTopic).length > 0) return
    await withTimeout(
      scheduler,
      requestTimeoutMs,
      signal,
      (limit) =>
        new Promise<void>((resolve) => {
          const changes = this.#services.changes$.subscribe(() => {
            if (this.stores(pubsubTopic).length === 0) return
            changes.unsubscribe()
            resolve()
          })
          limit.addEventListener('abort', () => changes.unsubscribe(), { once: true })
        }),
    ).catch((cause: unknown) => {
      signal?.throwIfAborted()
      throw new StoreUnavailableError('no store is connected; wait until connection$ says connected', {
        cause,
      })
    })
  }

  /** One page from one store. A query that could not be made is an error, and no empty page. */
  async page(peer: string, query: StoreQuery, signal: AbortSignal | undefined): Promise<StorePage> {
    const { scheduler, requestTimeoutMs } = this.#options
    await this.#turn(peer, signal)
    this.#running++
    this.#pacer.begin(peer, scheduler.now())
    try {
      const page = await withTimeout(scheduler, requestTimeoutMs, signal, (limit) =>
        this.#services.query(peer, query, limit),
      )
      this.#pacer.end(peer, 'answered')
      if (isSuccess(page.status)) return page
      const { code, text } = page.status
      throw new ServiceError(peer, `the store declined: ${code} ${text}`, { status: code })
    } catch (error) {
      if (signal?.aborted === true) this.#pacer.end(peer, 'abandoned')
      else if (!(error instanceof ServiceError && error.status !== undefined)) {
        this.#pacer.fail(peer, scheduler.now())
      }
      throw error
    } finally {
      this.#running--
      for (const look of this.#waiting.splice(0)) look()
    }
  }

  /**
   * Which of the hashes a store has. Two stores are asked before a message counts as missing.
   *
   * @returns `undefined` when no store answered.
   */
  async present(
    pubsubTopic: string,
    hashes: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlySet<string> | undefined> {
    const found = new Set<string>()
    let answers = 0
    for (const peer of this.stores(pubsubTopic)) {
      const missing = hashes.filter((hash) => !found.has(hash))
      if (missing.length === 0 || answers === OPINIONS) break
      try {
        for (let at = 0; at < missing.length; at += MAX_PAGE_ROWS) {
          const some = missing.slice(at, at + MAX_PAGE_ROWS)
          const query = { pubsubTopic, hashes: some, limit: MAX_PAGE_ROWS, includeData: false }
          for (const { hash } of (await this.page(peer, query, signal)).rows) {
            if (some.includes(hash)) found.add(hash)
          }
        }
        answers++
      } catch {
        signal?.throwIfAborted()
      }
    }
    return answers > 0 ? found : undefined
  }

  /** Waits until the store may be asked and few enough are: whoever waits for one that rests holds up nobody else. */
  async #turn(peer: string, signal: AbortSignal | undefined): Promise<void> {
    const { scheduler } = this.#options
    for (;;) {
      signal?.throwIfAborted()
      const now = scheduler.now()
      const waitMs = this.#pacer.readyAt(peer, now) - now
      if (waitMs > 0) await wait(scheduler, Math.min(waitMs, LOOK_AGAIN_MS), signal)
      else if (this.#running < MAX_CONCURRENT) return
      else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }
}
