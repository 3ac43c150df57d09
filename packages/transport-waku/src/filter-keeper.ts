import { type Observable, type SchedulerLike, Subject, type Subscription } from 'rxjs'

import { MAX_TOPICS_PER_REQUEST } from './core/filter-codec.ts'
import { isSuccess } from './core/status.ts'
import type { WakuDiagnostic } from './diagnostics.ts'
import { FilterGroup, type FilterPeer } from './filter-group.ts'
import type { Services } from './services.ts'
import { withTimeout } from './with-timeout.ts'

/** After so many checks that a service node did not pass, another one takes its place. */
const FAILURES_BEFORE_REPLACED = 2
/** How long one that was replaced is left alone, ms. */
const REST_MS = 60_000
/** Every so many checks all topics are subscribed anew, whatever the service node says of them. */
const CHECKS_BETWEEN_RENEWALS = 4
/** Own messages are expected back within this time, ms, and after so many that were not, nobody delivers. */
const ECHO_WITHIN_MS = 10_000
const ECHOES_MISSED = 3
const MAX_AWAITED_ECHOES = 64
/** A check that comes so much too late, ms, means that the machine slept. */
const LATE_MS = 10_000

/** What the keeper needs of the rest of the transport. */
export interface FilterKeeperHost {
  readonly services: Services
  readonly options: {
    readonly scheduler: SchedulerLike
    readonly requestTimeoutMs: number
    readonly filterPeers: number
    readonly keepAliveMs: number
  }
  readonly signal: AbortSignal
  readonly diagnose: (diagnostic: WakuDiagnostic) => void
  /** Told, for each content topic, that somebody delivers again; messages may have been missed since `sinceMs`. */
  readonly onGap: (contentTopic: string, sinceMs: number) => void
}

/**
 * Sees to it that service nodes deliver: subscribes at some of them, checks every few seconds that they still know,
 * subscribes again where they forgot, and turns to others where they are silent.
 *
 * Traps 7 and 15: `@waku/sdk` may subscribe at nobody, and takes minutes to notice that it was forgotten.
 */
export class FilterKeeper {
  readonly #host: FilterKeeperHost
  readonly #groups = new Map<string, FilterGroup>()
  readonly #changes = new Subject<void>()
  #timer: Subscription | undefined
  #checkDueMs = 0
  #checks = 0

  constructor(host: FilterKeeperHost) {
    this.#host = host
  }

  /** Emits when somebody delivers who did not, or the other way round. */
  get changes$(): Observable<void> {
    return this.#changes
  }

