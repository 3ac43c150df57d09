import type { TypedChannel } from '@reliable-channels/messages'
import { type ReactElement, type ReactNode, createElement, useEffect, useRef, useState } from 'react'
import { ChannelContext, type ProvidedChannel } from './context.ts'
import { MessageList } from './message-list.ts'

/** Properties of {@link ChannelProvider}. */
export interface ChannelProviderProps<In, Out> {
  /**
   * Opens the channel, in the browser alone, when the provider is mounted, and again when `id` changes; the provider closes
   * it. Whatever else was opened for it, such as a transport, `closed` may close.
   */
  readonly open: () => Promise<TypedChannel<In, Out>>
  /** Names the channel that `open` opens: another opens another. */
  readonly id: string
  /** Called when a channel that was opened has been closed. */
  readonly closed?: (() => void | Promise<void>) | undefined
  /** Messages of the past on the list at first. @default 100 */
  readonly past?: number
  readonly children?: ReactNode
}

const OPENING: ProvidedChannel = { status: 'opening', chat: undefined, error: undefined, list: undefined }

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
    const turn = before.current.then(async () => {
      if (left.signal.aborted) return
      const wasOpened = await hold(open, past, left.signal, provide)
      if (wasOpened) await closed?.()
    })
    before.current = turn.catch(() => {})
    return () => {
      left.abort()
      provide(OPENING)
    }
  }, [id, past])

  return createElement(ChannelContext.Provider, { value: provided }, children)
}

/** Opens a channel, hands it out, and closes it when it is left. Returns whether it could be opened. */
async function hold(
  open: () => Promise<TypedChannel<unknown>>,
  past: number,
  left: AbortSignal,
  provide: (provided: ProvidedChannel) => void,
): Promise<boolean> {
  const tell = (provided: Partial<ProvidedChannel>): void => {
    if (!left.aborted) provide({ ...OPENING, ...provided })
  }
  let chat: TypedChannel<unknown>
  try {
    chat = await open()
  } catch (error) {
    tell({ status: 'failed', error })
    return false
  }
  let stop = (): void => {}
  const over = new Promise<void>((resolve) => {
    if (left.aborted) return resolve()
    left.addEventListener('abort', () => resolve(), { once: true })
    chat.channel.connection$.subscribe({
      error: () => {},
      complete: () => tell({ status: 'closed' }),
    })
    chat.channel.events$.subscribe({ error: (error: unknown) => tell({ status: 'failed', error }) })
    const list = new MessageList(chat)
    stop = list.start(past)
    tell({ status: 'open', chat, list })
  })
  await over
  stop()
  await chat.channel.close()
  return true
}
