import {
  type ConnectionState,
  type HistoryQuery,
  NotConnectedError,
  type Transport,
  type TransportEvent,
  type TransportMessage,
  TransportClosedError,
} from '@reliable-channels/transport'
import { BehaviorSubject, type Observable, Subject, type Subscription } from 'rxjs'

import { ClockWatch } from './clock-watch.ts'
import { type WireMessage, messageHash } from './core/message.ts'
import { Recent } from './core/recent.ts'
import { MAX_PAYLOAD_BYTES } from './core/size.ts'
import type { WakuDiagnostic } from './diagnostics.ts'
import { FilterKeeper } from './filter-keeper.ts'
import { readByHash, readHistory, readUnknown, toTransportMessage } from './history.ts'
import type { WakuNode } from './node.ts'
import { type ResolvedOptions, type WakuTransportOptions, resolveOptions } from './options.ts'
import { Presence } from './presence.ts'
import { Sender, closedError } from './sender.ts'
import type { Services } from './services.ts'
import { sha256 } from './sha256.ts'
import { StoreReader } from './store-reader.ts'
import { wakuServices } from './waku-services.ts'

/** A {@link Transport} over a Waku light node. */
export interface WakuTransport extends Transport, AsyncDisposable {
  fetch(
    hashes: readonly string[],
    options?: { readonly signal?: AbortSignal },
  ): AsyncIterable<TransportMessage>
  history(query: HistoryQuery): AsyncIterable<TransportMessage>
  /** What was noticed, for logs and status pages. Hot. */
  readonly diagnostics$: Observable<WakuDiagnostic>
  /** Requests not yet ended, those not yet accepted included. */
  readonly queued: number
  /**
   * Ends every open request with `message-error`, every subscription and every timer.
   * The node goes on, unless {@link createWakuTransport} made it.
   */
  close(): Promise<void>
}

/**
 * The network as a channel sees it, over a light node of `@waku/sdk`, started or not yet started.
 *
 * Everything that the network and `@waku/sdk` demand is seen to: messages are stamped once, paced for each service
 * node, retried on others, confirmed; subscriptions are checked and renewed; what was missed is read from a store.
 * Closing leaves the node running.
 *
 * @throws {@link WakuOptionsError} for an option out of range.
 * @example
 * const node = await createLightNode({ defaultBootstrap: true })
 * const transport = wakuTransport(node)
 */
export function wakuTransport(node: WakuNode, options: WakuTransportOptions = {}): WakuTransport {
  const resolved = resolveOptions(options)
  const services = wakuServices(node, {
    shardId: resolved.shardId,
    randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(resolved.random() * 256)),
  })
  return new ServicesTransport(services, resolved)
}

/** Clocks differ by seconds: that much earlier is looked for what was missed, ms. */
const CATCH_UP_MARGIN_MS = 5000

interface Subscribed {
  count: number
  /** Since when, ms. */
  readonly sinceMs: number
  readonly pubsubTopic: string
  readonly ready: Promise<() => void>
}

/** The transport over whatever {@link Services} there are. */
export class ServicesTransport implements WakuTransport {
  readonly maxMessageBytes: number = MAX_PAYLOAD_BYTES
  readonly #services: Services
  readonly #options: ResolvedOptions
  readonly #messages = new Subject<TransportMessage>()
  readonly #diagnostics = new Subject<WakuDiagnostic>()
  readonly #connection: BehaviorSubject<ConnectionState>
  readonly #closing = new AbortController()
  readonly #reader: StoreReader
  readonly #sender: Sender
  readonly #keeper: FilterKeeper
  readonly #clock: ClockWatch
  readonly #topics = new Map<string, Subscribed>()
  readonly #received: Recent
  /** Hashes of own messages, which say nothing about the clocks of others. */
  readonly #own: Recent
  #usable: ReadonlySet<string> = new Set()
  #wasStarted: boolean
  #storeCheck: Subscription | undefined

