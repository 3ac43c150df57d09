import {
  type ConnectionProblem,
  type ConnectionState,
  type HistoryQuery,
  NotConnectedError,
  type OutgoingHash,
  type Transport,
  type TransportEvent,
  type TransportMessage,
  TransportClosedError,
} from '@reliable-channels/transport'
import { BehaviorSubject, type Observable, Subject } from 'rxjs'

import { StoreCatchUp, type SubscribedTopic } from './store/store-catch-up.ts'
import { ClockWatch } from './clock-watch.ts'
import { type WireMessage, wireMessageHash, ownedMessage } from './core/message.ts'
import { identityOfMessage } from './core/message-identity.ts'
import { RecentHashes } from './core/recent-hashes.ts'
import { MAX_PAYLOAD_BYTES } from './core/size.ts'
import { toTransportMessage } from './core/transport-message.ts'
import { problemOf } from './core/connection-problem.ts'
import type { WakuDiagnostic } from './diagnostics.ts'
import { FilterKeeper } from './filter/filter-keeper.ts'
import { readByHash, readHistory, readUnknown } from './store/history.ts'
import type { ResolvedOptions } from './options.ts'
import { Presence } from './store/presence.ts'
import { closedError, outcomeWithinMs } from './sending/requests.ts'
import { Sender } from './sending/sender.ts'
import type { Services } from './services.ts'
import { sha256 } from './sha256.ts'
import { withTimeout } from './with-timeout.ts'
import { StoreReader } from './store/store-reader.ts'

/**
 * Longest wait, when closing, for what listens to stop, ms.
 *
 * @limit `close()` resolves, and it stops later.
 */
const STOP_WITHIN_MS = 1000

interface Subscribed extends SubscribedTopic {
  count: number
  readonly ready: Promise<() => void>
}

/** The transport over whatever {@link Services} there are. */
export class ServicesTransport implements Transport, AsyncDisposable {
  readonly maxMessageBytes: number = MAX_PAYLOAD_BYTES
  readonly outcomeWithinMs: number
  readonly #services: Services
  readonly #options: ResolvedOptions
  readonly #hashes = new Subject<OutgoingHash>()
  /** The same for all who ask, so that channels may share what they hear of it. */
  readonly hashes$: Observable<OutgoingHash> = this.#hashes.asObservable()
  readonly #messages = new Subject<TransportMessage>()
  readonly #diagnostics = new Subject<WakuDiagnostic>()
  readonly #connection: BehaviorSubject<ConnectionState>
  readonly #problem: BehaviorSubject<ConnectionProblem | undefined>
  readonly #closing = new AbortController()
  readonly #reader: StoreReader
  readonly #sender: Sender
  readonly #keeper: FilterKeeper
  readonly #clock: ClockWatch
  readonly #catchUp: StoreCatchUp
  readonly #topics = new Map<string, Subscribed>()
  readonly #received: RecentHashes
  /** The messages themselves: one hash may be made of several; see {@link identityOfMessage}. */
  readonly #handedOn: RecentHashes
  /** Hashes of own messages, which say nothing about the clocks of others. */
  readonly #own: RecentHashes
  #usable: ReadonlySet<string> = new Set()
  #wasStarted: boolean
  #closed: Promise<void> | undefined

