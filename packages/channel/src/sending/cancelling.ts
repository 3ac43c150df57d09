import type { OutgoingFrame } from '../pipeline/frames.ts'
import type { ChannelParts } from '../opening/parts.ts'
import type { Admission } from './admission.ts'
import type { RequestBook } from './request-book.ts'
import type { SendHandle } from './send-handle.ts'

/** The parts of a channel that cancelling needs. */
export type CancelParts = Pick<ChannelParts, 'participant' | 'limiter' | 'channelId' | 'unitOfWork'>

/** The places where a request may wait. */
export interface Whereabouts {
  readonly parts: CancelParts
  readonly admission: Admission
  readonly book: RequestBook
}

/** Takes a request back, if none of it was released and nothing was wrapped after it. Otherwise the request goes on. */
export function cancel({ parts, admission, book }: Whereabouts, requestId: string): 'cancelled' | 'too-late' {
  const { participant, limiter, channelId, unitOfWork } = parts
  if (drop({ admission, book }, requestId, 'cancelled')) return 'cancelled'
  const messageIds = book.messageIds(requestId)
  const released = book.status(requestId)?.segments.released
  if (messageIds === undefined || released !== 0) return 'too-late'
  // One write: a request whose messages SDS does not have would count as damaged.
  const taken = unitOfWork.run(() => {
    if (!participant.abandon(messageIds)) return false
    book.tell({ type: 'cancelled', requestId })
    return true
  })
  if (!taken) return 'too-late'
  // A message that is still being stored is dropped before it leaves: it is not wanted any more.
  const ids = new Set(messageIds)
  limiter.remove(channelId, (frame) => ids.has((frame as OutgoingFrame).messageId))
  return 'cancelled'
}

/** Ends a request that was not wrapped. Returns whether there was such a one. */
export function drop(
  { admission, book }: Pick<Whereabouts, 'admission' | 'book'>,
  requestId: string,
  error: string,
  cause?: unknown,
): boolean {
  const request = admission.take(requestId)
  if (request === undefined) return false
  request.reservation?.release()
  book.fail(requestId, error, cause)
  return true
}

/** Cancels when the signal aborts; lets go of the signal when nothing more will be heard of the message. */
export function followSignal(signal: AbortSignal, handle: SendHandle): void {
  const abort = (): void => void handle.cancel()
  signal.addEventListener('abort', abort, { once: true })
  handle.status$.subscribe({ complete: () => signal.removeEventListener('abort', abort) })
}
