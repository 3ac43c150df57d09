import type { SegmentCounts } from '@reliable-channels/segmentation'
import { type Observable, Subject, Subscription, combineLatest, filter, map, tap } from 'rxjs'
import {
  type ChannelHealth,
  EmptyPayloadError,
  type OutgoingMessage,
  QueueFullError,
  type ReliableChannel,
} from './channel.ts'
import { type CatchUp, createCatchUp } from './catch-up.ts'
import { connectDiagnostics } from './diagnostics.ts'
import { type DispatchEvent, dispatch } from './dispatch.ts'
import type { ChannelEvent, ChannelMessageReceivedEvent } from './events.ts'
import type { AddressedFrame, DeliveredSegment, OutgoingFrame, PendingRequest } from './frames.ts'
import { type Inbox, createInbox } from './inbox.ts'
import { incoming } from './incoming.ts'
import type { ChannelOptions, SendOptions } from './options.ts'
import { outgoing } from './outgoing.ts'
import type { ChannelParts } from './parts.ts'
import type { StoredState } from './stored-state.ts'
import { type RequestBook, createRequestBook } from './request-book.ts'
import { waiveRebuilt } from './waive-rebuilt.ts'
import { ChannelClosedError, type HandleWriter, type SendHandle, createSendHandle } from './send-handle.ts'

/** What a {@link LiveChannel} is made from. */
export interface LiveChannelParts {
  readonly parts: ChannelParts
  readonly options: ChannelOptions
  readonly events: Subject<ChannelEvent>
  /** What the store has of the channel. */
  readonly state: StoredState
  readonly closed: () => Promise<void> | void
}

/** Of a request that a restart brought back; its first status tells. */
const UNKNOWN_COUNTS: SegmentCounts = { dataCount: 0, parityCount: 0 }

/** A channel whose topic is subscribed: connects the two pipelines with the requests and the events. */
export class LiveChannel implements ReliableChannel {
  readonly channelId: string
  readonly contentTopic: string
  readonly senderId: string
  readonly incoming$: Observable<ChannelMessageReceivedEvent>
  readonly outgoing$: Observable<OutgoingMessage>
  readonly events$: Observable<ChannelEvent>
  readonly health$: Observable<ChannelHealth>
  readonly #parts: ChannelParts
  readonly #options: ChannelOptions
  readonly #events: Subject<ChannelEvent>
  readonly #book: RequestBook
  readonly #inbox: Inbox
  readonly #requests = new Subject<PendingRequest>()
  readonly #dispatched = new Subject<AddressedFrame>()
  /** Requests that are not wrapped yet. */
  readonly #pending = new Map<string, PendingRequest>()
  /** Retransmissions that wait in the rate limit, by message id. */
  readonly #waitingCopies = new Set<string>()
  readonly #catchUp: CatchUp
  readonly #subscriptions = new Subscription()
  readonly #leaveTopic: () => void
  readonly #onClosed: () => Promise<void> | void
  #closing: Promise<void> | undefined

