import type {
  ChannelHealth,
  ChannelMember,
  ChannelQuota,
  SendOptions,
  SendStatus,
} from '@reliable-channels/channel'
import type { TypedSendHandle } from '@reliable-channels/messages'
import { useCallback, useMemo, useState, useSyncExternalStore } from 'react'
import { useProvided } from './context.ts'
import type { ListedMessage } from './message-list.ts'
import { useObservable } from './use-observable.ts'

const NO_MESSAGES: readonly never[] = []
const NOBODY: readonly never[] = []
const nothing = (): (() => void) => () => {}
const noMessages = (): readonly never[] => NO_MESSAGES

/**
 * The latest messages of the channel, 1,000 at most: some of the past first, own ones from when they are sent, each with a
 * `key` for React. Empty while the channel is being opened, and on the server.
 */
export function useMessages<T>(): readonly ListedMessage<T>[] {
  const { list } = useProvided()
  const messages = list?.messages ?? noMessages
  return useSyncExternalStore(list?.subscribe ?? nothing, messages, noMessages) as readonly ListedMessage<T>[]
}

/** What {@link useSend} gives. */
export interface Sending<In> {
  /**
   * Sends a value. @throws Error while the channel is not open, and what the channel throws: `ERR_INVALID_VALUE`,
   * `ERR_QUEUE_FULL` …
   */
  readonly send: (value: In, options?: SendOptions) => TypedSendHandle
  /** Whether the channel is open. */
  readonly isReady: boolean
  /** What became of the last value that this component has sent. */
  readonly status: SendStatus | undefined
}

/** Sends values, which are on the list of {@link useMessages} from then on. */
export function useSend<In>(): Sending<In> {
  const { list } = useProvided()
  const [last, setLast] = useState<{ readonly by: object; readonly handle: TypedSendHandle }>()
  const send = useCallback(
    (value: In, options?: SendOptions) => {
      if (list === undefined) throw new Error('the channel is not open yet: see `isReady`')
      const handle = list.send(value, options)
      setLast({ by: list, handle })
      return handle
    },
    [list],
  )
  // What was sent on another channel is over.
  const status = useObservable(last?.by === list ? last?.handle.status$ : undefined, undefined)
  return { send, isReady: list !== undefined, status }
}

/**
 * Which members have all of an own message: of {@link useMessages}, or whatever has an id.
 *
 * @param message `undefined`, or one without an id yet, for nobody.
 */
export function useReceipts(
  message: { readonly messageId: string | undefined } | undefined,
): readonly string[] {
  const { chat } = useProvided()
  const messageId = message?.messageId
  const receipts$ = useMemo(
    () => (messageId === undefined ? undefined : chat?.channel.receipts(messageId)),
    [chat, messageId],
  )
  return useObservable<readonly string[]>(receipts$, NOBODY)
}

/** Other members, by what was heard of them. */
export function useMembers(): readonly ChannelMember[] {
  return useObservable<readonly ChannelMember[]>(useProvided().chat?.channel.members$, NOBODY)
}

/** How complete the messages are; `undefined` until that is known. */
export function useHealth(): ChannelHealth | undefined {
  return useObservable<ChannelHealth | undefined>(useProvided().chat?.channel.health$, undefined)
}

/** The node's quota; `undefined` until the channel is open. */
export function useQuota(): ChannelQuota | undefined {
  return useObservable<ChannelQuota | undefined>(useProvided().chat?.channel.quota$, undefined)
}
