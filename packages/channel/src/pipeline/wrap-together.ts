import type { WrappedFrame } from '@reliable-channels/sds'
import type { Port } from '@reliable-channels/stage'
import type { ContentFrame, SegmentedRequest } from './frames.ts'
import type { ChannelParts } from '../opening/parts.ts'

/** Reports to the channel about wrapping. */
export interface WrapHooks {
  /** All segments of the request are wrapped; nothing has left yet. */
  opened: (request: SegmentedRequest, messageIds: readonly string[]) => void
  /** A segment could not be wrapped; none of the request's will leave. */
  notWrapped: (request: SegmentedRequest, error: string) => void
}

/** Wraps requests; SDS's reason to refuse a frame is told to it. */
export interface Wrapping extends Port<SegmentedRequest> {
  readonly refused: (detail: string) => void
}

/**
 * Wraps the segments of a request in one synchronous run and one unit of work, so that nothing comes between them,
 * and lets them out only when all are wrapped.
 */
export function openWrapping(
  { participant, unitOfWork }: Pick<ChannelParts, 'participant' | 'unitOfWork'>,
  { opened, notWrapped }: WrapHooks,
  out: (frame: ContentFrame & WrappedFrame) => void,
): Wrapping {
  let wrapped: (ContentFrame & WrappedFrame)[] = []
  let refusal = 'refused'
  const port = participant.ports.wrap<ContentFrame>((frame) => void wrapped.push(frame))

  const wrap = (request: SegmentedRequest): void => {
    const { segments, requestId, ephemeral, order, priority, reservation, hasParity } = request
    const isPart = segments.length > 1
    wrapped = []
    for (const payload of segments) {
      const frame = { payload, requestId, ephemeral, order, priority, isPart, reservation }
      port.push(hasParity ? { ...frame, group: requestId } : frame)
      if (wrapped.length === 0) break
    }
    const frames = wrapped
    wrapped = []
    const messageIds = frames.map(({ messageId }) => messageId)
    if (frames.length < segments.length) {
      participant.abandon(messageIds)
      reservation?.release()
      notWrapped(request, `SDS wrap failed: ${refusal}`)
      return
    }
    opened(request, messageIds)
    for (const frame of frames) out(frame)
  }

  return {
    push: (request) => unitOfWork.run(() => wrap(request)),
    close: port.close,
    refused: (detail) => (refusal = detail),
  }
}
