import { withinLimit } from '@reliable-channels/stage'
import type { Transport, TransportMessage } from '@reliable-channels/transport'
import { timer, firstValueFrom, fromEvent, race } from 'rxjs'

/** Messages that are looked at. @limit Further ones are not. */
const MAX_MESSAGES = 2_000
/** Longest wait for the network's memory, ms. @limit What has come by then is looked at. */
const HISTORY_MS = 20_000
const SUBSCRIBE_MS = 20_000

/** What was said on a topic lately, and while it was listened. */
export interface Listened {
  readonly messages: readonly TransportMessage[]
  /** By how much those that came while it was listened are stamped ahead of the clock here, ms. */
  readonly offsetsMs: readonly number[]
}

/** Options of {@link listenOn}. */
export interface ListenOptions {
  readonly sinceMs: number
  readonly listenMs: number
  readonly now: () => number
  readonly signal: AbortSignal
  /** Called when it listens. */
  readonly onListening: () => Promise<void>
}

/** Listens on a topic for a while, and asks the network's memory for what was said before. */
export async function listenOn(
  transport: Transport,
  contentTopic: string,
  { sinceMs, listenMs, now, signal, onListening }: ListenOptions,
): Promise<Listened> {
  const messages = new Map<string, TransportMessage>()
  const offsetsMs: number[] = []
  const keep = (message: TransportMessage): boolean => {
    if (messages.size < MAX_MESSAGES) messages.set(message.hash, message)
    return messages.size < MAX_MESSAGES
  }
  const watch = transport.messages$.subscribe((message) => {
    if (message.contentTopic !== contentTopic) return
    keep(message)
    if (message.timestampMs !== undefined) offsetsMs.push(message.timestampMs - now())
  })
  try {
    await withinLimit(transport.subscribe(contentTopic), {
      what: 'subscribing',
      limitMs: SUBSCRIBE_MS,
      signal,
    })
    await onListening()
    const before = readHistory(transport, contentTopic, sinceMs, keep, signal)
    await firstValueFrom(race(timer(listenMs), fromEvent(signal, 'abort')))
    signal.throwIfAborted()
    await before
    return { messages: [...messages.values()], offsetsMs }
  } finally {
    watch.unsubscribe()
    await withinLimit(transport.unsubscribe(contentTopic), {
      what: 'unsubscribing',
      limitMs: SUBSCRIBE_MS,
    }).catch(() => {})
  }
}

/** A memory that cannot be read is the matter of another check. */
async function readHistory(
  transport: Transport,
  contentTopic: string,
  sinceMs: number,
  keep: (message: TransportMessage) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const reading = new AbortController()
  const read = async (): Promise<void> => {
    const history = transport.history?.({
      contentTopic,
      sinceMs,
      signal: AbortSignal.any([reading.signal, signal]),
    })
    for await (const message of history ?? []) if (!keep(message)) return
  }
  await withinLimit(read, { what: "the network's memory", limitMs: HISTORY_MS, signal }).catch(() => {})
  reading.abort()
}
