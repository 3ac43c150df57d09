import { type Observable, Subscription, filter } from 'rxjs'
import type { ReliableChannel } from '../channel.ts'
import type { FromLeader, Topic } from './messages.ts'

/** Topics whose latest value is told to whoever asks. */
const isState = (topic: Topic): boolean => !['incoming', 'events', 'outgoing', 'sent'].includes(topic)

/** What the leader makes of a channel for tabs. */
type MadeTopics = Readonly<Record<'incoming' | 'sent', Observable<unknown>>>

/** A topic that somebody wants. */
interface ServedTopic {
  readonly subscription: Subscription
  latest: { readonly value: unknown } | undefined
}

/** Listens to what tabs want of the channel, and to nothing else. */
export class ServedTopics {
  readonly #channel: ReliableChannel
  readonly #made: MadeTopics
  readonly #post: (message: FromLeader) => void
  readonly #topics = new Map<Topic, ServedTopic>()

  constructor(channel: ReliableChannel, made: MadeTopics, post: (message: FromLeader) => void) {
    this.#channel = channel
    this.#made = made
    this.#post = post
  }

  /** Tells one tab what is known of a topic. */
  tellLatest(topic: Topic, to: string): void {
    const latest = this.#topics.get(topic)?.latest
    if (latest !== undefined) this.#post({ type: 'value', topic, value: latest.value, to })
  }

  /** These are wanted, and no others. */
  settle(wanted: ReadonlySet<Topic>): void {
    for (const [topic, { subscription }] of this.#topics) {
      if (wanted.has(topic)) continue
      this.#topics.delete(topic)
      subscription.unsubscribe()
    }
    for (const topic of wanted) if (!this.#topics.has(topic)) this.#listen(topic)
  }

  #listen(topic: Topic): void {
    const served: ServedTopic = { subscription: new Subscription(), latest: undefined }
    this.#topics.set(topic, served)
    served.subscription.add(
      this.#valuesOf(topic).subscribe({
        next: (value) => {
          if (isState(topic)) served.latest = { value }
          this.#post({ type: 'value', topic, value })
        },
        // Whoever made the leader knows that the channel has died.
        error: () => {},
      }),
    )
  }

  #valuesOf(topic: Topic): Observable<unknown> {
    const channel = this.#channel
    switch (topic) {
      case 'incoming':
      case 'sent':
        return this.#made[topic]
      case 'events':
        return channel.events$.pipe(filter(({ type }) => type !== 'reliable:message:received'))
      case 'outgoing':
      case 'connection':
      case 'health':
      case 'members':
      case 'quota':
        return channel[`${topic}$`]
      default:
        return channel.receipts(topic.slice('receipts:'.length))
    }
  }
}
