/**
 * Who has read what, for React: an entry of its own, so that who shows no read receipts carries none.
 *
 * @packageDocumentation
 */
import { useCallback, useMemo } from 'react'
import { ChatReceipts, NOBODY_YET, type ReadBy } from './chat-receipts.ts'
import { useProvided } from './context.ts'
import { useObservable } from './use-observable.ts'

/** A message, such as those of {@link useMessages}. */
export interface ReadableMessage {
  readonly messageId: string | undefined
  readonly senderId: string
}

/** What {@link useReadReceipts} gives of one message. */
export interface MessageReadReceipts {
  /** The members that have read it, and said so. */
  readonly readBy: readonly string[]
  /**
   * This member has read it, and all earlier ones of its author: the others are told, with what is sent next or within
   * seconds. The same function for the same message; on an own message, and while the channel is not open, it does nothing.
   */
  readonly read: () => void
  /** Why others cannot be told, or nobody be heard of. */
  readonly error: unknown
}

/**
 * Who has read a message, and how to say that this member has. All components inside a {@link ChannelProvider} share one
 * {@link readReceipts} of its channel, which ends with it; nothing is opened on a server.
 *
 * @param message `undefined`, or one without an id yet, for nobody.
 * @example
 * ```tsx
 * const { readBy, read } = useReadReceipts(message)
 * return <li onMouseEnter={read} title={readBy.join(', ')}>{message.value.text}</li>
 * ```
 * @throws Error outside of a {@link ChannelProvider}
 */
export function useReadReceipts(message: ReadableMessage | undefined): MessageReadReceipts {
  const { chat } = useProvided()
  const messageId = message?.messageId
  const senderId = message?.senderId
  const readBy$ = useMemo(
    () =>
      chat === undefined || messageId === undefined ? undefined : ChatReceipts.of(chat).readBy$(messageId),
    [chat, messageId],
  )
  const read = useCallback(() => {
    if (chat !== undefined && messageId !== undefined && senderId !== undefined)
      ChatReceipts.of(chat).read({ messageId, senderId })
  }, [chat, messageId, senderId])
  const { members, error } = useObservable<ReadBy>(readBy$, NOBODY_YET)
  return { readBy: members, read, error }
}
