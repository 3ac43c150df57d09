import type { TrafficFrame } from '@reliable-channels/sds'
import {
  type Observable,
  type OperatorFunction,
  concatMap,
  filter,
  identity,
  map,
  merge,
  pipe,
  tap,
} from 'rxjs'
import type { ChannelParts } from '../opening/parts.ts'
import { type DispatchEvent, type DispatchOptions, MAX_CONCURRENT_SENDS, dispatch } from './dispatch.ts'
import type { AddressedFrame, OutgoingFrame, PendingRequest, SegmentedRequest } from './frames.ts'
import { type Places, createPlaces } from './places.ts'
import { sealContents, sealEnvelopes } from './sealing.ts'
import { segmentRequest } from './segment-request.ts'
import { type WrapHooks, wrapTogether } from './wrap-together.ts'

/** Questions to the channel, and reports, on the way of a request's segments. */
interface ContentHooks extends WrapHooks {
  /** Whether the request is still wanted. */
  isWanted: (request: PendingRequest) => boolean
  /** A content could not be sealed: nothing of its request leaves. */
  contentNotSealed: (request: SegmentedRequest, error: Error) => void
}

/** Reports to the channel on the way of every frame. */
export interface FrameHooks {
  /** The rate limit let a frame through. */
  released: (frame: OutgoingFrame) => void
  /** A frame could not be sealed: it does not leave. */
  notSealed: (frame: OutgoingFrame, error: Error) => void
}

/** Questions to the channel, and reports, on the way out. */
export interface OutgoingHooks extends ContentHooks, FrameHooks {
  /** A frame is handed to the network. */
  leaving: (frame: AddressedFrame) => void
}

/** The parts of a channel that frames pass on their way out. */
export type FrameParts = Pick<
  ChannelParts,
  | 'channelId'
  | 'contentTopic'
  | 'scheduler'
  | 'hookMs'
  | 'participant'
  | 'unitOfWork'
  | 'limiter'
  | 'placement'
  | 'cipher'
  | 'profile'
  | 'sent'
>

/** The parts of a channel that requests pass on their way out. */
export type OutgoingParts = FrameParts & Pick<ChannelParts, 'senderId' | 'segmenter'>

/**
 * bytes → segment → SDS wrap → rate limit → encrypt → dispatch.
 *
 * The rate limit also paces SDS's own traffic (retransmissions, repairs, sync): all of it spends the same quota.
 * SDS encodes a message when the rate limit has released it and the network can take it; traffic that is no longer wanted is
 * dropped.
 * Nothing passes `committed` before what was decided of it is stored.
 */
export function outgoing(
  parts: OutgoingParts,
  requests$: Observable<PendingRequest>,
  hooks: OutgoingHooks,
  options: DispatchOptions,
): Observable<DispatchEvent<AddressedFrame>> {
  const places = createPlaces(options.maxConcurrentSends ?? MAX_CONCURRENT_SENDS)
  const gone = ({ kind }: OutgoingFrame): void => {
    if (kind === 'content') places.free()
  }
  const notSealed: FrameHooks['notSealed'] = (frame, error) => {
    hooks.notSealed(frame, error)
    gone(frame)
  }
  return merge(content(parts, requests$, hooks, places), traffic(parts, hooks)).pipe(
    seal(parts, { ...hooks, notSealed }),
    tap(hooks.leaving),
    dispatch<AddressedFrame>({ ...options, settled: gone }),
  )
}

/** The segments of requests, up to the rate limit's release. */
function content(
  parts: OutgoingParts,
  requests$: Observable<PendingRequest>,
  hooks: ContentHooks & FrameHooks,
  places: Places,
): Observable<OutgoingFrame> {
  const { participant, unitOfWork, limiter, channelId, placement, segmenter, scheduler } = parts
  const segmentation = { segmenter, scheduler }
  const sealContent =
    placement === 'content'
      ? sealContents(parts, hooks.contentNotSealed)
      : identity<Observable<SegmentedRequest>>

  return requests$.pipe(
    filter(hooks.isWanted),
    concatMap((request) => segmentRequest(request, segmentation)),
    sealContent,
    filter<SegmentedRequest>(hooks.isWanted),
    wrapTogether(parts, hooks),
    // A message is stored before it waits for the rate limit: from here on a crash loses nothing.
    unitOfWork.committed<OutgoingFrame>(),
    limiter.lane(channelId),
    tap(hooks.released),
    pipe(places.take(), participant.encode<OutgoingFrame>(places.free)),
  )
}

/** SDS's own traffic, up to the rate limit's release. */
function traffic(
  { participant, limiter, channelId, unitOfWork }: FrameParts,
  { released }: FrameHooks,
): Observable<OutgoingFrame> {
  return participant.traffic$.pipe(
    limiter.lane<TrafficFrame>(channelId),
    tap(released),
    participant.encode(),
    // Traffic is made when it leaves, and goes out once that is stored.
    unitOfWork.committed(),
  )
}

/** Seals whole messages, unless their contents are sealed, and puts them into envelopes. */
function seal(parts: FrameParts, { notSealed }: FrameHooks): OperatorFunction<OutgoingFrame, AddressedFrame> {
  const { contentTopic, sent, placement } = parts
  const { marker } = parts.profile
  const meta = marker === undefined ? undefined : new TextEncoder().encode(marker)
  return pipe(
    placement === 'envelope' ? sealEnvelopes(parts, notSealed) : identity,
    map((frame) => {
      const { payload, ephemeral, messageId } = frame
      const envelope = { contentTopic, payload, ephemeral, ...(meta && { meta }) }
      sent.set(envelope, messageId)
      return { ...frame, envelope }
    }),
  )
}

/** SDS's own traffic alone, ready for the network: the way of the last message of a channel that closes. */
export function outgoingTraffic(parts: FrameParts, hooks: FrameHooks): Observable<AddressedFrame> {
  return traffic(parts, hooks).pipe(seal(parts, hooks))
}
