import type { ReliableChannel, SendHandle, SendOptions } from '@reliable-channels/channel'
import { createChecks, onlyNames } from '@reliable-channels/options'
import { type IterateOptions, type MessageSource, iterate } from './iterate.ts'
import type { TypedChannel } from './typed.ts'

/**
 * The messages of a channel, typed or not, as a stream; a message is acknowledged when the next one is asked for, as by
 * {@link iterate}. It asks for nothing in advance.
 *
 * @example
 * ```ts
 * await readable(channel).pipeThrough(new TransformStream(decoder)).pipeTo(sink, { signal })
 * ```
 */
export function readable<M extends { ack(): Promise<void> }>(
  source: MessageSource<M>,
  options?: IterateOptions,
): ReadableStream<M> {
  const reader = iterate(source, options)[Symbol.asyncIterator]()
  return new ReadableStream<M>(
    {
      async pull(controller) {
        const next = await reader.next()
        if (next.done === true) controller.close()
        else controller.enqueue(next.value)
      },
      async cancel() {
        await reader.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

/** Options of {@link writable}. */
export interface WritableOptions extends Omit<SendOptions, 'signal' | 'requestId'> {
  /** What closing the stream waits for, of every message. @default 'sent' */
  readonly until?: 'accepted' | 'sent' | 'delivered'
  /** Ends the waits, with its reason; what was written goes on. */
  readonly signal?: AbortSignal
}

const check = createChecks((message) => new TypeError(message))

/**
 * A stream that sends what is written to it: payloads to a channel, values to a typed one. Each write waits until there is
 * room, so that a source is read no faster than the rate limit lets messages out.
 *
 * Closing it waits until all is `sent`, or what `until` says, and rejects with the first failure; the channel stays open.
 *
 * @example
 * ```ts
 * await lines.pipeTo(writable(chat, { until: 'delivered' }), { signal })
 * ```
 */
export function writable(
  channel: Pick<ReliableChannel, 'send' | 'ready'>,
  options?: WritableOptions,
): WritableStream<Uint8Array>
export function writable<In>(
  channel: Pick<TypedChannel<In>, 'send' | 'channel'>,
  options?: WritableOptions,
): WritableStream<In>
export function writable(
  channel: (Pick<ReliableChannel, 'ready'> | Pick<TypedChannel<unknown>, 'channel'>) & {
    send(value: never, options: SendOptions): SendHandle
  },
  options: WritableOptions = {},
): WritableStream<never> {
  onlyNames(check, options, ['until', 'signal', 'ephemeral', 'optional', 'order', 'priority'])
  const { until = 'sent', signal, ...sending } = options
  check.oneOf('until', until, ['accepted', 'sent', 'delivered'])
  const wait = signal === undefined ? {} : { signal }
  const base = 'channel' in channel ? channel.channel : channel
  /** Messages whose end is awaited; of those that have ended well nothing is kept. */
  const open = new Set<Promise<unknown>>()
  return new WritableStream<never>({
    async write(value) {
      signal?.throwIfAborted()
      await base.ready(undefined, wait)
      const end = channel.send(value, sending)[until](wait)
      open.add(end)
      end.then(
        () => open.delete(end),
        () => {},
      )
    },
    async close() {
      await Promise.all(open)
    },
  })
}
