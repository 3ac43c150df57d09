import type { Transport, TransportMessage } from '@reliable-channels/transport'
import { encodeText, equalBytes } from '@reliable-channels/wire'
import { Observable, Subject, type Subscription } from 'rxjs'

/** Hands each message of the network to the channels of its content topic, however many others the node has. */
export interface MessageRouter {
  /** Messages of one content topic. */
  of(contentTopic: string): Observable<TransportMessage>
  /**
   * Counts the messages of content topics that no channel of the node listens to, from now on: with the marker of a
   * profile, and without.
   */
  strays(marker: string | undefined): () => Strays
}

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
  const topics = new Map<string, Subject<TransportMessage>>()
  const tallies = new Map<string | undefined, Tally>()
  let source: Subscription | undefined

  const route = (message: TransportMessage): void => {
    const topic = topics.get(message.contentTopic)
    if (topic !== undefined) return topic.next(message)
    for (const tally of tallies.values()) tally[carries(message, tally.bytes) ? 'marked' : 'unmarked']++
  }
  const each = (end: (topic: Subject<TransportMessage>) => void): void => {
    const ending = [...topics.values()]
    topics.clear()
    for (const topic of ending) end(topic)
  }

  return {
    of: (contentTopic) =>
      new Observable((subscriber) => {
        const topic = topics.get(contentTopic) ?? new Subject<TransportMessage>()
        topics.set(contentTopic, topic)
        subscriber.add(topic.subscribe(subscriber))
        subscriber.add(() => {
          if (!topic.observed && topics.get(contentTopic) === topic) topics.delete(contentTopic)
          if (topics.size === 0) source?.unsubscribe()
        })
        if (source !== undefined && !source.closed) return
        source = messages$.subscribe({
          next: route,
          error: (error: unknown) => each((topic) => topic.error(error)),
          complete: () => each((topic) => topic.complete()),
        })
      }),
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