  constructor({ parts, options, events, state, closed }: LiveChannelParts) {
    const { channelId, contentTopic, senderId, node, unitOfWork, participant, lastHeard, diagnose } = parts
    const { scheduler } = node
    this.channelId = channelId
    this.contentTopic = contentTopic
    this.senderId = senderId
    const {
      historyMs = 0,
      consume = 'automatic',
      maxUnacknowledged = 1000,
      maxHeldBytes = 64 * 2 ** 20,
    } = options
    this.#parts = parts
    this.#options = options
    this.#events = events
    this.#onClosed = closed
    this.events$ = events.asObservable()
    this.incoming$ = events.pipe(filter((event) => event.type === 'reliable:message:received'))
    this.outgoing$ = this.#dispatched.pipe(
      map(({ envelope, messageId, kind }) => ({ envelope, messageId, kind })),
    )
    this.#catchUp = createCatchUp({
      transport: node.transport,
      contentTopic,
      since: () => lastHeard.atMs ?? (historyMs > 0 ? scheduler.now() - historyMs : undefined),
      missing$: participant.events$.pipe(
        filter((event) => event.type === 'missing'),
        map(({ entries }) => entries),
      ),
      scheduler,
      failed: (error) => diagnose('history-failed', { error }),
    })
    this.health$ = combineLatest([participant.health$, this.#catchUp.state$]).pipe(
      map(([health, state]) => (state === 'current' ? health : { ...health, state: 'catching-up' as const })),
    )
    this.#leaveTopic = node.undecryptable.join(contentTopic)
    this.#book = createRequestBook({
      channelId,
      unitOfWork,
      scheduler,
      keyPrefix: `${state.prefix}requests/`,
      restore: state.parts.requests,
      restoreHandle: (requestId, ephemeral) => this.#handle(requestId, ephemeral, UNKNOWN_COUNTS),
      emit: (event) => events.next(event),
    })
    this.#inbox = createInbox({
      channelId,
      consume,
      maxUnacknowledged,
      maxHeldBytes,
      unitOfWork,
      scheduler,
      keyPrefix: `${state.prefix}inbox/`,
      restore: state.parts.inbox,
      onCorrupt: (key, reason) => diagnose('store-corrupt', { part: 'inbox', key, reason }),
      emit: (event) => events.next(event),
      limited: (unacknowledged) => diagnose('unacknowledged-limit', { unacknowledged }),
    })
    // What was kept waits until the owner has subscribed.
    if (state.parts.inbox.length === 0 && state.parts.sealed.length === 0) this.#inbox.open()
    this.#connect()
  }

  get drops(): Readonly<Record<string, number>> {
    return this.#parts.drops.snapshot()
  }

  get requests(): readonly SendHandle[] {
    return this.#book.open
  }

  request(requestId: string): SendHandle | undefined {
    return this.#book.handle(requestId)
  }

  send(payload: Uint8Array, options: SendOptions = {}): SendHandle {
    const { ephemeral = false, priority = ephemeral ? 'optional' : 'normal', signal } = options
    if (this.#closing !== undefined)
      throw new ChannelClosedError('the channel is closed: open it again to send')
    if (!(payload instanceof Uint8Array))
      throw new TypeError(`"payload" expected Uint8Array, got ${typeof payload}`)
    if (payload.length === 0) throw new EmptyPayloadError()
    signal?.throwIfAborted()
    const counts = this.#parts.segmenter.count(payload.length)
    const request = this.#admit(payload, counts, ephemeral, priority)
    const { requestId } = request
    const writer = this.#handle(requestId, ephemeral, counts)
    const { limiter } = this.#parts
    this.#book.add(writer, payload.length, () => limiter.estimate(this.channelId, priority))
    this.#pending.set(requestId, request)
    signal?.addEventListener('abort', () => writer.handle.cancel(), { once: true })
    // Nothing may be heard of the request before its handle is returned.
    queueMicrotask(() => this.#requests.next(request))
    return writer.handle
  }

  async ready(): Promise<void> {
    for (;;) {
      if (this.#closing !== undefined)
        throw new ChannelClosedError('the channel is closed: open it again to send')
      await this.#parts.limiter.ready()
      if (this.#refusal(0) === undefined) return
      await this.#book.changed()
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Takes a request in, with room for all its frames, or throws. */
  #admit(
    payload: Uint8Array,
    { dataCount, parityCount }: SegmentCounts,
    ephemeral: boolean,
    priority: PendingRequest['priority'],
  ): PendingRequest {
    const { limiter, channelId, node } = this.#parts
    const refusal = this.#refusal(payload.length)
    if (refusal !== undefined) throw new QueueFullError(refusal)
    const reservation = limiter.reserve(channelId, dataCount + parityCount, payload.length)
    if (!reservation.granted) throw new QueueFullError(reservation.message)
    return {
      requestId: hex(node.randomBytes(10)),
      payload: payload.slice(),
      ephemeral,
      priority,
      reservation,
    }
  }

  #refusal(bytes: number): string | undefined {
    const { maxOpenRequests = 1000, maxOpenBytes = 64 * 2 ** 20 } = this.#options
    const open = this.#book.undispatched
    if (open.requests >= maxOpenRequests) {
      return `${open.requests} messages are on their way out, "maxOpenRequests" allows no more: wait for ready()`
    }
    // One message alone is never too large for the queue: its own limit is that of segmentation.
    if (open.requests > 0 && open.bytes + bytes > maxOpenBytes) {
      return `${open.bytes} bytes are on their way out, "maxOpenBytes" allows ${maxOpenBytes}: wait for ready()`
    }
    return undefined
  }

  #handle(requestId: string, ephemeral: boolean, counts: SegmentCounts): HandleWriter {
    return createSendHandle(requestId, { counts, ephemeral, cancel: () => this.#cancel(requestId) })
  }

  #cancel(requestId: string): 'cancelled' | 'too-late' {
    const { participant, limiter, channelId } = this.#parts
    const pending = this.#pending.get(requestId)
    if (pending !== undefined) {
      this.#drop(pending, 'cancelled')
      return 'cancelled'
    }
    const messageIds = this.#book.messageIds(requestId)
    const released = this.#book.status(requestId)?.segments.released
    if (messageIds === undefined || released !== 0 || !participant.abandon(messageIds)) return 'too-late'
    const ids = new Set(messageIds)
    limiter.remove(channelId, (frame) => ids.has((frame as OutgoingFrame).messageId))
    this.#book.tell({ type: 'cancelled', requestId })
    return 'cancelled'
  }

  /** Ends a request that was not wrapped. */
  #drop(request: PendingRequest, error: string, cause?: unknown): void {
    this.#pending.delete(request.requestId)
    request.reservation?.release()
    this.#book.fail(request.requestId, error, cause)
  }

  #connect(): void {
    const { node, participant } = this.#parts
    const { sendHandler = node.send, maxConcurrentSends, dispatchTimeoutMs } = this.#options
    const add = (subscription: Subscription): void => this.#subscriptions.add(subscription)

    add(connectDiagnostics(this.#parts, (event) => this.#events.next(event)))
    add(waiveRebuilt(this.#parts))
    add(
      participant.events$.subscribe((event) => {
        if (event.type === 'acknowledged') {
          this.#acknowledged(event.messageId, event.by)
        } else if (event.type === 'delivery-failed') {
          this.#book.tell({ type: 'delivery-failed', messageId: event.messageId })
        }
      }),
    )
    add(
      participant.traffic$.subscribe(({ kind, messageId }) => {
        if (kind === 'retransmission') this.#waitingCopies.add(messageId)
      }),
    )
    add(
      outgoing(this.#parts, this.#requests, {
        wanted: ({ requestId }) => this.#pending.has(requestId),
        contentNotSealed: (request, error) => {
          this.#messageError(request.requestId, '', error.message, error)
          this.#drop(request, error.message, error)
        },
        opened: (request, messageIds) => {
          const { requestId, ephemeral, dataCount } = request
          this.#pending.delete(requestId)
          this.#book.tell({ type: 'opened', requestId, messageIds, dataCount, ephemeral })
          void this.#parts.unitOfWork.stored().then(
            () => this.#book.accepted(requestId),
            () => {},
          )
        },
        notWrapped: (request, error) => this.#drop(request, error),
        released: ({ messageId }) => {
          this.#waitingCopies.delete(messageId)
          this.#book.tell({ type: 'released', messageId })
        },
        notSealed: (frame, error) => {
          this.#messageError(frame.requestId ?? '', '', error.message, error)
          this.#failed(frame)
        },
      })
        .pipe(
          tap((frame) => this.#dispatched.next(frame)),
          dispatch({
            send: sendHandler,
            events$: node.transport.events$,
            scheduler: node.scheduler,
            ...(maxConcurrentSends !== undefined && { maxConcurrentSends }),
            ...(dispatchTimeoutMs !== undefined && { timeoutMs: dispatchTimeoutMs }),
          }),
        )
        .subscribe({
          next: (event) => this.#dispatchEvent(event),
          error: (error: unknown) => void this.#died(error),
        }),
    )
    add(
      incoming(this.#parts, this.#catchUp.messages$, {
        hasRoom: () => !this.#inbox.full,
        heard: () => this.#heard(),
        turnedAway: (reason) => this.#parts.drops.add(reason),
        notOpened: (frame, error) => this.#notOpened(frame, error),
        received: (segment) => this.#received(segment),
      }).subscribe({
        next: (message) => this.#inbox.take(message),
        error: (error: unknown) => void this.#died(error),
      }),
    )
    // From now on nothing passes unheard.
    this.#heard()
    // Once the owner has subscribed.
    add(
      node.scheduler.schedule(() => {
        this.#inbox.open()
        this.#book.tell({ type: 'resumed' })
      }),
    )
  }

  #acknowledged(messageId: string, by: string): void {
    this.#book.tell({ type: 'acknowledged', messageId, by })
    // A copy that still waits would spend quota for nothing.
    if (this.#waitingCopies.delete(messageId)) {
      const { limiter, channelId } = this.#parts
      limiter.remove(channelId, (frame) => (frame as OutgoingFrame).messageId === messageId)
    }
  }

  #dispatchEvent(event: DispatchEvent<AddressedFrame>): void {
    const { participant } = this.#parts
    const { messageId, requestId = '' } = event.frame
    switch (event.type) {
      case 'accepted':
        return participant.released(messageId, 'dispatched')
      case 'propagated':
        return this.#hint(messageId, event.hash)
      case 'confirmed':
        this.#hint(messageId, event.hash)
        return this.#book.tell({ type: 'confirmed', messageId })
      case 'failed':
        this.#messageError(requestId, event.hash, event.error, event.cause)
        return this.#failed(event.frame)
    }
  }

  /** A frame did not leave: SDS may try again. */
  #failed({ messageId }: OutgoingFrame): void {
    this.#parts.participant.released(messageId, 'failed')
    this.#book.tell({ type: 'failed', messageId })
  }

  #notOpened({ hash = '' }: Pick<DeliveredSegment, 'hash'>, error: Error): void {
    const { node, drops } = this.#parts
    drops.add('undecryptable')
    if (node.undecryptable.failed(this.contentTopic, hash)) this.#messageError('', hash, error.message, error)
  }

  #received({ messageId, hash }: DeliveredSegment): void {
    if (hash !== undefined) this.#hint(messageId, hash)
  }

  /** While something may still be missed, the time from which on it was missed must stand. */
  #heard(): void {
    const { keep, lastHeard, node } = this.#parts
    if (this.#catchUp.state === 'current') keep('heard', lastHeard.heard(node.scheduler.now()))
  }

  #hint(messageId: string, hash: string): void {
    const { keep, hints } = this.#parts
    keep('hints', hints.set(messageId, hash))
  }

  #messageError(requestId: string, messageHash: string, error: string, cause: unknown): void {
    this.#events.next({
      type: 'diagnostic:message-error',
      channelId: this.channelId,
      requestId,
      messageHash,
      error,
      ...(cause !== undefined && { cause }),
    })
  }

  /** The transport has died, or there is a bug: whoever listens is told, and the channel closes. */
  async #died(error: unknown): Promise<void> {
    if (this.#closing !== undefined) return
    const { channelId } = this
    this.#events.next({ type: 'diagnostic', channelId, code: 'channel-died', detail: { error } })
    this.#events.error(error)
    try {
      await this.close()
    } catch {
      // What killed it has been told.
    }
  }

  async #close(): Promise<void> {
    const { node, participant, reassembler, limiter, unitOfWork } = this.#parts
    this.#subscriptions.unsubscribe()
    this.#book.close()
    this.#inbox.close()
    participant.close()
    reassembler.close()
    limiter.remove(this.channelId)
    for (const { reservation } of this.#pending.values()) reservation?.release()
    this.#pending.clear()
    this.#leaveTopic()
    this.#events.complete()
    this.#dispatched.complete()
    try {
      await node.transport.unsubscribe(this.contentTopic)
    } catch {
      // The channel is closed whatever the network says.
    }
    unitOfWork.close()
    try {
      await unitOfWork.stored()
    } finally {
      await this.#onClosed()
    }
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