  constructor(services: Services, options: ResolvedOptions) {
    this.#services = services
    this.#options = options
    const { scheduler } = options
    const { signal } = this.#closing
    const diagnose = (diagnostic: WakuDiagnostic): void => this.#diagnostics.next(diagnostic)
    this.#received = new Recent(options.maxRemembered)
    this.#own = new Recent(options.maxRemembered)
    this.#reader = new StoreReader(services, options)
    const presence = new Presence(this.#reader, scheduler, signal)
    this.#clock = new ClockWatch({ scheduler, presence, signal, diagnose })
    this.#keeper = new FilterKeeper({
      services,
      options,
      signal,
      diagnose,
      onGap: (contentTopic, sinceMs) => void this.#catchUp(contentTopic, sinceMs),
    })
    this.#sender = new Sender({
      services,
      options,
      presence,
      signal,
      diagnose,
      onStamped: (hash) => this.#own.add(hash),
      onTaken: (taken) => {
        const { pubsubTopic, message, hash } = taken
        if (!this.#received.has(hash)) this.#keeper.expectEcho(pubsubTopic, message.contentTopic, hash)
        void this.#clock.taken(taken)
      },
    })
    this.#wasStarted = services.isStarted
    this.#connection = new BehaviorSubject<ConnectionState>(this.#state())
    services.changes$.subscribe(() => this.#onServices())
    this.#keeper.changes$.subscribe(() => this.#updateConnection())
    this.#onServices()
  }

  get events$(): Observable<TransportEvent> {
    return this.#sender.events$.asObservable()
  }

  get messages$(): Observable<TransportMessage> {
    return this.#messages.asObservable()
  }

  get connection$(): Observable<ConnectionState> {
    return this.#connection.asObservable()
  }

  get diagnostics$(): Observable<WakuDiagnostic> {
    return this.#diagnostics.asObservable()
  }

  get queued(): number {
    return this.#sender.size
  }

  async send(envelope: Parameters<Transport['send']>[0]): Promise<string> {
    this.#throwIfClosed()
    return this.#sender.send(envelope)
  }

  async subscribe(contentTopic: string): Promise<void> {
    this.#throwIfClosed()
    const known = this.#topics.get(contentTopic)
    if (known !== undefined) {
      known.count++
      await known.ready
      return
    }
    const pubsubTopic = this.#services.pubsubTopicOf(contentTopic)
    const ready = this.#services
      .listen(contentTopic, (message) => this.#deliver(pubsubTopic, message))
      .then(async (stop) => {
        await this.#keeper.add(pubsubTopic, contentTopic)
        return stop
      })
    this.#topics.set(contentTopic, { count: 1, sinceMs: this.#options.scheduler.now(), pubsubTopic, ready })
    if (this.#topics.size === 1) this.#lookAtStores()
    await ready
  }

  async unsubscribe(contentTopic: string): Promise<void> {
    const topic = this.#topics.get(contentTopic)
    if (topic === undefined || --topic.count > 0) return
    this.#topics.delete(contentTopic)
    if (this.#topics.size === 0) this.#storeCheck?.unsubscribe()
    const stop = await topic.ready
    // Wanted again meanwhile: the new one listens on its own, and the service nodes go on.
    if (!this.#topics.has(contentTopic)) this.#keeper.remove(topic.pubsubTopic, contentTopic)
    stop()
  }

  async *fetch(
    hashes: readonly string[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<TransportMessage> {
    this.#throwIfClosed()
    yield* readByHash(this.#reader, hashes, this.#whileOpen(signal))
  }

  async *history({ contentTopic, sinceMs, signal }: HistoryQuery): AsyncGenerator<TransportMessage> {
    this.#throwIfClosed()
    const pubsubTopic = this.#services.pubsubTopicOf(contentTopic)
    const request = { pubsubTopic, contentTopic, sinceMs, signal: this.#whileOpen(signal) }
    yield* readHistory(this.#reader, this.#options.scheduler, request)
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(new TransportClosedError())
    this.#sender.failAll(closedError())
    const topics = [...this.#topics.values()]
    this.#topics.clear()
    this.#storeCheck?.unsubscribe()
    this.#keeper.close()
    this.#services.close()
    this.#connection.next('disconnected')
    for (const subject of [this.#connection, this.#messages, this.#diagnostics, this.#sender.events$]) {
      subject.complete()
    }
    // Trap 10: what is left subscribed keeps timers of the node.
    for (const { ready } of topics) (await ready)()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #throwIfClosed(): void {
    if (this.#closing.signal.aborted) throw new TransportClosedError()
  }

  #whileOpen(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
  }

  /** Hands on each message once. Traps 2 and 18: it may come from several service nodes, and own ones come back. */
  #deliver(pubsubTopic: string, message: WireMessage): void {
    if (!this.#topics.has(message.contentTopic)) return
    const hash = messageHash(pubsubTopic, message, sha256)
    const transportMessage = toTransportMessage(hash, message)
    this.#keeper.delivered(pubsubTopic, hash)
    this.#sender.echo(hash)
    if (!this.#received.add(hash)) return
    const { timestampMs } = transportMessage
    if (timestampMs !== undefined && !this.#own.has(hash)) this.#clock.received(timestampMs)
    this.#messages.next(transportMessage)
  }

  /** What was missed is read from a store and delivered: nobody delivered for a while, or it is time to look. */
  async #catchUp(contentTopic: string, sinceMs: number): Promise<void> {
    const topic = this.#topics.get(contentTopic)
    if (!this.#options.catchUp || topic === undefined) return
    const request = {
      ...topic,
      contentTopic,
      sinceMs: sinceMs - CATCH_UP_MARGIN_MS,
      signal: this.#closing.signal,
    }
    const { scheduler } = this.#options
    try {
      let messages = 0
      const isKnown = (hash: string): boolean => this.#received.has(hash)
      for await (const message of readUnknown(this.#reader, scheduler, request, isKnown)) {
        if (this.#topics.get(contentTopic) !== topic) return
        if (!this.#received.add(message.hash)) continue
        messages++
        this.#messages.next(message)
      }
      this.#diagnostics.next({ type: 'caught-up', contentTopic, sinceMs, messages })
    } catch (error) {
      if (this.#closing.signal.aborted) return
      const text = error instanceof Error ? error.message : String(error)
      this.#diagnostics.next({ type: 'catch-up-failed', contentTopic, sinceMs, error: text })
    }
  }

  /** Looks at the stores now and then, for messages that nobody delivered although somebody should have. */
  #lookAtStores(): void {
    const { scheduler, storeCheckMs, catchUp } = this.#options
    if (!catchUp || storeCheckMs === 0) return
    const look = (): void => {
      const now = scheduler.now()
      if (this.#connection.value === 'connected') {
        for (const [topic, { sinceMs }] of this.#topics)
          void this.#catchUp(topic, Math.max(sinceMs, now - 2 * storeCheckMs))
      }
      this.#storeCheck = scheduler.schedule(look, storeCheckMs)
    }
    this.#storeCheck = scheduler.schedule(look, storeCheckMs)
  }

  #onServices(): void {
    const { isStarted } = this.#services
    const usable = new Set(isStarted ? this.#services.peers('lightPush') : [])
    for (const peer of usable)
      if (!this.#usable.has(peer)) this.#diagnostics.next({ type: 'peer-usable', peer })
    for (const peer of this.#usable)
      if (!usable.has(peer)) this.#diagnostics.next({ type: 'peer-lost', peer })
    this.#usable = usable
    if (this.#wasStarted && !isStarted) {
      this.#sender.failAll(new NotConnectedError('the node was stopped before the message was sent'))
    }
    this.#wasStarted = isStarted
    this.#keeper.refresh()
    this.#sender.pump()
    this.#updateConnection()
  }

  #updateConnection(): void {
    const state = this.#state()
    if (state !== this.#connection.value && !this.#closing.signal.aborted) this.#connection.next(state)
  }

  #state(): ConnectionState {
    const { isStarted } = this.#services
    if (!isStarted) return 'disconnected'
    const canSend = this.#services.peers('lightPush').length > 0
    const canReceive = this.#services.peers('filter').length > 0 && this.#keeper.isLive
    return canSend && canReceive ? 'connected' : 'connecting'
  }
}
