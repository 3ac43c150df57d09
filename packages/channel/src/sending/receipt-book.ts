import type { SdsEvent } from '@reliable-channels/sds'
import { Observable, Subject } from 'rxjs'
import { idOfMessage } from '../core/message-id.ts'
import type { Receipt } from '../core/receipt-record.ts'
import type { OpenRequest } from '../core/requests.ts'
import { type ReceiptStep, Receipts } from '../core/receipts.ts'
import type { ChannelEvent } from '../events.ts'
import type { ChannelParts } from '../opening/parts.ts'
import type { StoredState } from '../opening/stored-state.ts'
import type { SegmentedRequest } from '../pipeline/frames.ts'

/** The parts of a channel that its receipts need. */
export type ReceiptParts = Pick<
  ChannelParts,
  'channelId' | 'participant' | 'unitOfWork' | 'scheduler' | 'keep' | 'diagnose'
>

/** Options of {@link ReceiptBook}. */
export interface ReceiptBookOptions {
  readonly parts: ReceiptParts
  readonly state: StoredState
  /** Whether receipts survive a restart. */
  readonly areKept: boolean
  /** Whether a request is open: what becomes of its delivery is told by others then. */
  readonly isOpen: (requestId: string) => boolean
  readonly emit: (event: ChannelEvent) => void
}

/** The receipts of a request have changed, or are forgotten. */
interface News {
  readonly requestId: string
  readonly isForgotten: boolean
}

/** Tells who has each of the latest own messages, and who does not any more. */
export class ReceiptBook {
  readonly #parts: ReceiptParts
  readonly #emit: (event: ChannelEvent) => void
  readonly #isOpen: (requestId: string) => boolean
  readonly #receipts: Receipts
  /** Made for who asks: few do. */
  #news: Subject<News> | undefined
  #isClosed = false

  constructor({ parts, state, areKept, isOpen, emit }: ReceiptBookOptions) {
    this.#parts = parts
    this.#emit = emit
    this.#isOpen = isOpen
    this.#receipts = new Receipts(
      areKept && parts.unitOfWork.persistent,
      state.parts.receipts,
      (key, reason) => parts.diagnose('store-corrupt', { part: 'receipts', key, reason }),
    )
  }

  /** The channel is open again, with requests that were open before. */
  resume(open: Iterable<OpenRequest>): void {
    const { participant } = this.#parts
    for (const request of open) this.#receipts.reopened(request)
    participant.follow(this.#receipts.followed((messageId) => participant.isUnacknowledged(messageId)))
  }

  /** The segments of a message are wrapped. */
  opened(
    { requestId, isNamed, dataCount, payloadHash, ephemeral }: SegmentedRequest,
    segmentIds: readonly string[],
  ): void {
    if (ephemeral) return
    const messageId = idOfMessage(segmentIds[0]!, segmentIds.length, payloadHash)
    const { scheduler, unitOfWork } = this.#parts
    const receipt = { requestId, messageId, segmentIds, dataCount, sentAt: scheduler.now() }
    this.#take(this.#receipts.opened(receipt, isNamed && unitOfWork.persistent))
  }

  /** A message was taken back. */
  cancelled(requestId: string): void {
    this.#take(this.#receipts.cancelled(requestId))
  }

  /** SDS has something to tell. */
  heardOf(event: SdsEvent): void {
    if (event.type === 'acknowledged') this.#take(this.#receipts.acknowledged(event.messageId, event.by))
    else if (event.type === 'acknowledgement-withdrawn')
      this.#take(this.#receipts.withdrawn(event.messageId, event.by))
  }

  /** The message of a request, also when that is over. */
  ofRequest(requestId: string): Receipt | undefined {
    return this.#receipts.ofRequest(requestId)
  }

  /**
   * Who has the message of that id, or of a request of it: now, and whenever that changes; until the channel closes, or it is
   * forgotten.
   *
   * @param awaited Of whom that is waited for.
   */
  of(id: string, awaited: readonly string[] = []): Observable<readonly string[]> {
    return new Observable((subscriber) => {
      const { requestId = id, segmentIds = [] } = this.#receipts.find(id) ?? {}
      const told = (news: News): void => {
        if (news.requestId !== requestId) return
        if (news.isForgotten) subscriber.complete()
        else subscriber.next(this.#receipts.of(requestId))
      }
      if (awaited.length > 0 && !this.#isClosed)
        this.#parts.participant.follow(
          segmentIds.map((messageId) => ({ messageId, acknowledgedBy: awaited, isAwaited: true })),
        )
      told({ requestId, isForgotten: false })
      if (this.#isClosed) return subscriber.complete()
      this.#news ??= new Subject()
      subscriber.add(this.#news.subscribe({ next: told, complete: () => subscriber.complete() }))
    })
  }

  close(): void {
    this.#isClosed = true
    this.#news?.complete()
  }

  #take({ changes, changed, added, again, lost, forgotten }: ReceiptStep): void {
    const { channelId, keep, unitOfWork } = this.#parts
    keep('receipts', changes)
    for (const requestId of forgotten) this.#news?.next({ requestId, isForgotten: true })
    if (changed === undefined) return
    const { requestId, messageId, members } = changed
    const isDeliveredAgain = again === true && !this.#isOpen(requestId)
    unitOfWork.after(() => {
      if (this.#isClosed) return
      this.#news?.next({ requestId, isForgotten: false })
      const about = { channelId, requestId }
      const deliveredTo = members
      if (lost !== undefined)
        this.#emit({ type: 'reliable:message:receipt-withdrawn', ...about, by: lost, deliveredTo })
      if (isDeliveredAgain)
        this.#emit({
          type: 'reliable:message:delivered',
          ...about,
          deliveredTo,
          redelivered: false,
          again: true,
        })
      if (added !== undefined)
        this.#emit({ type: 'reliable:message:receipt', ...about, messageId, member: added, members })
    })
  }
}
