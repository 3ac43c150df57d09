import type { SegmentCounts } from '@reliable-channels/segmentation'
import type { RateLimiterEvent } from '@reliable-channels/rate-limit'
import type { SdsEvent } from '@reliable-channels/sds'
import type { Entry } from '@reliable-channels/store'
import type { Envelope } from '@reliable-channels/transport'
import { hexOf } from '@reliable-channels/wire'
import { type Observable, Subject, Subscription, map } from 'rxjs'
import type { DispatchedMessage } from '../channel.ts'
import { ChannelClosedError } from '../closed-error.ts'
import { UNACKNOWLEDGED } from '../core/request-status.ts'
import { check, checkSendOptions } from '../check-options.ts'
import type { ChannelEvent, SendStatus } from '../events.ts'
import type { AddressedFrame, PendingRequest } from '../pipeline/frames.ts'
import type { ChannelOptions, SendOptions } from '../options.ts'
import { type WayOut, type OutgoingParts, openOutgoing } from '../pipeline/outgoing.ts'
import { listenByKey } from '../opening/by-key.ts'
import type { ChannelParts } from '../opening/parts.ts'
import type { StoredState } from '../opening/stored-state.ts'
import { Emission, Broadcast } from '../streams.ts'
import { Admission, type AdmissionParts } from './admission.ts'
import { type CancelParts, cancel, followSignal } from './cancelling.ts'
import { EmptyPayloadError } from './empty-payload-error.ts'
import { type FarewellParts, farewell } from './farewell.ts'
import { type OutcomeParts, Outcomes } from './outcomes.ts'
import { outgoingHooks } from './outgoing-hooks.ts'
import { quotaNow } from './quota.ts'
import { ReceiptBook, type ReceiptParts } from './receipt-book.ts'
import { type RequestBook, createRequestBook } from './request-book.ts'
import { type HandleWriter, type SendHandle, createSendHandle } from './send-handle.ts'

/** The parts of a channel that the sending side needs: those that its pieces need. */
type OutboxParts = AdmissionParts &
  OutcomeParts &
  OutgoingParts &
  FarewellParts &
  CancelParts &
  ReceiptParts &
  Pick<ChannelParts, 'diagnose' | 'drops' | 'events' | 'noteLeaving' | 'reachedNetwork' | 'counters'>

/** Options of {@link Outbox}. */
export interface OutboxOptions {
  readonly parts: OutboxParts
  readonly options: ChannelOptions
  /** The state of the channel that the store has. */
  readonly state: StoredState
  readonly emit: (event: ChannelEvent) => void
  /** The pipeline has ended with an error: a bug, or a dead transport. */
  readonly died: (error: unknown) => void
}

/** What follows messages on their way out. */
interface Sending {
  readonly book: RequestBook
  readonly admission: Admission
  readonly outcomes: Outcomes
  readonly outgoing: WayOut
}

/** Of a request that a restart brought back; its first status tells. */
const UNKNOWN_COUNTS: SegmentCounts = { dataCount: 0, parityCount: 0 }

