import type { TrafficFrame, WrappedFrame } from '@reliable-channels/sds'
import { encodeText } from '@reliable-channels/wire'
import { type Observable, identity, of } from 'rxjs'
import type { ChannelParts } from '../opening/parts.ts'
import { Chain } from './chain.ts'
import {
  type DispatchEvent,
  type DispatchOptions,
  MAX_CONCURRENT_SENDS,
  createDispatcher,
} from './dispatch.ts'
import type {
  AddressedFrame,
  ContentFrame,
  OutgoingFrame,
  PendingRequest,
  SegmentedRequest,
} from './frames.ts'
import { type Places, createPlaces } from './places.ts'
import { sealContents, sealEnvelopes } from './sealing.ts'
import { SentEnvelope } from './sent-envelope.ts'
import { createSegmenting } from './segment-request.ts'
import { type WrapHooks, type Wrapping, openWrapping } from './wrap-together.ts'

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
  | 'met'
  | 'senderId'
  | 'signedFrames'
>

/** The parts of a channel that requests pass on their way out. */
export type OutgoingParts = FrameParts & Pick<ChannelParts, 'segmenter'>

/** A channel's way out. */
export interface WayOut {
  /** Takes a request in. */
  readonly send: (request: PendingRequest) => void
  /** Takes in a frame of SDS's own. */
  readonly traffic: (frame: TrafficFrame) => void
  /** SDS tells why it refused a frame. */
  readonly refused: Wrapping['refused']
  readonly close: () => void
}

/** Options of {@link openOutgoing}. */
export interface OutgoingOptions extends Omit<DispatchOptions<AddressedFrame>, 'settled'> {
  readonly hooks: OutgoingHooks
  /** Is told what becomes of each frame. */
  readonly dispatched: (event: DispatchEvent<AddressedFrame>) => void
  readonly died: (error: unknown) => void
}

/**
 * bytes → segment → SDS wrap → rate limit → encrypt → dispatch.
 *
 * The rate limit also paces SDS's own traffic (retransmissions, repairs, sync): all of it spends the same quota.
 * SDS encodes a message when the rate limit has released it and the network can take it; traffic that is no longer wanted is
 * dropped.
 * Nothing passes the unit of work before what was decided of it is stored.
 */
export function openOutgoing(parts: OutgoingParts, options: OutgoingOptions): WayOut {
  const { hooks, dispatched, died, maxConcurrentSends = MAX_CONCURRENT_SENDS } = options
  const { participant } = parts
  const chain = new Chain(died)
  const gone = ({ kind }: Pick<OutgoingFrame, 'kind'>): void => {
    if (kind === 'content') places.free()
  }
  const notSealed: FrameHooks['notSealed'] = (frame, error) => {
    hooks.notSealed(frame, error)
    gone(frame)
  }
  const dispatcher = createDispatcher<AddressedFrame>(
    { ...options, maxConcurrentSends, settled: gone },
    dispatched,
  )
  chain.own(dispatcher.close)
  const seal = sealInto(chain, parts, { ...hooks, notSealed }, (frame) => {
    hooks.leaving(frame)
    dispatcher.take(frame)
  })
  const encode = chain.into(participant.ports.encode<OutgoingFrame>(chain.guarded(seal), () => places.free()))
  const places = createPlaces(maxConcurrentSends, encode)
  const content = openContent(chain, parts, hooks, places)
  const traffic = openTraffic(chain, parts, hooks, seal)
  return { ...content, traffic, close: () => chain.close() }
}

