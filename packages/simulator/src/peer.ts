import {
  type ConnectionProblem,
  type ConnectionState,
  type Envelope,
  type HistoryQuery,
  NotConnectedError,
  type OutgoingHash,
  type Transport,
  TransportClosedError,
  type TransportEvent,
  type TransportMessage,
  checkContentTopic,
  checkEnvelope,
} from '@reliable-channels/transport'
import { BehaviorSubject, type Observable, Subject, map } from 'rxjs'
import type { Conditions } from './conditions.ts'
import { PeerLine } from './peer-line.ts'

/** One participant of a simulated network: a {@link Transport} that can be cut off. */
export interface SimulatedPeer extends Transport, Disposable {
  readonly name: string
  fetch: NonNullable<Transport['fetch']>
  history: NonNullable<Transport['history']>
  /** Ends {@link SimulatedPeer.disconnect}. */
  connect(): void
  /** Cuts the peer off: its requests end in `message-error`, what arrives meanwhile is lost to it. */
  disconnect(): void
  /** Takes the peer out, as if its process had ended; a peer of the same name can then be made anew. */
  close(): void
}

/** The part of a network that a peer needs. */
export interface Exchange {
  readonly maxMessageBytes: number
  /** Messages that one question to the memory brings. */
  readonly pageMessages: number
  /** Takes a request and returns its id. */
  publish(from: Peer, envelope: Envelope): string
  subscribed(peer: Peer, contentTopic: string): void
  unsubscribed(peer: Peer, contentTopic: string): void
  closed(peer: Peer): void
  /** Resolves after one round trip. */
  roundTrip(peer: Peer, signal?: AbortSignal): Promise<void>
  fetch(peer: Peer, hashes: readonly string[]): TransportMessage[]
  history(peer: Peer, contentTopic: string, sinceMs: number): TransportMessage[]
}

/** A copy that the receiver may change. */
export function copyMessage(message: TransportMessage): TransportMessage {
  const { payload, meta } = message
  return { ...message, payload: payload.slice(), ...(meta && { meta: meta.slice() }) }
}

export class Peer implements SimulatedPeer {
  readonly name: string
  readonly maxMessageBytes: number
  /** Conditions of this peer that differ from those of the network. */
  readonly conditions: Conditions
  /** Its line, either way. */
  readonly up: PeerLine = new PeerLine()
  readonly down: PeerLine = new PeerLine()
  readonly events$: Observable<TransportEvent>
  readonly hashes$: Observable<OutgoingHash>
  readonly messages$: Observable<TransportMessage>
  readonly connection$: Observable<ConnectionState>
  readonly connectionProblem$: Observable<ConnectionProblem | undefined>
  readonly #exchange: Exchange
  readonly #events = new Subject<TransportEvent>()
  readonly #hashes = new Subject<OutgoingHash>()
  readonly #messages = new Subject<TransportMessage>()
  readonly #connection = new BehaviorSubject<ConnectionState>('connected')
  readonly #topics = new Map<string, number>()
  #closed = false

  constructor(name: string, exchange: Exchange, conditions: Conditions) {
    this.name = name
    this.maxMessageBytes = exchange.maxMessageBytes
    this.conditions = conditions
    this.#exchange = exchange
    this.events$ = this.#events.asObservable()
    this.hashes$ = this.#hashes.asObservable()
    this.messages$ = this.#messages.asObservable()
    this.connection$ = this.#connection.asObservable()
    this.connectionProblem$ = this.#connection.pipe(
      map((state) => (state === 'connected' ? undefined : this.#problem())),
    )
  }

  get connected(): boolean {
    return this.#connection.value === 'connected' && !this.#closed
  }

  async send(envelope: Envelope): Promise<string> {
    this.#checkOpen()
    checkEnvelope(envelope, this.maxMessageBytes)
    checkContentTopic(envelope.contentTopic)
    return this.#exchange.publish(this, envelope)
  }

  async subscribe(contentTopic: string): Promise<void> {
    this.#checkOpen()
    checkContentTopic(contentTopic)
    const count = this.#topics.get(contentTopic) ?? 0
    this.#topics.set(contentTopic, count + 1)
    if (count === 0) this.#exchange.subscribed(this, contentTopic)
  }

  async unsubscribe(contentTopic: string): Promise<void> {
    const count = this.#topics.get(contentTopic)
    if (count === undefined) return
    if (count > 1) {
      this.#topics.set(contentTopic, count - 1)
    } else {
      this.#topics.delete(contentTopic)
      this.#exchange.unsubscribed(this, contentTopic)
    }
  }

  async *fetch(
    hashes: readonly string[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<TransportMessage> {
    yield* this.#remembered(() => this.#exchange.fetch(this, hashes), signal)
  }

  async *history(query: HistoryQuery): AsyncGenerator<TransportMessage> {
    const { contentTopic, sinceMs, signal, isKnown = () => false } = query
    checkContentTopic(contentTopic)
    const messages = this.#remembered(() => this.#exchange.history(this, contentTopic, sinceMs), signal)
    for await (const message of messages) if (!isKnown(message.hash)) yield message
  }

  connect(): void {
    if (!this.#closed && !this.connected) this.#connection.next('connected')
  }

  disconnect(): void {
    if (this.connected) this.#connection.next('disconnected')
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#connection.next('disconnected')
    for (const contentTopic of this.#topics.keys()) this.#exchange.unsubscribed(this, contentTopic)
    this.#topics.clear()
    this.#exchange.closed(this)
    this.#events.complete()
    this.#hashes.complete()
    this.#messages.complete()
    this.#connection.complete()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** Called by the network when a message arrives; false when the peer is not there to take it. */
  take(message: TransportMessage): boolean {
    if (!this.connected || !this.#topics.has(message.contentTopic)) return false
    this.#messages.next(copyMessage(message))
    return true
  }

  /** Called by the network when it knows the hash of a message. */
  tellHash(of: OutgoingHash): void {
    this.#hashes.next(of)
  }

  /** Called by the network when a request has an outcome. */
  tell(event: TransportEvent): void {
    this.#events.next(event)
  }

  async *#remembered(
    find: () => TransportMessage[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<TransportMessage> {
    this.#checkReachable()
    await this.#exchange.roundTrip(this, signal)
    this.#checkReachable()
    let count = 0
    for (const message of find()) {
      if (count > 0 && count % this.#exchange.pageMessages === 0) {
        await this.#exchange.roundTrip(this, signal)
        this.#checkReachable()
      }
      count++
      signal?.throwIfAborted()
      yield copyMessage(message)
    }
  }

  #problem(): ConnectionProblem {
    const message = this.#closed
      ? `peer "${this.name}" is closed; make it anew`
      : `peer "${this.name}" is cut off; call connect()`
    return { reason: 'disconnected', message }
  }

  #checkOpen(): void {
    if (this.#closed) throw new TransportClosedError(`peer "${this.name}" is closed; make it anew`)
  }

  #checkReachable(): void {
    this.#checkOpen()
    if (!this.connected) throw new NotConnectedError(`peer "${this.name}" is disconnected; call connect()`)
  }
}