/** The sending side of a channel: takes messages in and follows each to its two outcomes, dispatch and delivery. */
export class Outbox {
  /** Each message that is handed to the network. */
  readonly outgoing$: Observable<DispatchedMessage>
  readonly #parts: OutboxParts
  readonly #options: ChannelOptions
  readonly #emit: (event: ChannelEvent) => void
  readonly #died: (error: unknown) => void
  /** Before the keys of the channel. */
  readonly #prefix: string
  /** Made with the first message that leaves, or that an earlier process left: many channels only listen. */
  #made: Sending | undefined
  readonly #leaving = new Broadcast<AddressedFrame>(new Emission())
  readonly #subscriptions = new Subscription()
  /** Messages taken in during this turn. */
  readonly #taken: PendingRequest[] = []
  readonly #receipts: ReceiptBook
  readonly #cancel = (requestId: string): 'cancelled' | 'too-late' => {
    const outcome = cancel({ parts: this.#parts, ...this.#sending }, requestId)
    if (outcome === 'cancelled') this.#receipts.cancelled(requestId)
    return outcome
  }
  readonly #sending$ = new Subject<SendHandle>()
  /** Each message that is taken in, right after its handle was returned. */
  readonly sending$: Observable<SendHandle> = this.#sending$.asObservable()
  #closed = false

  constructor({ parts, options, state, emit, died }: OutboxOptions) {
    this.#parts = parts
    this.#options = options
    this.#emit = emit
    this.#died = died
    this.#prefix = state.prefix
    this.outgoing$ = this.#leaving.values$.pipe(
      map(({ envelope, messageId, kind }) => ({ envelope, messageId, kind })),
    )
    this.#receipts = new ReceiptBook({
      parts,
      state,
      areKept: options.receipts === 'all',
      isOpen: (requestId) => this.#made?.book.status(requestId) !== undefined,
      emit,
    })
    if (state.parts.requests.length > 0) this.#made = this.#make(state.parts.requests)
    this.#subscriptions.add(
      parts.participant.traffic$.subscribe({
        next: (frame) => this.#sending.outgoing.traffic(frame),
        error: died,
      }),
    )
  }

  get requests(): readonly SendHandle[] {
    return this.#made?.book.open() ?? []
  }

  request(requestId: string): SendHandle | undefined {
    return this.#made?.book.handle(requestId) ?? this.#over(requestId)
  }

  send(payload: Uint8Array, options: SendOptions = {}): SendHandle {
    this.#checkOpen()
    check.bytes('payload', payload)
    checkSendOptions(options)
    if (payload.length === 0) throw new EmptyPayloadError()
    const { ephemeral = false, order = 'causal', requestId: name, signal } = options
    const { priority = ephemeral ? 'optional' : 'normal' } = options
    const { segmenter, limiter, channelId } = this.#parts
    signal?.throwIfAborted()
    const known = name === undefined ? undefined : this.request(name)
    if (known !== undefined) return known
    const counts = segmenter.count(payload.length)
    const { optional = ephemeral } = options
    const quota = optional ? quotaNow(limiter).state : 'normal'
    if (quota !== 'normal') return this.#notSent(name, { ephemeral, counts, quota })
    const { admission, book } = this.#sending
    const request = admission.admit(payload, name, { ephemeral, order, priority })
    const { requestId } = request
    const writer = this.#handle(requestId, ephemeral, counts)
    book.add(writer, payload.length, () => limiter.estimate(channelId, priority))
    this.#parts.counters.taken()
    if (signal !== undefined) followSignal(signal, writer.handle)
    // Nothing may be heard of the request before its handle is returned; those of one turn are one write.
    if (this.#taken.push(request) === 1) queueMicrotask(() => this.#sendTaken())
    if (this.#sending$.observed) queueMicrotask(() => this.#sending$.next(writer.handle))
    return writer.handle
  }

  async ready(bytes?: number): Promise<void> {
    if (bytes !== undefined) check.integer('bytes', bytes, 0)
    this.#checkOpen()
    await this.#sending.admission.ready(bytes, () => this.#checkOpen())
  }

  /** Who has a message, by its request's id or its own. */
  receipts(id: string): Observable<readonly string[]> {
    return this.#receipts.of(id)
  }

  /** Requests, and their payload bytes, whose dispatch is not over. */
  get undispatched(): { readonly requests: number; readonly bytes: number } {
    return this.#made?.book.undispatched() ?? { requests: 0, bytes: 0 }
  }

  /** SDS has something to tell. */
  heardOf(event: SdsEvent): void {
    this.#made?.outcomes.heardOf(event)
    this.#receipts.heardOf(event)
    if (event.type === 'rejected') this.#made?.outgoing.refused(event.detail)
  }

  /** The rate limit has something to tell of a frame of this channel. */
  limited(event: RateLimiterEvent): void {
    this.#made?.outcomes.limited(event)
  }

  /** Tells what a restart has decided of the requests that it brought back. */
  resume(): void {
    const { participant, reachedNetwork } = this.#parts
    this.#receipts.resume(this.#made?.book.restored() ?? [])
    this.#made?.book.tell({
      type: 'resumed',
      isTracked: (messageId) => participant.isUnacknowledged(messageId),
      reachedNetwork,
      follow: (messages) => participant.follow(messages),
    })
  }

  /** Ends everything at once, but for a last acknowledgement: resolves when there is none to wait for. */
  async close(how: 'with-a-last-word' | 'in-silence'): Promise<void> {
    const { limiter, channelId } = this.#parts
    this.#closed = true
    this.#subscriptions.unsubscribe()
    this.#made?.outgoing.close()
    this.#made?.outcomes.close()
    this.#made?.book.close()
    this.#receipts.close()
    limiter.remove(channelId)
    this.#made?.admission.close()
    this.#leaving.complete()
    this.#sending$.complete()
    if (how === 'with-a-last-word') await farewell(this.#parts)
  }

  /** Of a message that may be done without. It is told once its handle is returned. */
  #notSent(
    name: string | undefined,
    {
      ephemeral,
      counts,
      quota,
    }: {
      readonly ephemeral: boolean
      readonly counts: SegmentCounts
      readonly quota: 'approached' | 'exhausted'
    },
  ): SendHandle {
    const { randomBytes, drops, counters, diagnose } = this.#parts
    const requestId = name ?? hexOf(randomBytes(10))
    const writer = this.#handle(requestId, ephemeral, counts)
    const { book } = this.#sending
    book.add(writer, 0, () => undefined)
    counters.taken()
    drops.add('quota-approached')
    const error = `it may be done without, and the quota is ${quota}`
    queueMicrotask(() => {
      if (this.#closed) return
      diagnose('optional-dropped', { requestId, quota })
      writer.update({ status: { ...writer.handle.status, state: 'send-failed', error, certain: true } })
      book.fail(requestId, error)
    })
    return writer.handle
  }

  /** The handle of a request that is over, as far as it is known. */
  #over(requestId: string): SendHandle | undefined {
    const receipt = this.#receipts.ofRequest(requestId)
    if (receipt === undefined) return undefined
    const { messageId, segmentIds, dataCount, members } = receipt
    const writer = this.#handle(requestId, false, {
      dataCount,
      parityCount: segmentIds.length - dataCount,
    })
    const { segments } = writer.handle.status
    const total = segments.total
    const status: SendStatus =
      members.length > 0
        ? {
            state: 'delivered',
            deliveredTo: members,
            segments: { ...segments, released: total, confirmed: total, acknowledged: dataCount },
          }
        : {
            state: 'delivery-failed',
            error: UNACKNOWLEDGED,
            deliveredTo: members,
            segments: { ...segments, released: total, failed: total },
          }
    writer.update({ messageId, accepted: true, status })
    writer.end()
    return writer.handle
  }

  get #sending(): Sending {
    return (this.#made ??= this.#make([]))
  }

  #sendTaken(): void {
    this.#parts.unitOfWork.run(() =>
      this.#taken.splice(0).forEach((request) => this.#sending.outgoing.send(request)),
    )
  }

  #checkOpen(): void {
    if (this.#closed) throw new ChannelClosedError('the channel is closed: open it again to send')
  }

  #handle(requestId: string, ephemeral: boolean, counts: SegmentCounts): HandleWriter {
    return createSendHandle(requestId, {
      counts,
      ephemeral,
      senderId: this.#parts.senderId,
      receipts$: (awaited) => this.#receipts.of(requestId, awaited),
      cancel: this.#cancel,
    })
  }

  /** @param requests Those that an earlier process left. */
  #make(requests: readonly Entry[]): Sending {
    const parts = this.#parts
    const emit = this.#emit
    const { channelId, scheduler, unitOfWork, diagnose, participant } = parts
    const book = createRequestBook({
      channelId,
      unitOfWork,
      scheduler,
      keyPrefix: `${this.#prefix}requests/`,
      restore: requests,
      onCorrupt: (key, reason) => diagnose('store-corrupt', { part: 'requests', key, reason }),
      restoreHandle: (requestId, ephemeral) => this.#handle(requestId, ephemeral, UNKNOWN_COUNTS),
      emit,
      sendAgain: (messageId, by) => participant.sendAgain([messageId], by),
    })
    const admission = new Admission(parts, this.#options, book)
    const outcomes = new Outcomes(parts, book, emit)
    return { book, admission, outcomes, outgoing: this.#connect({ book, admission, outcomes }) }
  }

  #connect({ book, admission, outcomes }: Omit<Sending, 'outgoing'>): WayOut {
    const parts = this.#parts
    const emit = this.#emit
    const hooks = outgoingHooks({ parts, admission, book, outcomes, emit })
    // A message that the transport would still send has not failed.
    const { transport, send, events, scheduler, noteLeaving, contentTopic, counters } = parts
    const { outcomeWithinMs = 0, hashes$ } = transport
    if (hashes$ !== undefined) {
      this.#subscriptions.add(
        listenByKey(hashes$, topicOf, contentTopic, ({ envelope, hash }) => noteLeaving(envelope, hash)),
      )
    }
    const { maxConcurrentSends, dispatchTimeoutMs = Math.max(60_000, outcomeWithinMs + 5_000) } =
      this.#options
    return openOutgoing(parts, {
      hooks: {
        ...hooks,
        opened: (request, messageIds) => {
          hooks.opened(request, messageIds)
          this.#receipts.opened(request, messageIds)
        },
        leaving: (frame) => {
          counters.leaving(frame)
          this.#leaving.next(frame)
        },
      },
      send,
      events,
      scheduler,
      ...(maxConcurrentSends !== undefined && { maxConcurrentSends }),
      timeoutMs: dispatchTimeoutMs,
      dispatched: (event) => {
        counters.dispatched(event)
        outcomes.dispatched(event)
      },
      died: this.#died,
    })
  }
}

const topicOf = ({ envelope }: { readonly envelope: Envelope }): string => envelope.contentTopic
