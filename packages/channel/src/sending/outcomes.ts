import type { RateLimiterEvent } from '@reliable-channels/rate-limit'
import type { SdsEvent, TrafficFrame } from '@reliable-channels/sds'
import type { DispatchEvent } from '../pipeline/dispatch.ts'
import { type ChannelEvent, messageErrorEvent } from '../events.ts'
import type { AddressedFrame, OutgoingFrame } from '../pipeline/frames.ts'
import type { ChannelParts } from '../opening/parts.ts'
import type { RequestBook } from './request-book.ts'

/** The parts of a channel that outcomes are told to. */
export type OutcomeParts = Pick<ChannelParts, 'channelId' | 'participant' | 'noteHash' | 'met' | 'unitOfWork'>

/** Follows frames that left SDS to their outcomes: acknowledged, given up, dropped, dispatched or failed. */
export class Outcomes {
  readonly #parts: OutcomeParts
  readonly #book: RequestBook
  readonly #emit: (event: ChannelEvent) => void
  /** The latest sync message that the rate limit let through, until the transport has taken it. */
  #sync: string | undefined

  constructor(parts: OutcomeParts, book: RequestBook, emit: (event: ChannelEvent) => void) {
    this.#parts = parts
    this.#book = book
    this.#emit = emit
  }

  /** The rate limit let a frame through. */
  released({ messageId, kind }: OutgoingFrame): void {
    if (kind === 'sync') this.#sync = messageId
    this.#book.tell({ type: 'released', messageId })
  }

  /** Something became of a frame that was handed to the network. It is stored with what else this turn stores. */
  dispatched(event: DispatchEvent<AddressedFrame>): void {
    this.#parts.unitOfWork.run(() => this.#became(event), 'turn')
  }

  /** SDS has something to tell. */
  heardOf(event: SdsEvent): void {
    const { type } = event
    if (type === 'acknowledged' || type === 'acknowledgement-withdrawn')
      this.#book.tell({ type, messageId: event.messageId, by: event.by })
    else if (type === 'delivery-failed')
      this.#book.tell({ type, messageId: event.messageId, forgotten: event.forgotten })
  }

  /** The rate limit has something to tell of a frame of this channel: one that it drops counts as failed. */
  limited(event: RateLimiterEvent): void {
    if (event.type === 'store-failed') return
    const frame = event.frame as OutgoingFrame
    if (event.type === 'expired' || event.type === 'refused') this.failed(frame)
    else if (event.type === 'withdrawn' && isTraffic(frame)) this.#parts.participant.withdrawn(frame)
  }

  /** A frame did not leave: SDS may try again. */
  failed({ messageId, kind }: Pick<OutgoingFrame, 'messageId' | 'kind'>, certain = true): void {
    this.#parts.participant.dispatchEnded(messageId, 'failed', kind)
    this.#book.tell({ type: 'failed', messageId, certain })
  }

  /** Stops. A sync message that the transport has not taken yet counts as failed. */
  close(): void {
    if (this.#sync !== undefined) this.#parts.participant.dispatchEnded(this.#sync, 'failed', 'sync')
  }

  /** Tells the owner that one message failed on its way. */
  #messageError(
    requestId: string | undefined,
    { hash: messageHash, error, cause }: Extract<DispatchEvent<AddressedFrame>, { type: 'failed' }>,
  ): void {
    this.#emit(messageErrorEvent(this.#parts.channelId, { requestId, messageHash, error, cause }))
  }

  #became(event: DispatchEvent<AddressedFrame>): void {
    const { messageId, requestId } = event.frame
    if (messageId === this.#sync) this.#sync = undefined
    switch (event.type) {
      case 'accepted':
        // It may wait in the transport, and only what has left can be acknowledged.
        return
      case 'propagated':
        return this.#reachedNetwork(event.frame, event.hash)
      case 'confirmed':
        this.#reachedNetwork(event.frame, event.hash)
        return this.#book.tell({ type: 'confirmed', messageId, late: event.late })
      case 'failed':
        this.#messageError(requestId, event)
        if (requestId !== undefined) this.#book.failedFor(requestId, event.cause ?? new Error(event.error))
        return this.failed(event.frame, event.certain)
    }
  }

  /** From then on SDS waits for its acknowledgement. */
  #reachedNetwork(frame: AddressedFrame, hash: string): void {
    const { participant, noteHash, met } = this.#parts
    const { messageId, kind } = frame
    if (!frame.hasLeft) participant.dispatchEnded(messageId, 'dispatched', kind)
    frame.hasLeft = true
    // Nobody names a sync message.
    if (kind === 'sync') met.add(hash)
    else noteHash(messageId, hash)
  }
}

const isTraffic = (frame: Pick<OutgoingFrame, 'kind'>): frame is TrafficFrame => frame.kind !== 'content'
