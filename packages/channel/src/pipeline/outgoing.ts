import type { TrafficFrame } from '@reliable-channels/sds'
import { type Observable, concatMap, filter, identity, map, merge, tap } from 'rxjs'
import type { AddressedFrame, OutgoingFrame, PendingRequest, SegmentedRequest } from './frames.ts'
import type { ChannelParts } from '../opening/parts.ts'
import { sealContents, sealEnvelopes } from './sealing.ts'
import { segmentRequest } from './segment-request.ts'
import { type WrapHooks, wrapTogether } from './wrap-together.ts'

/** What the channel is asked and told on the way. */
export interface OutgoingHooks extends WrapHooks {
  /** Whether the request is still wanted. */
  wanted: (request: PendingRequest) => boolean
  /** A content could not be sealed: nothing of its request leaves. */
  contentNotSealed: (request: SegmentedRequest, error: Error) => void
  /** The rate limit let a frame through. */
  released: (frame: OutgoingFrame) => void
  /** A frame could not be sealed: it does not leave. */
  notSealed: (frame: OutgoingFrame, error: Error) => void
}

/**
 * bytes → segment → SDS wrap → rate limit → encrypt → the envelopes for the network.
 *
 * SDS's own traffic (retransmissions, repairs, sync) goes through the rate limit too: all of it spends the same quota.
 * SDS encodes each message when that lets it go, and what it does not want any more does not leave.
 * Nothing passes `committed` before what was decided of it is stored.
 */
export function outgoing(
  parts: ChannelParts,
  requests$: Observable<PendingRequest>,
  hooks: OutgoingHooks,
): Observable<AddressedFrame> {
  const { participant, unitOfWork, limiter, channelId, placement, node } = parts
  const segmentation = { ...parts.segmentation, scheduler: node.scheduler }
  const sealContent =
    placement === 'content'
      ? sealContents(parts, hooks.contentNotSealed)
      : identity<Observable<SegmentedRequest>>
  const sealEnvelope = placement === 'envelope' ? sealEnvelopes(parts, hooks.notSealed) : identity

  const content$ = requests$.pipe(
    filter<PendingRequest>(hooks.wanted),
    concatMap((request) => segmentRequest(request, segmentation)),
    sealContent,
    filter<SegmentedRequest>(hooks.wanted),
    wrapTogether(parts, hooks),
  )
  const frames$: Observable<OutgoingFrame> = merge(
    content$.pipe(
      // Accepted, and stored, before it waits: from here on a crash loses nothing.
      unitOfWork.committed<OutgoingFrame>(),
      limiter.lane(channelId),
      tap(hooks.released),
      participant.encode(),
    ),
    participant.traffic$.pipe(
      limiter.lane<TrafficFrame>(channelId),
      tap(hooks.released),
      participant.encode(),
      // Made, and noted, only when it leaves.
      unitOfWork.committed(),
    ),
  )
  return frames$.pipe(sealEnvelope, map(addressed(parts)))
}

function addressed({
  contentTopic,
  sent,
  profile: { marker },
}: ChannelParts): (frame: OutgoingFrame) => AddressedFrame {
  const meta = marker === undefined ? undefined : new TextEncoder().encode(marker)
  return (frame) => {
    const { payload, ephemeral } = frame
    const envelope = { contentTopic, payload, ephemeral, ...(meta && { meta }) }
    sent.add(envelope)
    return { ...frame, envelope }
  }
}