  constructor(services: Services, options: ResolvedOptions) {
    this.#services = services
    this.#options = options
    this.outcomeWithinMs = outcomeWithinMs(options)
    const { scheduler } = options
    const { signal } = this.#closing
    const diagnose = (diagnostic: WakuDiagnostic): void => this.#diagnostics.next(diagnostic)
    this.#received = new RecentHashes(options.maxRemembered)
    this.#handedOn = new RecentHashes(options.maxRemembered)
    this.#own = new RecentHashes(options.maxRemembered)
    this.#reader = new StoreReader(services, options)
    const presence = new Presence(this.#reader, scheduler, signal)
    this.#clock = new ClockWatch({ scheduler, presence, signal, diagnose })
    this.#catchUp = new StoreCatchUp({
      options,
      reader: this.#reader,
      signal,
      topics: this.#topics,
      isConnected: () => this.#connection.value === 'connected',
      isKnown: (hash) => this.#received.has(hash),
      knownSinceMs: () => this.#received.sinceMs,
      deliver: (message) => this.#deliverNew(message),
      diagnose,
    })
    this.#keeper = new FilterKeeper({
      services,
      options,
      signal,
      diagnose,
      onGap: (contentTopic, sinceMs) => void this.#catchUp.since(contentTopic, sinceMs),
    })
    this.#sender = new Sender({
      services,
      options,
      presence,
      signal,
      diagnose,
      why: (pubsubTopic) => this.#why(pubsubTopic),
      onStamped: (of) => {
        this.#own.add(of.hash)
        this.#hashes.next(of)
      },
      onTaken: (taken) => {
        const { pubsubTopic, message, hash } = taken
        if (!this.#received.has(hash)) this.#keeper.expectEcho(pubsubTopic, message.contentTopic, hash)
        void this.#clock.taken(taken)
      },
    })
    this.#wasStarted = services.isStarted
    this.#connection = new BehaviorSubject<ConnectionState>(this.#state())
    this.#problem = new BehaviorSubject<ConnectionProblem | undefined>(this.#why())
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

  get connectionProblem$(): Observable<ConnectionProblem | undefined> {
    return this.#problem.asObservable()
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
        if (!this.#closing.signal.aborted) await this.#keeper.add(pubsubTopic, contentTopic)
        return stop
      })
    const topic = { count: 1, sinceMs: this.#options.scheduler.now(), pubsubTopic, ready }
    this.#topics.set(contentTopic, topic)
    if (this.#topics.size === 1) this.#catchUp.start()
    try {
      await ready
    } catch (error) {
      // To be tried anew.
      if (this.#topics.get(contentTopic) === topic) this.#forget(contentTopic)
      throw error
    }
  }

  async unsubscribe(contentTopic: string): Promise<void> {
    const topic = this.#topics.get(contentTopic)
    if (topic === undefined || --topic.count > 0) return
    this.#forget(contentTopic)
    // Whoever subscribed has heard if that failed.
    const stop = await topic.ready.catch(() => undefined)
    // Wanted again meanwhile: the new one listens on its own, and the service nodes go on.
    if (!this.#topics.has(contentTopic)) this.#keeper.remove(topic.pubsubTopic, contentTopic)
    stop?.()
  }

  async *fetch(
    hashes: readonly string[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<TransportMessage> {
    this.#throwIfClosed()
    yield* readByHash(this.#reader, hashes, this.#whileOpen(signal))
  }

  async *history(query: HistoryQuery): AsyncGenerator<TransportMessage> {
    const { contentTopic, sinceMs, signal, isKnown } = query
    this.#throwIfClosed()
    const pubsubTopic = this.#services.pubsubTopicOf(contentTopic)
    const request = { pubsubTopic, contentTopic, sinceMs, signal: this.#whileOpen(signal) }
    const { scheduler } = this.#options
    if (isKnown === undefined) yield* readHistory(this.#reader, scheduler, request)
    else yield* readUnknown(this.#reader, scheduler, request, isKnown)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const finished = this.#sender.finish()
    if (finished !== undefined) await finished
    this.#closing.abort(new TransportClosedError())
    this.#sender.failAll(closedError())
    const topics = [...this.#topics.values()]
    this.#topics.clear()
    this.#catchUp.stop()
    this.#keeper.close()
    this.#services.close()
    this.#connection.next('disconnected')
    this.#problem.next({ reason: 'disconnected', message: new TransportClosedError().message })
    for (const subject of [
      this.#hashes,
      this.#connection,
      this.#problem,
      this.#messages,
      this.#diagnostics,
      this.#sender.events$,
    ]) {
      subject.complete()
    }
    // A topic that is left subscribed keeps timers of the node alive.
    const stopped = topics.map(({ ready }) => ready.then((stop) => stop()).catch(() => {}))
    const { scheduler } = this.#options
    await withTimeout(scheduler, STOP_WITHIN_MS, undefined, () => Promise.all(stopped)).catch(() => {})
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #forget(contentTopic: string): void {
    this.#topics.delete(contentTopic)
    if (this.#topics.size === 0) this.#catchUp.stop()
  }

  #throwIfClosed(): void {
    if (this.#closed !== undefined) throw new TransportClosedError()
  }

  #whileOpen(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
  }

  /** Hands on each message once, although several service nodes may deliver it, and own ones come back. */
  #deliver(pubsubTopic: string, message: WireMessage): void {
    if (!this.#topics.has(message.contentTopic)) return
    const own = this.#sender.recognise(pubsubTopic, message)
    const hash = own?.hash ?? wireMessageHash(pubsubTopic, message, sha256)
    this.#keeper.delivered(pubsubTopic, hash)
    this.#sender.echo(hash)
    if (this.#handedOn.has(identityOfMessage(hash, message))) return
    const delivered = toTransportMessage(hash, ownedMessage(message))
    const { timestampMs } = delivered
    if (timestampMs !== undefined && !this.#own.has(hash)) this.#clock.received(timestampMs)
    this.#deliverNew(own === undefined ? delivered : { ...delivered, echoOf: own.envelope })
  }

  #deliverNew(message: TransportMessage): boolean {
    if (!this.#handedOn.add(identityOfMessage(message.hash, message))) return false
    this.#received.add(message.hash, this.#options.scheduler.now())
    this.#messages.next(message)
    return true
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
    if (this.#closing.signal.aborted) return
    const state = this.#state()
    const problem = state === 'connected' ? undefined : this.#why()
    // Whoever is told of the connection finds the reason in place, and of a reason, the state.
    const isNews = problem?.message !== this.#problem.value?.message
    if (isNews && problem !== undefined) this.#problem.next(problem)
    if (state !== this.#connection.value) this.#connection.next(state)
    if (isNews && problem === undefined) this.#problem.next(undefined)
  }

  /** Why messages do not flow, those to one pubsub topic, or those that are subscribed. */
  #why(pubsubTopic?: string): ConnectionProblem | undefined {
    const { isStarted, clusterId, sightings } = this.#services
    const subscribed = [...this.#topics.values()].map((topic) => topic.pubsubTopic)
    return problemOf({
      ...sightings,
      isStarted,
      clusterId,
      pubsubTopics: pubsubTopic === undefined ? subscribed : [pubsubTopic],
      filterFailure: pubsubTopic === undefined ? this.#keeper.failure : undefined,
    })
  }

  #state(): ConnectionState {
    const { isStarted } = this.#services
    if (!isStarted) return 'disconnected'
    const canSend = this.#services.peers('lightPush').length > 0
    const canReceive = this.#services.peers('filter').length > 0 && this.#keeper.isLive
    return canSend && canReceive ? 'connected' : 'connecting'
  }
}
