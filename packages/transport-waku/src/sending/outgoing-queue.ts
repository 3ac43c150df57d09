import type { Subscription } from 'rxjs'

import { Pacer } from '../core/pacer.ts'
import { TopicQueue } from './topic-queue.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Outgoing } from './outgoing.ts'
import type { Services } from '../services.ts'

/** How often it is looked whether there are more service nodes when a message needs one more. */
const LOOK_AGAIN_MS = 1000
/** How soon a message that was tried before is looked at again while all that it may go to are busy. */
const BUSY_MS = 100
/**
 * Pushes under way to one service node at a pace of so many a second: those of half a second. What a network that stalls
 * holds back arrives together, and counts as asked too often.
 * @limit Further ones wait for an answer.
 */
const maxInFlight = (pushesPerSecond: number): number => Math.max(2, Math.ceil(pushesPerSecond / 2))

/** The parts of the sender that the queue needs. */
export interface OutgoingQueueHost {
  readonly services: Services
  readonly options: ResolvedOptions
  readonly signal: AbortSignal
  /** Pushes a message to a service node; never rejects. */
  readonly push: (outgoing: Outgoing, peer: string) => Promise<void>
  /** No service node was reachable for too long. */
  readonly unreachable: (outgoing: Outgoing) => void
  /** There is no service node left that does not have the message, for too long. */
  readonly tooFew: (outgoing: Outgoing) => void
}

/**
 * Decides which message is pushed next, where to and when: one queue for each pubsub topic, each service node at its pace,
 * and so many pushes under way at most.
 */
export class OutgoingQueue {
  readonly pacer: Pacer
  readonly #host: OutgoingQueueHost
  readonly #queues = new Map<string, TopicQueue>()
  readonly #underWay = new Set<Promise<void>>()
  #timer: Subscription | undefined
  #pumping = false

  constructor(host: OutgoingQueueHost) {
    this.#host = host
    const { pushesPerSecond, pushBurst } = host.options
    this.pacer = new Pacer({
      perSecond: pushesPerSecond,
      burst: pushBurst,
      maxInFlight: maxInFlight(pushesPerSecond),
    })
  }

  /** Takes in a message, behind those of its topic. */
  add(outgoing: Outgoing): void {
    this.#queue(outgoing.pubsubTopic).add(outgoing)
    queueMicrotask(() => this.pump())
  }

  /** Has a message pushed once more, not before `atMs`; seen to when the queue is pumped next. */
  retryAt(outgoing: Outgoing, atMs: number): void {
    this.#queue(outgoing.pubsubTopic).retryAt(outgoing, atMs)
  }

  /** Resolves when the pushes under way now have ended; `undefined` when there are none. */
  pushed(): Promise<unknown> | undefined {
    return this.#underWay.size === 0 ? undefined : Promise.all(this.#underWay)
  }

  /** Drops what waits. */
  clear(): void {
    this.#timer?.unsubscribe()
    this.#queues.clear()
  }

  /** Pushes what may be pushed now, and comes back when more may. */
  pump(): void {
    if (this.#pumping || this.#host.signal.aborted) return
    this.#pumping = true
    let next = Infinity
    for (const [pubsubTopic, queue] of this.#queues) {
      next = Math.min(next, this.#pumpQueue(pubsubTopic, queue))
      if (queue.isEmpty) this.#queues.delete(pubsubTopic)
    }
    this.#pumping = false
    // A listener that was told of an end may have closed the transport.
    if (!this.#host.signal.aborted) this.#wakeAt(next)
  }

  /** Returns when there is more to do, ms. */
  #pumpQueue(pubsubTopic: string, queue: TopicQueue): number {
    const { services, options } = this.#host
    const now = options.scheduler.now()
    const peers = services.isStarted ? services.peers('lightPush', pubsubTopic) : []
    if (peers.length === 0) return this.#withoutPeers(queue, now)
    queue.offlineSinceMs = undefined
    while (this.#underWay.size < options.maxConcurrentPushes) {
      const outgoing = queue.next(now)
      if (outgoing === undefined) return queue.nextRetryMs
      const untried = peers.filter((peer) => !outgoing.tried.has(peer))
      const again = peers.filter((peer) => outgoing.tried.has(peer) && !outgoing.takenBy.has(peer))
      const peer =
        this.pacer.choose(untried, now) ??
        (outgoing.againAtMs <= now ? this.pacer.choose(again, now) : undefined)
      if (peer === undefined) {
        const wakeAt = Math.min(
          ...untried.map((candidate) => this.pacer.readyAt(candidate, now)),
          ...again.map((candidate) => Math.max(this.pacer.readyAt(candidate, now), outgoing.againAtMs)),
        )
        if (outgoing.attempts === 0) {
          // No service node may be asked now, so that the messages behind wait as well.
          queue.putBack(outgoing)
          return wakeAt
        }
        if (wakeAt === Infinity && [...untried, ...again].some((candidate) => this.pacer.isBusy(candidate)))
          queue.retryAt(outgoing, now + BUSY_MS)
        else this.#later(queue, outgoing, now, wakeAt)
        continue
      }
      void this.#push(outgoing, peer)
    }
    return Infinity
  }

  async #push(outgoing: Outgoing, peer: string): Promise<void> {
    this.pacer.begin(peer, this.#host.options.scheduler.now())
    const push = this.#host.push(outgoing, peer)
    this.#underWay.add(push)
    await push
    this.#underWay.delete(push)
    this.pump()
  }

  /** One that was tried before waits for a service node of its own; when there is none, for so long at most. */
  #later(queue: TopicQueue, outgoing: Outgoing, now: number, atMs: number): void {
    if (atMs !== Infinity) queue.retryAt(outgoing, atMs)
    else if (now - outgoing.acceptedAtMs > this.#host.options.giveUpMs) this.#host.tooFew(outgoing)
    else queue.retryAt(outgoing, now + LOOK_AGAIN_MS)
  }

  /** Nobody to push to: what has waited for too long is given up. */
  #withoutPeers(queue: TopicQueue, now: number): number {
    const { giveUpMs } = this.#host.options
    queue.offlineSinceMs ??= now
    let next = Infinity
    for (const outgoing of queue.waiting()) {
      const giveUpAt = Math.max(outgoing.acceptedAtMs, queue.offlineSinceMs) + giveUpMs
      if (giveUpAt <= now) this.#host.unreachable(outgoing)
      else next = Math.min(next, giveUpAt)
    }
    return next
  }

  #queue(pubsubTopic: string): TopicQueue {
    let queue = this.#queues.get(pubsubTopic)
    if (queue === undefined) this.#queues.set(pubsubTopic, (queue = new TopicQueue()))
    return queue
  }

  #wakeAt(atMs: number): void {
    if (atMs === Infinity) return
    this.#timer?.unsubscribe()
    const { scheduler } = this.#host.options
    this.#timer = scheduler.schedule(() => this.pump(), Math.max(atMs - scheduler.now(), 1))
  }
}
