import { type Observable, type SchedulerLike, Subject, type Subscription } from 'rxjs'

import type { WakuDiagnostic } from '../diagnostics.ts'
import { ECHO_WITHIN_MS } from './echo-watch.ts'
import { FilterGroup } from './filter-group.ts'
import { FilterTalk, type FilterTopics, RefusedError } from './filter-talk.ts'
import { asError } from '../as-error.ts'
import type { Services } from '../services.ts'

/** After so many checks that a service node did not pass, another one takes its place. */
const FAILURES_BEFORE_REPLACED = 2
/** How long one that was replaced is left alone, ms. */
const REST_MS = 60_000
/** Every so many checks all topics are subscribed anew, whatever the service node says of them. */
const CHECKS_BETWEEN_RENEWALS = 4
/** A check that comes so much too late, ms, means that the machine slept. */
const LATE_MS = 10_000

/** The parts of the transport that the keeper needs. */
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
 * `@waku/sdk` by itself may subscribe at nobody, and takes minutes to notice that it was forgotten.
 */
export class FilterKeeper {
  readonly #host: FilterKeeperHost
  readonly #groups = new Map<string, FilterGroup>()
  readonly #changes = new Subject<void>()
  readonly #talk: FilterTalk
  #timer: Subscription | undefined
  #failure: unknown
  #checkDueMs = 0
  #checks = 0

  constructor(host: FilterKeeperHost) {
    this.#host = host
    const { services, options, signal, diagnose } = host
    this.#talk = new FilterTalk({
      services,
      options,
      signal,
      diagnose,
      answered: (topics) => this.#isGood(topics),
      forgot: ({ group }) => {
        if (!group.isLive) group.openGap()
        this.#changes.next()
      },
      failed: (topics, error) => this.#failed(topics, error),
    })
  }

  /** Emits when somebody delivers who did not, or the other way round. */
  get changes$(): Observable<void> {
    return this.#changes
  }

  /** Why the last service node that was asked to deliver does not; `undefined` when the last one does. */
  get failure(): unknown {
    return this.#failure
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
    if (group?.established.has(contentTopic) === true) group.echoes.expect(hash, this.#now())
  }

  /** A message was delivered; an own one proves that deliveries work. */
  delivered(pubsubTopic: string, hash: string): void {
    this.#groups.get(pubsubTopic)?.echoes.delivered(hash)
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
    // A service node that did not deliver lately is better than none.
    const chosen = rested.length > 0 || group.peers.size > 0 ? rested : free
    const wanted = group.topics.size > 0 ? options.filterPeers - group.peers.size : 0
    for (const peer of chosen.slice(0, Math.max(wanted, 0))) group.addPeer(peer)
    return [...group.peers].map(([peer, state]) => this.#talk.align({ group, peer, state }))
  }

  /** It answered as it should; if nobody delivered before, what was missed can be caught up on. */
  #isGood({ group, state }: FilterTopics): void {
    this.#failure = undefined
    state.goodAtMs = this.#now()
    state.failures = 0
    const sinceMs = group.gapSinceMs
    if (sinceMs !== undefined && group.isLive) {
      group.gapSinceMs = undefined
      for (const [topic, addedAtMs] of group.topics) this.#host.onGap(topic, Math.max(sinceMs, addedAtMs))
    }
    this.#changes.next()
  }

  #failed({ group, peer, state }: FilterTopics, error: unknown): void {
    if (group.peers.get(peer) !== state) return
    this.#failure = error
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
      ...(error !== undefined && { error: asError(error).message }),
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
        } else void this.#talk.ping({ group, peer, state })
      }
      void Promise.all(this.#reconcile(group))
    }
  }

  /** Messages delivered meanwhile were lost, or wait in the connection; they are fetched in any case. */
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
    if (!group.echoes.nobodyDelivers(now)) return
    // Pings were answered all the while: what counts is when the first of those messages was sent.
    group.gapSinceMs ??= now - ECHO_WITHIN_MS - this.#host.options.keepAliveMs
    for (const peer of [...group.peers.keys()]) {
      group.resting.set(peer, now + REST_MS)
      this.#lose(group, peer, 'no-echo')
    }
    this.#changes.next()
  }
}

/** Resolves when one of them is true, or all are over. */
async function firstTrue(promises: readonly Promise<boolean>[]): Promise<void> {
  await Promise.any(
    promises.map((promise) => promise.then((yes) => yes || Promise.reject(new Error('no')))),
  ).catch(() => {})
}
