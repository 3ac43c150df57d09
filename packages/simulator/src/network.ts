import type { Envelope, TransportMessage } from '@reliable-channels/transport'
import { type Observable, type SchedulerLike, asyncScheduler } from 'rxjs'
import { type Conditions, DEFAULT_CONDITIONS, check, checkLimit, mergeConditions } from './conditions.ts'
import { Composer } from './composer.ts'
import { Bursts } from './bursts.ts'
import { drawFate, drawJitter } from './fate.ts'
import { MESSAGE_OVERHEAD_BYTES, MessageMemory } from './message-memory.ts'
import { type Exchange, Peer, type SimulatedPeer } from './peer.ts'
import { Partition, type PartitionOptions } from './partition.ts'
import { createNameWords, randomStream } from './random.ts'
import { SenderQuota } from './sender-quota.ts'
import type { SimulatedNetwork, SimulatedNetworkOptions } from './simulated-network.ts'
import { Timeline } from './timeline.ts'
import { type AboutMessage, type NetworkStats, type TrafficEvent, TrafficReport } from './traffic.ts'

/** A message on its way to one receiver. */
interface Passage {
  readonly message: TransportMessage
  readonly about: AboutMessage
  readonly from: Peer
  readonly to: Peer
}

/** See {@link SimulatedNetwork}. */
export class Network implements SimulatedNetwork, Exchange {
  readonly maxMessageBytes: number
  readonly pageMessages: number
  readonly traffic$: Observable<TrafficEvent>
  readonly #seed: number
  readonly #scheduler: SchedulerLike
  readonly #timeline: Timeline
  readonly #memory: MessageMemory
  readonly #maxInFlightBytes: number
  readonly #report: TrafficReport
  readonly #words = createNameWords()
  readonly #composer = new Composer()
  readonly #partition = new Partition()
  readonly #bursts = new Bursts()
  readonly #quota: SenderQuota
  /** Conditions from one peer to another, by receiver and sender. */
  readonly #links = new Map<string, Map<string, Conditions>>()
  readonly #peers = new Map<string, Peer>()
  /** By topic, sorted by name, so that the order of subscription decides nothing. */
  readonly #subscribers = new Map<string, Peer[]>()
  /** Latest arrival in order, by receiver and sender. */
  readonly #lastArrival = new Map<Peer, Map<string, number>>()
  #conditions: Required<Conditions>
  /** Ends the round trips under way. */
  readonly #waits = new Set<() => void>()
  #inFlightBytes = 0

