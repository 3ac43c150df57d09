import { messageErrorEvent, type ChannelEvent } from '../events.ts'
import { idOfMessage } from '../core/message-id.ts'
import type { OutgoingHooks } from '../pipeline/outgoing.ts'
import type { ChannelParts } from '../opening/parts.ts'
import type { Admission } from './admission.ts'
import { drop } from './cancelling.ts'
import type { Outcomes } from './outcomes.ts'
import type { RequestBook } from './request-book.ts'

/** The objects that {@link outgoingHooks} tell. */
export interface HookTargets {
  readonly parts: Pick<ChannelParts, 'channelId' | 'unitOfWork'>
  readonly admission: Admission
  readonly book: RequestBook
  readonly outcomes: Outcomes
  readonly emit: (event: ChannelEvent) => void
}

/** The answers to the pipeline's questions and reports about requests. The hook for leaving messages is the outbox's own. */
export function outgoingHooks({
  parts,
  admission,
  book,
  outcomes,
  emit,
}: HookTargets): Omit<OutgoingHooks, 'leaving'> {
  const { channelId, unitOfWork } = parts
  const messageError = (requestId: string | undefined, error: Error): void =>
    emit(messageErrorEvent(channelId, { requestId, error: error.message, cause: error }))
  return {
    isWanted: ({ requestId }) => admission.has(requestId),
    contentNotSealed({ requestId }, error) {
      messageError(requestId, error)
      drop({ admission, book }, requestId, error.message, error)
    },
    opened({ requestId, ephemeral, dataCount, payloadHash }, messageIds) {
      admission.take(requestId)
      const messageId = idOfMessage(messageIds[0]!, messageIds.length, payloadHash)
      book.tell({ type: 'opened', requestId, messageId, messageIds, dataCount, ephemeral })
      if (!unitOfWork.persistent) return book.accepted(requestId)
      void unitOfWork.stored().then(
        () => book.accepted(requestId),
        () => {},
      )
    },
    notWrapped: ({ requestId }, error) => void drop({ admission, book }, requestId, error),
    released: (frame) => outcomes.released(frame),
    notSealed(frame, error) {
      messageError(frame.requestId, error)
      outcomes.failed(frame)
    },
  }
}
