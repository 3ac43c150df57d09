import { SparseMap } from '@reliable-channels/stage/core'
import type { SegmentCounts } from '@reliable-channels/segmentation'
import { HEADER_ALLOWANCE_BYTES } from '@reliable-channels/segmentation/core'
import { hexOf } from '@reliable-channels/wire'
import { filter, firstValueFrom, merge } from 'rxjs'
import type { PendingRequest } from '../pipeline/frames.ts'
import type { ChannelOptions } from '../options.ts'
import type { ChannelParts } from '../opening/parts.ts'
import { QueueFullError } from './queue-full-error.ts'
import type { RequestBook } from './request-book.ts'

/** The room that a message needs within the limits on its way out. */
interface Need {
  /** Of its payload. */
  readonly bytes: number
  readonly frames: number
  /** Of its segments, as SDS keeps them. */
  readonly segmentBytes: number
}

/** The parts of a channel that have limits, or tell how much room a message needs. */
export type AdmissionParts = Pick<
  ChannelParts,
  'channelId' | 'randomBytes' | 'profile' | 'placement' | 'cipher' | 'segmenter' | 'limiter' | 'participant'
>

/**
 * The way in of the sending side: takes a request only with room for all of it, in the queue, in the rate limit and in
 * what SDS may hold unacknowledged; and keeps it until it is wrapped.
 */