  constructor(options: SimulatedNetworkOptions) {
    check.object('options', options)
    const { seed = 1, scheduler = asyncScheduler, maxMessageBytes = 150_000 } = options
    const { maxInFlightBytes = 2 ** 28, retentionMs = 172_800_000, maxStoredBytes = 2 ** 26 } = options
    const { messagesPerEpoch = Infinity, epochMs = 600_000, pageMessages = Infinity } = options
    check.that(typeof seed === 'number' && !Number.isNaN(seed), 'seed', 'a number', seed)
    this.#conditions = mergeConditions(DEFAULT_CONDITIONS, options)
    this.maxMessageBytes = checkLimit('maxMessageBytes', maxMessageBytes)
    this.#maxInFlightBytes = checkLimit('maxInFlightBytes', maxInFlightBytes)
    this.#memory = new MessageMemory({
      retentionMs: checkLimit('retentionMs', retentionMs),
      maxBytes: checkLimit('maxStoredBytes', maxStoredBytes),
    })
    this.pageMessages = checkLimit('pageMessages', pageMessages, Infinity)
    this.#quota = new SenderQuota(
      checkLimit('messagesPerEpoch', messagesPerEpoch, Infinity),
      checkLimit('epochMs', epochMs),
    )
    this.#seed = this.#words(String(seed))
    this.#scheduler = scheduler
    this.#timeline = new Timeline(scheduler)
    this.#report = new TrafficReport(scheduler)
    this.traffic$ = this.#report.traffic$
  }

  get stats(): NetworkStats {
    return { ...this.#report.stats, stored: this.#memory.size }
  }

  peer(name: string, conditions: Conditions = {}): SimulatedPeer {
    check.text('name', name)
    let peer = this.#peers.get(name)
    if (peer === undefined) {
      mergeConditions(this.#conditions, conditions)
      this.#peers.set(name, (peer = new Peer(name, this, conditions)))
    }
    return peer
  }

  change(conditions: Conditions): void {
    this.#conditions = mergeConditions(this.#conditions, conditions)
  }

  link(from: string, to: string, conditions: Conditions): void {
    check.text('from', from)
    check.text('to', to)
    mergeConditions(this.#conditions, conditions)
    let links = this.#links.get(to)
    if (links === undefined) this.#links.set(to, (links = new Map<string, Conditions>()))
    links.set(from, conditions)
  }

  partition(groups: readonly (readonly string[])[], options: PartitionOptions = {}): void {
    this.#partition.split(groups, this.#scheduler.now(), options)
  }

  heal(): void {
    this.#partition.heal()
  }

  close(): void {
    this.#timeline.clear()
    for (const peer of this.#peers.values()) peer.close()
    for (const end of this.#waits) end()
    this.#report.stats.inFlight = 0
    this.#inFlightBytes = 0
    this.#report.complete()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  publish(from: Peer, envelope: Envelope): string {
    const now = this.#scheduler.now()
    const { message, number } = this.#composer.compose(from.name, envelope, now)
    // Not the message itself: what waits for an outcome must not hold a payload.
    const about = {
      hash: message.hash,
      contentTopic: message.contentTopic,
      sizeBytes: message.payload.length,
    }
    const requestId = `${from.name}-${number}`
    from.tellHash({ requestId, envelope, hash: about.hash })
    this.#report.tell('sent', about, from)

    const random = randomStream(this.#seed, this.#words(from.name), 0, number)
    const conditions = { ...this.#conditions, ...from.conditions }
    const fails = random() < conditions.sendFailure
    const wayMs = conditions.latencyMs + drawJitter(random, conditions)
    const isRemembered = random() >= conditions.memoryLoss
    const { error, leavesMs } = this.#leave(from, message.payload.length, conditions, fails)
    const halfWayMs = leavesMs + wayMs
    const outcomeMs = halfWayMs + wayMs
    if (error !== undefined) {
      this.#timeline.at(outcomeMs, () => this.#fail(from, about, { requestId, error, certain: true }))
      return requestId
    }
    this.#timeline.at(halfWayMs, () => from.tell({ type: 'message-propagated', requestId, hash: about.hash }))
    this.#timeline.at(outcomeMs, () => {
      if (from.connected) from.tell({ type: 'message-sent', requestId, hash: about.hash })
      else {
        const error = 'disconnected before the network had confirmed the message'
        this.#fail(from, about, { requestId, error, certain: false })
      }
    })
    if (!message.ephemeral && isRemembered) this.#memory.keep(message, from.name, now)
    for (const to of this.#subscribers.get(message.contentTopic) ?? [])
      this.#carry({ message, about, from, to }, number, leavesMs)
    return requestId
  }

  subscribed(peer: Peer, contentTopic: string): void {
    const others = this.#subscribers.get(contentTopic) ?? []
    this.#subscribers.set(
      contentTopic,
      [...others, peer].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    )
  }

  unsubscribed(peer: Peer, contentTopic: string): void {
    const others = (this.#subscribers.get(contentTopic) ?? []).filter((other) => other !== peer)
    if (others.length > 0) this.#subscribers.set(contentTopic, others)
    else this.#subscribers.delete(contentTopic)
  }

  closed(peer: Peer): void {
    this.#peers.delete(peer.name)
    this.#lastArrival.delete(peer)
  }

  roundTrip(peer: Peer, signal?: AbortSignal): Promise<void> {
    const { latencyMs } = { ...this.#conditions, ...peer.conditions }
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waits.delete(end)
        signal?.removeEventListener('abort', end)
        if (signal?.aborted) reject(signal.reason)
        else resolve()
      }
      if (signal?.aborted) return end()
      signal?.addEventListener('abort', end)
      this.#waits.add(end)
      this.#timeline.at(this.#scheduler.now() + 2 * latencyMs, end)
    })
  }

  fetch(peer: Peer, hashes: readonly string[]): TransportMessage[] {
    const now = this.#scheduler.now()
    return this.#memory.byHash(hashes, now, ({ from, atMs }) =>
      this.#partition.remembers(peer.name, from, atMs, now),
    )
  }

  history(peer: Peer, contentTopic: string, sinceMs: number): TransportMessage[] {
    const now = this.#scheduler.now()
    return this.#memory.since(contentTopic, sinceMs, now, ({ from, atMs }) =>
      this.#partition.remembers(peer.name, from, atMs, now),
    )
  }

  /** When a message has left its sender, or why it does not. */
  #leave(
    from: Peer,
    bytes: number,
    conditions: Required<Conditions>,
    fails: boolean,
  ): { readonly leavesMs: number; readonly error?: string } {
    const now = this.#scheduler.now()
    if (fails) return { leavesMs: now, error: 'the simulated network refused the message' }
    if (!from.connected) return { leavesMs: now, error: 'the peer is disconnected' }
    if (!this.#quota.take(from.name, now)) {
      this.#report.stats.refused++
      return { leavesMs: now, error: 'the sender is above its quota' }
    }
    const { upBytesPerSecond, queueBytes } = conditions
    const leavesMs = from.up.pass(bytes, now, upBytesPerSecond, queueBytes)
    return leavesMs === undefined ? { leavesMs: now, error: 'the line of the peer is full' } : { leavesMs }
  }

  /** Puts a message on its way to one receiver, or loses it. */
  #carry(passage: Passage, number: number, leavesMs: number): void {
    const { about, from, to } = passage
    const random = randomStream(this.#seed, this.#words(from.name), this.#words(to.name), number)
    const conditions = this.#conditionsOf(from, to)
    const link = `${from.name}\n${to.name}`
    const { lost, delayMs, heldMs, copyMs } = drawFate(random, conditions, (drawn) =>
      this.#bursts.lasts(link, leavesMs, drawn, conditions),
    )
    if (lost || !this.#partition.connects(from.name, to.name, this.#scheduler.now())) {
      this.#report.tell('lost', about, from, to)
      return
    }
    const lastArrival = this.#lastArrivalOf(to)
    const inOrderMs = Math.max(leavesMs + delayMs, lastArrival.get(from.name) ?? 0)
    if (heldMs === undefined) {
      lastArrival.set(from.name, inOrderMs)
      this.#launch(passage, inOrderMs)
    } else {
      this.#report.tell('reordered', about, from, to)
      this.#launch(passage, inOrderMs + heldMs)
    }
    if (copyMs !== undefined) {
      this.#report.tell('duplicated', about, from, to)
      this.#launch(passage, inOrderMs + copyMs)
    }
  }

  #launch(passage: Passage, arrivalMs: number): void {
    const size = passage.message.payload.length + MESSAGE_OVERHEAD_BYTES
    if (this.#inFlightBytes + size > this.#maxInFlightBytes) return this.#drop(passage)
    this.#inFlightBytes += size
    this.#report.stats.inFlight++
    const end = (what: () => void): void => {
      this.#inFlightBytes -= size
      this.#report.stats.inFlight--
      what()
    }
    this.#timeline.at(arrivalMs, () => {
      const { message, from, to } = passage
      const { downBytesPerSecond, queueBytes } = this.#conditionsOf(from, to)
      const throughMs = to.down.pass(message.payload.length, arrivalMs, downBytesPerSecond, queueBytes)
      if (throughMs === undefined) end(() => this.#drop(passage))
      else if (throughMs <= arrivalMs) end(() => this.#arrive(passage))
      else this.#timeline.at(throughMs, () => end(() => this.#arrive(passage)))
    })
  }

  #drop({ about, from, to }: Passage): void {
    this.#report.tell('dropped', about, from, to)
  }

  #conditionsOf(from: Peer, to: Peer): Required<Conditions> {
    return { ...this.#conditions, ...to.conditions, ...this.#links.get(to.name)?.get(from.name) }
  }

  #arrive({ message, about, from, to }: Passage): void {
    const isTaken = this.#partition.connects(from.name, to.name, this.#scheduler.now()) && to.take(message)
    this.#report.tell(isTaken ? 'delivered' : 'lost', about, from, to)
  }

  #fail(
    from: Peer,
    about: AboutMessage,
    end: { readonly requestId: string; readonly error: string; readonly certain: boolean },
  ): void {
    this.#report.tell('failed', about, from)
    from.tell({ type: 'message-error', hash: about.hash, ...end })
  }

  #lastArrivalOf(to: Peer): Map<string, number> {
    let arrivals = this.#lastArrival.get(to)
    if (arrivals === undefined) this.#lastArrival.set(to, (arrivals = new Map<string, number>()))
    return arrivals
  }
}
