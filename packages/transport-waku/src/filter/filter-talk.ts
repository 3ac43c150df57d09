import type { SchedulerLike } from 'rxjs'

import { type FilterRequest, MAX_TOPICS_PER_REQUEST } from '../core/filter-codec.ts'
import { type Status, isSuccess } from '../core/status.ts'
import type { WakuDiagnostic } from '../diagnostics.ts'
import type { FilterGroup, FilterPeer } from './filter-group.ts'
import type { Services } from '../services.ts'
import { withTimeout } from '../with-timeout.ts'

/** A service node and the group that it is asked about. */
export interface FilterTopics {
  readonly group: FilterGroup
  readonly peer: string
  readonly state: FilterPeer
}

/** The parts of the keeper that the talk needs. */
export interface FilterTalkHost {
  readonly services: Services
  readonly options: { readonly scheduler: SchedulerLike; readonly requestTimeoutMs: number }
  readonly signal: AbortSignal
  readonly diagnose: (diagnostic: WakuDiagnostic) => void
  /** The service node answered as it should. */
  readonly answered: (topics: FilterTopics) => void
  /** It has forgotten the subscriptions. */
  readonly forgot: (topics: FilterTopics) => void
  /** It did not answer, or refused. */
  readonly failed: (topics: FilterTopics, error: unknown) => void
}

/** A service node did not want to deliver. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

/** Talks to service nodes about subscriptions, with each about one thing after the other. */
export class FilterTalk {
  readonly #host: FilterTalkHost

  constructor(host: FilterTalkHost) {
    this.#host = host
  }

  /** Tells a service node what is wanted of it, until it is so; resolves with `false` when that failed. */
  align(topics: FilterTopics): Promise<boolean> {
    return this.#inTurn(topics, () => this.#align(topics))
  }

  /** Asks a service node whether it still knows; tells it anew if it does not. */
  ping(topics: FilterTopics): Promise<boolean> {
    return this.#inTurn(topics, () => this.#ping(topics))
  }

  #inTurn(topics: FilterTopics, work: () => Promise<boolean>): Promise<boolean> {
    const { signal, failed } = this.#host
    const { group, peer, state } = topics
    const done = state.turn.then(async () => {
      if (group.peers.get(peer) !== state || signal.aborted) return false
      try {
        return await work()
      } catch (error) {
        if (!signal.aborted) failed(topics, error)
        return false
      }
    })
    state.turn = done
    return done
  }

  async #align(topics: FilterTopics): Promise<boolean> {
    const { group, peer, state } = topics
    while (group.peers.get(peer) === state) {
      const missing = group.missing(state).slice(0, MAX_TOPICS_PER_REQUEST)
      const surplus = group.surplus(state).slice(0, MAX_TOPICS_PER_REQUEST)
      if (missing.length > 0) await this.#subscribe(topics, missing)
      else if (surplus.length > 0) await this.#unsubscribe(topics, surplus)
      else return true
    }
    return false
  }

  async #subscribe(topics: FilterTopics, contentTopics: string[]): Promise<void> {
    const { group, peer, state } = topics
    const { pubsubTopic } = group
    const status = await this.#ask(peer, { type: 'subscribe', pubsubTopic, contentTopics })
    if (!isSuccess(status)) throw new RefusedError(`${status.code} ${status.text}`)
    const isNews = contentTopics.some((topic) => !state.confirmed.has(topic))
    for (const topic of contentTopics) {
      state.confirmed.add(topic)
      state.toRenew.delete(topic)
      if (group.topics.has(topic)) group.established.add(topic)
    }
    this.#host.answered(topics)
    if (isNews) this.#host.diagnose({ type: 'filter-subscribed', peer, contentTopics })
  }

  async #unsubscribe({ group, peer, state }: FilterTopics, contentTopics: string[]): Promise<void> {
    for (const topic of contentTopics) state.confirmed.delete(topic)
    await this.#ask(peer, { type: 'unsubscribe', pubsubTopic: group.pubsubTopic, contentTopics })
  }

  async #ping(topics: FilterTopics): Promise<boolean> {
    const { peer, state } = topics
    const status = await this.#ask(peer, { type: 'ping' })
    if (isSuccess(status)) {
      this.#host.answered(topics)
      return true
    }
    const error = `${status.code} ${status.text}`
    this.#host.diagnose({ type: 'filter-lost', peer, reason: 'forgotten', error })
    state.confirmed.clear()
    this.#host.forgot(topics)
    return this.#align(topics)
  }

  #ask(peer: string, request: FilterRequest): Promise<Status> {
    const { services, options, signal } = this.#host
    return withTimeout(options.scheduler, options.requestTimeoutMs, signal, (limit) =>
      services.filter(peer, request, limit),
    )
  }
}