export class Admission {
  readonly #parts: AdmissionParts
  readonly #options: ChannelOptions
  readonly #book: RequestBook
  readonly #pending = new SparseMap<string, PendingRequest>()
  /** The room that the pending requests will need within SDS's limits. */
  #pendingFrames = 0
  #pendingBytes = 0
  #largest: number | undefined
  readonly #closing = new AbortController()
  readonly #closed = new Promise<void>((resolve) => {
    this.#closing.signal.addEventListener('abort', () => resolve())
  })

  constructor(parts: AdmissionParts, options: ChannelOptions, book: RequestBook) {
    this.#parts = parts
    this.#options = options
    this.#book = book
  }

  /** Whether a request is in and not wrapped. */
  has(requestId: string): boolean {
    return this.#pending.has(requestId)
  }

  /**
   * @param name The id that the caller has given it.
   * @throws QueueFullError, PayloadTooLargeError
   */
  admit(
    payload: Uint8Array,
    name: string | undefined,
    how: Pick<PendingRequest, 'ephemeral' | 'order' | 'priority'>,
  ): PendingRequest {
    const { limiter, channelId, randomBytes, segmenter } = this.#parts
    const need = this.#needOf(segmenter.count(payload.length), payload.length)
    const refusal = this.#refusal(need, this.#isTracked(how.ephemeral))
    if (refusal !== undefined) throw new QueueFullError(refusal)
    const reservation = limiter.reserve(channelId, need.frames, need.bytes)
    if (!reservation.granted) throw new QueueFullError(reservation.message)
    const request = {
      requestId: name ?? hexOf(randomBytes(10)),
      isNamed: name !== undefined,
      // Not `slice`, which shares the memory of a Buffer.
      payload: new Uint8Array(payload),
      ...how,
      reservation,
    }
    this.#pending.set(request.requestId, request)
    this.#count(request, 1)
    return request
  }

  /** Removes a request that is wrapped, or will not be; returns it if it was pending. */
  take(requestId: string): PendingRequest | undefined {
    const request = this.#pending.get(requestId)
    if (request === undefined) return undefined
    this.#pending.delete(requestId)
    this.#count(request, -1)
    return request
  }

  /**
   * Resolves when a payload of so many bytes would be admitted.
   *
   * @param bytes Without it, the largest that ever may be.
   * @param checkOpen Throws when the channel was closed.
   */
  async ready(bytes: number | undefined, checkOpen: () => void): Promise<void> {
    const { limiter, segmenter, participant } = this.#parts
    const size = bytes ?? (this.#largest ??= this.#findLargest())
    const need = this.#needOf(segmenter.count(size), size)
    for (;;) {
      checkOpen()
      // The rate limit is the node's: it may stay full long after this channel.
      await Promise.race([limiter.ready(need.frames, need.bytes), this.#closed])
      checkOpen()
      if (this.#refusal(need, true) === undefined) return
      const outgoing$ = participant.events$.pipe(
        filter(({ type }) => type === 'acknowledged' || type === 'delivery-failed'),
      )
      await firstValueFrom(merge(this.#book.fewer$, outgoing$), { defaultValue: undefined })
    }
  }

  close(): void {
    for (const { reservation } of this.#pending.values()) reservation?.release()
    this.#pending.clear()
    this.#closing.abort()
  }

  #isTracked(ephemeral: boolean): boolean {
    return !ephemeral || this.#parts.profile.sds !== 'lip'
  }

  #needOf({ dataCount, parityCount }: SegmentCounts, bytes: number): Need {
    const { segmenter, cipher, placement } = this.#parts
    const frames = dataCount + parityCount
    const framing = HEADER_ALLOWANCE_BYTES + (placement === 'content' ? cipher.overheadBytes : 0)
    return {
      bytes,
      frames,
      segmentBytes:
        bytes + frames * framing + (parityCount > 0 ? parityCount * segmenter.segmentSizeBytes : 0),
    }
  }

  #count({ payload, ephemeral }: PendingRequest, sign: 1 | -1): void {
    if (!this.#isTracked(ephemeral)) return
    const { frames, segmentBytes } = this.#needOf(this.#parts.segmenter.count(payload.length), payload.length)
    this.#pendingFrames += sign * frames
    this.#pendingBytes += sign * segmentBytes
  }

  #refusal({ bytes, frames, segmentBytes }: Need, tracked: boolean): string | undefined {
    const { maxOpenRequests = 1000, maxOpenBytes = 64 * 2 ** 20 } = this.#options
    const open = this.#book.undispatched()
    if (open.requests >= maxOpenRequests) {
      return `${open.requests} messages are on their way out, "maxOpenRequests" allows no more: wait for ready()`
    }
    // One message alone is never too large for the queue: its own limit is that of segmentation.
    if (open.requests > 0 && open.bytes + bytes > maxOpenBytes) {
      return `${open.bytes} bytes are on their way out, "maxOpenBytes" allows ${maxOpenBytes}: wait for ready()`
    }
    if (!tracked) return undefined
    const { messages, bytes: held, maxOutgoing, maxOutgoingBytes } = this.#parts.participant.outgoing
    const unacknowledged = messages + this.#pendingFrames
    if (unacknowledged > 0 && unacknowledged + frames > maxOutgoing) {
      return `${unacknowledged} segments are unacknowledged, "sds.maxOutgoing" allows ${maxOutgoing}: wait for ready()`
    }
    const unacknowledgedBytes = held + this.#pendingBytes
    if (unacknowledgedBytes > 0 && unacknowledgedBytes + segmentBytes > maxOutgoingBytes) {
      return `${unacknowledgedBytes} bytes are unacknowledged, "sds.maxOutgoingBytes" allows ${maxOutgoingBytes}: wait for ready()`
    }
    return undefined
  }

  /** The largest payload that the limits can ever hold. */
  #findLargest(): number {
    const { segmenter, limiter, participant } = this.#parts
    const { maxOutgoing, maxOutgoingBytes } = participant.outgoing
    const fits = (size: number): boolean => {
      const { frames, bytes, segmentBytes } = this.#needOf(segmenter.count(size), size)
      return (
        frames <= Math.min(limiter.maxQueued, maxOutgoing) &&
        bytes <= limiter.maxQueuedBytes &&
        segmentBytes <= maxOutgoingBytes
      )
    }
    let least = 1
    for (let most = segmenter.maxPayloadBytes; least < most;) {
      const middle = Math.ceil((least + most) / 2)
      if (fits(middle)) least = middle
      else most = middle - 1
    }
    return least
  }
}