/** The segments of requests, up to a place between the rate limit and the network. */
function openContent(
  chain: Chain,
  parts: OutgoingParts,
  hooks: ContentHooks & FrameHooks,
  places: Places<OutgoingFrame>,
): Pick<WayOut, 'send' | 'refused'> {
  const { unitOfWork, placement, segmenter, scheduler } = parts
  const { isWanted, contentNotSealed } = hooks
  const { died } = chain
  const pace = paceInto<ContentFrame & WrappedFrame>(chain, parts, hooks, places.enter)
  // A message is stored before it waits for the rate limit: from here on a crash loses nothing.
  const wrapping = openWrapping(parts, hooks, (frame) => unitOfWork.after(() => pace(frame)))
  const wrap = chain.into(wrapping)
  const wrapIfWanted = chain.guarded((request: SegmentedRequest) => {
    if (isWanted(request)) wrap(request)
  })
  const seal = placement === 'content' ? sealContents(parts, contentNotSealed) : undefined
  const send = createSegmenting({
    segmenter,
    scheduler,
    isWanted,
    out(request, done) {
      if (seal === undefined) {
        wrapIfWanted(request)
        return done()
      }
      const end = chain.guarded<void>(done)
      chain.own(
        of(request)
          .pipe(seal)
          .subscribe({ next: wrapIfWanted, error: died, complete: () => end() }),
      )
    },
    died,
  })
  return { send: chain.guarded(send), refused: wrapping.refused }
}

/** SDS's own traffic, up to sealing. */
function openTraffic(
  chain: Chain,
  parts: FrameParts,
  hooks: FrameHooks,
  out: (frame: OutgoingFrame) => void,
): (frame: TrafficFrame) => void {
  const { participant, unitOfWork } = parts
  const leave = chain.guarded(out)
  // Traffic is made when it leaves, and goes out once that is stored.
  const encode = chain.into(
    participant.ports.encode<TrafficFrame>((frame) => unitOfWork.after(() => leave(frame))),
  )
  return paceInto<TrafficFrame>(chain, parts, hooks, encode)
}

/** The rate limit, as a step before `next`. */
function paceInto<F extends OutgoingFrame>(
  chain: Chain,
  { limiter, channelId }: FrameParts,
  { released }: FrameHooks,
  next: (frame: F) => void,
): (frame: F) => void {
  const go = chain.guarded((frame: F) => {
    released(frame)
    next(frame)
  })
  return chain.into(limiter.openPort<F>(channelId, go, chain.died))
}

/** Seals whole messages, unless their contents are sealed, and puts them into envelopes. */
function sealInto(
  chain: Chain,
  parts: FrameParts,
  { notSealed }: FrameHooks,
  next: (frame: AddressedFrame) => void,
): (frame: OutgoingFrame) => void {
  const { contentTopic, met, placement, profile, cipher, signedFrames } = parts
  const meta = profile.marker === undefined ? undefined : encodeText(profile.marker)
  const operator =
    placement === 'envelope' ? sealEnvelopes(parts, notSealed) : identity<Observable<OutgoingFrame>>
  const address = (frame: OutgoingFrame): void => {
    const { payload, messageId, kind, ephemeral, priority, requestId } = frame
    const envelope = new SentEnvelope(met, frame, contentTopic, meta)
    next({ payload, messageId, kind, ephemeral, priority, requestId, envelope, hasLeft: false })
  }
  const seal = chain.through(operator, address)
  if (placement !== 'envelope' || cipher.signs !== true) return seal
  return (frame) => {
    // What another has written, as he has signed it.
    const signed = frame.kind === 'repair' ? signedFrames.of(frame.messageId) : undefined
    if (signed === undefined) seal(frame)
    else address({ ...frame, payload: signed })
  }
}

/** SDS's own traffic alone, ready for the network: the way of the last message of a channel that closes. */
export function openLastTraffic(
  parts: FrameParts,
  hooks: FrameHooks & {
    readonly leaving: (frame: AddressedFrame) => void
    readonly died: (error: unknown) => void
  },
): Chain {
  const chain = new Chain(hooks.died)
  const next = openTraffic(chain, parts, hooks, sealInto(chain, parts, hooks, hooks.leaving))
  chain.own(parts.participant.traffic$.subscribe({ next, error: chain.died }))
  return chain
}
