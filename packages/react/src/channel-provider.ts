import type { TypedChannel } from '@reliable-channels/messages'
import { type ReactElement, type ReactNode, createElement, useEffect, useRef, useState } from 'react'
import { ChannelContext, OPENING } from './context.ts'
import { holdChannel, overInTime } from './hold-channel.ts'

/** Properties of {@link ChannelProvider}. */
export interface ChannelProviderProps<In, Out> {
  /**
   * Opens the channel, in the browser alone, when the provider is mounted, and again when `id` changes; the provider closes
   * it. Whatever else was opened for it, such as a transport, `closed` may close. The next channel waits for one that is
   * left before it has opened, and for `closed`, but no longer than a minute. What fails meanwhile, or takes longer, is
   * reported as an uncaught error is (`reportError`).
   */
  readonly open: () => Promise<TypedChannel<In, Out>>
  /** Names the channel that `open` opens: another opens another. */
  readonly id: string
  /** Called when a channel that was opened has been closed, also where that failed. */
  readonly closed?: (() => void | Promise<void>) | undefined
  /** Messages of the past on the list at first. @default 100 */
  readonly past?: number
  readonly children?: ReactNode
}

/**
 * Opens a channel for the components inside, and closes it when they go. On the server nothing is opened; in StrictMode, which
 * mounts twice, the second opening waits until the first channel is closed, so that its store is free.
 *
 * @example
 * ```tsx
 * <ChannelProvider id="friends" open={async () => typed(await openChannel(options), codec)}>
 *   <Chat />
 * </ChannelProvider>
 * ```
 */
export function ChannelProvider<In, Out = In>(props: ChannelProviderProps<In, Out>): ReactElement {
  const { id, past = 100, children } = props
  const latest = useRef(props)
  /** What has to be over before a channel is opened again. */
  const before = useRef<Promise<void>>(Promise.resolve())
  const [provided, provide] = useState(OPENING)

  useEffect(() => {
    latest.current = props
  })

  useEffect(() => {
    const { open, closed } = latest.current
    const left = new AbortController()
    const failed = (error: unknown): void => reportError(error)
    const turn = before.current.then(async () => {
      if (!left.signal.aborted) await holdChannel({ open, closed, past, left: left.signal, provide, failed })
    })
    before.current = overInTime(turn, left.signal, failed)
    return () => {
      left.abort()
      provide(OPENING)
    }
  }, [id, past])

  return createElement(ChannelContext.Provider, { value: provided }, children)
}
