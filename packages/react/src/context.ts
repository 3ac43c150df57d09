import type { TypedChannel } from '@reliable-channels/messages'
import { type Context, createContext, useContext } from 'react'
import type { MessageList } from './message-list.ts'

/** Whether a channel is open. */
export type ChannelStatus = 'opening' | 'open' | 'failed' | 'closed'

/** What {@link useChannel} gives. */
export interface ChannelState<In, Out = In> {
  /** `opening` also on the server, and before the first effect has run. */
  readonly status: ChannelStatus
  /** The typed channel; its `channel` is the one of bytes below. Only while it is `open`. */
  readonly chat: TypedChannel<In, Out> | undefined
  /** Why it could not be opened, or what it died of. */
  readonly error: unknown
}

/** What the provider hands down. */
export interface ProvidedChannel extends ChannelState<unknown> {
  readonly list: MessageList | undefined
}

export const OPENING: ProvidedChannel = {
  status: 'opening',
  chat: undefined,
  error: undefined,
  list: undefined,
}

/** Of the nearest {@link ChannelProvider}. */
export const ChannelContext: Context<ProvidedChannel | undefined> = createContext<
  ProvidedChannel | undefined
>(undefined)

/** @throws Error outside of a {@link ChannelProvider} */
export function useProvided(): ProvidedChannel {
  const provided = useContext(ChannelContext)
  if (provided === undefined) throw new Error('there is no <ChannelProvider> around this component')
  return provided
}

/**
 * The channel of the nearest {@link ChannelProvider}, and whether it is open.
 *
 * @example
 * ```tsx
 * const { status, error } = useChannel()
 * if (status === 'failed') return <p>{String(error)}</p>
 * ```
 * @throws Error outside of a {@link ChannelProvider}
 */
export function useChannel<In, Out = In>(): ChannelState<In, Out> {
  return useProvided() as ChannelState<In, Out>
}
