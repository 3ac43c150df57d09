import type { WrappedFrame } from '@reliable-channels/sds'
import { whileOpen } from '@reliable-channels/stage'
import { Observable, type OperatorFunction, Subject } from 'rxjs'
import type { ContentFrame, SegmentedRequest } from './frames.ts'
import type { ChannelParts } from '../opening/parts.ts'

/** Reports to the channel about wrapping. */
export interface WrapHooks {
  /** All segments of the request are wrapped; nothing has left yet. */
  opened: (request: SegmentedRequest, messageIds: readonly string[]) => void
  /** A segment could not be wrapped; none of the request's will leave. */
  notWrapped: (request: SegmentedRequest, error: string) => void
}

/**
 * Wraps the segments of a request in one synchronous run and one unit of work, so that nothing comes between them,
 * and lets them out only when all are wrapped.
 */
export function wrapTogether(
  { participant, unitOfWork }: Pick<ChannelParts, 'participant' | 'unitOfWork'>,
  { opened, notWrapped }: WrapHooks,
): OperatorFunction<SegmentedRequest, ContentFrame & WrappedFrame> {
  return (source) =>
    new Observable((subscriber) => {
      const input = new Subject<ContentFrame>()
      let wrapped: (ContentFrame & WrappedFrame)[] = []
      let refusal = 'refused'
      subscriber.add(input.pipe(participant.wrap()).subscribe((frame) => wrapped.push(frame)))
      subscriber.add(
        participant.events$.subscribe((event) => {
          if (event.type === 'rejected') refusal = event.detail
        }),
      )

      const wrap = (request: SegmentedRequest): void => {
        wrapped = []
        for (const payload of request.segments) {
          input.next({
            payload,
            requestId: request.requestId,
            ephemeral: request.ephemeral,
            priority: request.priority,
            reservation: request.reservation,
            ...(request.hasParity && { group: request.requestId }),
          })
          if (wrapped.length === 0) break
        }
        const messageIds = wrapped.map(({ messageId }) => messageId)
        if (wrapped.length < request.segments.length) {
          participant.abandon(messageIds)
          request.reservation?.release()
          notWrapped(request, `SDS wrap failed: ${refusal}`)
          return
        }
        opened(request, messageIds)
        for (const frame of wrapped) subscriber.next(frame)
      }

      subscriber.add(
        source.pipe(whileOpen(subscriber)).subscribe({
          next: (request) => unitOfWork.run(() => wrap(request)),
          error: (error: unknown) => subscriber.error(error),
        }),
      )
    })
}