  /** Whether every topic is delivered by somebody, as far as is known. */
  get isLive(): boolean {
    for (const group of this.#groups.values()) if (!group.isLive) return false
    return true
  }

  /** Wants a content topic delivered. Resolves when a service node has agreed, and when none that is reachable does. */
  async add(pubsubTopic: string, contentTopic: string): Promise<void> {
    let group = this.#groups.get(pubsubTopic)
    // One for each shard in use, never removed: requests about the same topic stay in order.
    if (group === undefined) this.#groups.set(pubsubTopic, (group = new FilterGroup(pubsubTopic)))
    group.topics.set(contentTopic, this.#now())
    if (this.#timer === undefined) this.#scheduleCheck()
    await firstTrue(this.#reconcile(group))
  }

  /** Wants a content topic no longer. */
  remove(pubsubTopic: string, contentTopic: string): void {
    const group = this.#groups.get(pubsubTopic)
    if (group === undefined) return
    group.topics.delete(contentTopic)
    group.established.delete(contentTopic)
    if (group.topics.size === 0) group.gapSinceMs = undefined
    void Promise.all(this.#reconcile(group))
    if ([...this.#groups.values()].every(({ topics }) => topics.size === 0)) {
      this.#timer?.unsubscribe()
      this.#timer = undefined
    }
    this.#changes.next()
  }

  /** The service nodes are others. */
  refresh(): void {
    for (const group of this.#groups.values()) void Promise.all(this.#reconcile(group))
    this.#changes.next()
  }

  /** An own message was taken and should come back. */
  expectEcho(pubsubTopic: string, contentTopic: string, hash: string): void {
    const group = this.#groups.get(pubsubTopic)
    if (group?.established.has(contentTopic) !== true) return
    if (group.awaitedEchoes.size < MAX_AWAITED_ECHOES)
      group.awaitedEchoes.set(hash, this.#now() + ECHO_WITHIN_MS)
  }

  /** A message was delivered; an own one proves that deliveries work. */
  delivered(pubsubTopic: string, hash: string): void {
    const group = this.#groups.get(pubsubTopic)
    if (group?.awaitedEchoes.delete(hash) === true) group.missedEchoes = 0
  }

  close(): void {
    this.#timer?.unsubscribe()
    this.#groups.clear()
    this.#changes.complete()
  }

  #now(): number {
    return this.#host.options.scheduler.now()
  }

  /** Brings the service nodes of a group to what they should be; one promise each, of whether it is so. */
  #reconcile(group: FilterGroup): Promise<boolean>[] {
    const { services, options } = this.#host
    const candidates = services.isStarted ? services.peers('filter', group.pubsubTopic) : []
    for (const peer of group.peers.keys()) {
      if (!candidates.includes(peer)) this.#lose(group, peer, 'disconnected')
    }
    const now = this.#now()
    for (const [peer, untilMs] of group.resting) if (untilMs <= now) group.resting.delete(peer)
    const free = candidates.filter((peer) => !group.peers.has(peer))
    const rested = free.filter((peer) => !group.resting.has(peer))
    // Better one that did not deliver lately than nobody.
    const chosen = rested.length > 0 || group.peers.size > 0 ? rested : free
    const wanted = group.topics.size > 0 ? options.filterPeers - group.peers.size : 0
    for (const peer of chosen.slice(0, Math.max(wanted, 0))) group.addPeer(peer)
    return [...group.peers].map(([peer, state]) =>
      this.#inTurn(group, peer, state, () => this.#align(group, peer, state)),
    )
  }

  /** Does one thing after the other with a service node; resolves with `false` when it failed. */
  #inTurn(
    group: FilterGroup,
    peer: string,
    state: FilterPeer,
    work: () => Promise<boolean>,
  ): Promise<boolean> {
    const done = state.turn.then(async () => {
      if (group.peers.get(peer) !== state || this.#host.signal.aborted) return false
      try {
        return await work()
      } catch (error) {
        if (!this.#host.signal.aborted) this.#failed(group, peer, state, error)
        return false
      }
    })
    state.turn = done
    return done
  }

  /** Tells a service node what is wanted of it, until it is so. */
  async #align(group: FilterGroup, peer: string, state: FilterPeer): Promise<boolean> {
    while (group.peers.get(peer) === state) {
      const missing = group.missing(state).slice(0, MAX_TOPICS_PER_REQUEST)
      const surplus = group.surplus(state).slice(0, MAX_TOPICS_PER_REQUEST)
      if (missing.length > 0) await this.#subscribe(group, peer, state, missing)
      else if (surplus.length > 0) await this.#unsubscribe(group, peer, state, surplus)
      else return true
    }
    return false
  }

  async #subscribe(
    group: FilterGroup,
    peer: string,
    state: FilterPeer,
    contentTopics: string[],
  ): Promise<void> {
    const { pubsubTopic } = group
    const status = await this.#ask(peer, { type: 'subscribe', pubsubTopic, contentTopics })
    if (!isSuccess(status)) throw new RefusedError(`${status.code} ${status.text}`)
    const isNews = contentTopics.some((topic) => !state.confirmed.has(topic))
    for (const topic of contentTopics) {
      state.confirmed.add(topic)
      state.toRenew.delete(topic)
      if (group.topics.has(topic)) group.established.add(topic)
    }
    this.#isGood(group, state)
    if (isNews) this.#host.diagnose({ type: 'filter-subscribed', peer, contentTopics })
  }

  async #unsubscribe(
    group: FilterGroup,
    peer: string,
    state: FilterPeer,
    contentTopics: string[],
  ): Promise<void> {
    for (const topic of contentTopics) state.confirmed.delete(topic)
    await this.#ask(peer, { type: 'unsubscribe', pubsubTopic: group.pubsubTopic, contentTopics })
  }

  async #ping(group: FilterGroup, peer: string, state: FilterPeer): Promise<boolean> {
    const status = await this.#ask(peer, { type: 'ping' })
    if (isSuccess(status)) {
      this.#isGood(group, state)
      return true
    }
    this.#host.diagnose({
      type: 'filter-lost',
      peer,
      reason: 'forgotten',
      error: `${status.code} ${status.text}`,
    })
    state.confirmed.clear()
    if (!group.isLive) group.openGap()
    this.#changes.next()
    return this.#align(group, peer, state)
  }

  #ask(peer: string, request: Parameters<Services['filter']>[1]): ReturnType<Services['filter']> {
    const { services, options, signal } = this.#host
    return withTimeout(options.scheduler, options.requestTimeoutMs, signal, (limit) =>
      services.filter(peer, request, limit),
    )
  }

