import type { Transport, TransportMessage } from '@reliable-channels/transport'
import { encodeText, equalBytes } from '@reliable-channels/wire'
import type { Observer, Subscription } from 'rxjs'

/** Hands each message of the network to the channels of its content topic, however many others the node has. */
export interface MessageRouter {
  /** Tells of the messages of one content topic, until what it returns is called. */
  listen(contentTopic: string, listener: TopicListener): () => void
  /**
   * Counts the messages of content topics that no channel of the node listens to, from now on: with the marker of a
   * profile, and without.
   */
  strays(marker: string | undefined): () => Strays
}

/** Takes the messages of a topic. There is one for each channel, so that there is no need of observables between. */
export type TopicListener = Pick<Observer<TransportMessage>, 'next' | 'error'>

/** Messages that are for no channel of a node. */
export interface Strays {
  readonly marked: number
  readonly unmarked: number
}

/** The count for one marker. */
interface Tally {
  readonly bytes: Uint8Array | undefined
  marked: number
  unmarked: number
}

/** Whether a message carries the marker of a profile, which may have none. */
export const carries = ({ meta }: Pick<TransportMessage, 'meta'>, marker: Uint8Array | undefined): boolean =>
  marker === undefined || (meta !== undefined && equalBytes(meta, marker))

/** Makes the router of a node. The transport is listened to as long as any channel listens. */
export function createMessageRouter({ messages$ }: Pick<Transport, 'messages$'>): MessageRouter {
  /** Those who listen to each topic; in a list of which none is changed while it is gone through. */
  const topics = new Map<string, readonly TopicListener[]>()
  const tallies = new Map<string | undefined, Tally>()
  let source: Subscription | undefined

  const route = (message: TransportMessage): void => {
    const listeners = topics.get(message.contentTopic)
    if (listeners !== undefined) {
      // Whoever is told before may end another.
      for (const listener of listeners)
        if (listeners.length === 1 || topics.get(message.contentTopic)?.includes(listener))
          listener.next(message)
      return
    }
    for (const tally of tallies.values()) tally[carries(message, tally.bytes) ? 'marked' : 'unmarked']++
  }
  const died = (error: unknown): void => {
    const ending = [...topics.values()].flat()
    topics.clear()
    for (const listener of ending) listener.error(error)
  }

  return {
    listen(contentTopic, listener) {
      topics.set(contentTopic, [...(topics.get(contentTopic) ?? []), listener])
      if (source === undefined || source.closed) source = messages$.subscribe({ next: route, error: died })
      return () => {
        const others = topics.get(contentTopic)?.filter((other) => other !== listener)
        if (others === undefined) return
        if (others.length > 0) topics.set(contentTopic, others)
        else topics.delete(contentTopic)
        if (topics.size === 0) source?.unsubscribe()
      }
    },
    strays(marker) {
      const tally = tallies.get(marker) ?? {
        bytes: marker === undefined ? undefined : encodeText(marker),
        marked: 0,
        unmarked: 0,
      }
      tallies.set(marker, tally)
      const { marked, unmarked } = tally
      return () => ({ marked: tally.marked - marked, unmarked: tally.unmarked - unmarked })
    },
  }
}