  /** It answered as it should; if nobody delivered before, what was missed can be caught up on. */
  #isGood(group: FilterGroup, state: FilterPeer): void {
    state.goodAtMs = this.#now()
    state.failures = 0
    const sinceMs = group.gapSinceMs
    if (sinceMs !== undefined && group.isLive) {
      group.gapSinceMs = undefined
      for (const [topic, addedAtMs] of group.topics) this.#host.onGap(topic, Math.max(sinceMs, addedAtMs))
    }
    this.#changes.next()
  }

  #failed(group: FilterGroup, peer: string, state: FilterPeer, error: unknown): void {
    if (group.peers.get(peer) !== state) return
    state.failures++
    if (!group.isLive) group.openGap()
    if (state.failures >= FAILURES_BEFORE_REPLACED || state.goodAtMs === 0) {
      group.resting.set(peer, this.#now() + REST_MS)
      this.#lose(group, peer, error instanceof RefusedError ? 'refused' : 'no-answer', error)
      // A lone service node is asked again at the next check.
      const others = this.#host.services.peers('filter', group.pubsubTopic)
      if (others.some((other) => !group.resting.has(other))) {
        void Promise.all(this.#reconcile(group))
      }
    }
    this.#changes.next()
  }

  #lose(
    group: FilterGroup,
    peer: string,
    reason: Extract<WakuDiagnostic, { type: 'filter-lost' }>['reason'],
    error?: unknown,
  ): void {
    const { goodAtMs } = group
    group.peers.delete(peer)
    if (!group.isLive) group.gapSinceMs ??= goodAtMs
    this.#host.diagnose({
      type: 'filter-lost',
      peer,
      reason,
      ...(error !== undefined && { error: error instanceof Error ? error.message : String(error) }),
    })
  }

  #scheduleCheck(): void {
    const { scheduler, keepAliveMs } = this.#host.options
    this.#checkDueMs = scheduler.now() + keepAliveMs
    this.#timer = scheduler.schedule(() => this.#check(), keepAliveMs)
  }

  #check(): void {
    const lateMs = this.#now() - this.#checkDueMs
    this.#scheduleCheck()
    if (lateMs > LATE_MS) this.#wokeUp(lateMs)
    this.#checks++
    for (const group of this.#groups.values()) {
      if (group.topics.size === 0) continue
      this.#checkEchoes(group)
      for (const [peer, state] of group.peers) {
        if (this.#checks % CHECKS_BETWEEN_RENEWALS === 0) {
          for (const topic of state.confirmed) state.toRenew.add(topic)
        } else void this.#inTurn(group, peer, state, () => this.#ping(group, peer, state))
      }
      void Promise.all(this.#reconcile(group))
    }
  }

  /** Whatever was delivered meanwhile went nowhere, or waits in the connection; it is fetched in any case. */
  #wokeUp(sleptMs: number): void {
    this.#host.diagnose({ type: 'woke-up', sleptMs })
    for (const group of this.#groups.values()) {
      group.openGap()
      for (const state of group.peers.values()) state.confirmed.clear()
    }
    this.#changes.next()
  }

  /** Own messages that do not come back: the service nodes say that they deliver, and do not. */
  #checkEchoes(group: FilterGroup): void {
    const now = this.#now()
    for (const [hash, untilMs] of group.awaitedEchoes) {
      if (untilMs > now) continue
      group.awaitedEchoes.delete(hash)
      group.missedEchoes++
    }
    if (group.missedEchoes < ECHOES_MISSED) return
    group.missedEchoes = 0
    // Pings were answered all the while: what counts is when the first of those messages was sent.
    group.gapSinceMs ??= now - ECHO_WITHIN_MS - this.#host.options.keepAliveMs
    for (const peer of [...group.peers.keys()]) {
      group.resting.set(peer, now + REST_MS)
      this.#lose(group, peer, 'no-echo')
    }
    this.#changes.next()
  }
}

class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

/** Resolves when one of them is true, or all are over. */
async function firstTrue(promises: readonly Promise<boolean>[]): Promise<void> {
  await Promise.any(
    promises.map((promise) => promise.then((yes) => yes || Promise.reject(new Error('no')))),
  ).catch(() => {})
}
