import type { SendHandle, SendOptions, SendStatus } from '@reliable-channels/channel'
import type { TypedChannel, TypedSendHandle } from '@reliable-channels/messages'
import { Subscription } from 'rxjs'

/** A message of a list: another member's, or an own one. */
export interface ListedMessage<T> {
  /** Stays the same while it is on the list, also before {@link messageId} is known. */
  readonly key: string
  /** By which all members know it; `undefined` for an own one that is not wrapped yet. */
  readonly messageId: string | undefined
  readonly value: T
  readonly senderId: string
  /** ms since 1970, by its author's clock. */
  readonly sentAt: number
  readonly isOwn: boolean
  /** What became of an own one that was sent since the channel was opened. */
  readonly status: SendStatus | undefined
}

/** Messages on a list. @limit The oldest go; `history` of the channel has them. */
const MOST = 1_000

/** The messages of a channel as a store for React: those of the past, those that come, and own ones from when they are sent. */
export class MessageList {
  #messages: readonly ListedMessage<unknown>[] = []
  readonly #ids = new Set<string>()
  readonly #listeners = new Set<() => void>()
  readonly #chat: TypedChannel<unknown>

  constructor(chat: TypedChannel<unknown>) {
    this.#chat = chat
  }

  /** Starts to listen. Returns what ends it. */
  start(past: number): () => void {
    const subscriptions = new Subscription()
    subscriptions.add(
      this.#chat.incoming$.subscribe({
        next: ({ messageId, value, senderId, sentAt }) => {
          this.#ids.add(messageId)
          this.#set([...this.#messages, listed({ messageId, value, senderId, sentAt, isOwn: false })])
        },
        // The provider tells of it.
        error: () => {},
      }),
    )
    void this.#recall(past, subscriptions)
    return () => subscriptions.unsubscribe()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  readonly messages = (): readonly ListedMessage<unknown>[] => this.#messages

  /** Sends a value, which is on the list from now on. */
  send(value: unknown, options?: SendOptions): TypedSendHandle {
    const handle = this.#chat.send(value, options)
    const { requestId: key, sentAt, status } = handle
    const senderId = this.#chat.channel.senderId
    const own = { key, messageId: handle.messageId, value, senderId, sentAt, isOwn: true, status }
    this.#set([...this.#messages, own])
    this.#follow(handle)
    return handle
  }

  #follow(handle: SendHandle): void {
    const { requestId: key } = handle
    handle.status$.subscribe((status) => this.#update(key, { status }))
    handle.wrapped().then(
      (messageId) => {
        this.#ids.add(messageId)
        this.#update(key, { messageId })
      },
      () => {},
    )
  }

  /** Puts what was said before in front of what came since. */
  async #recall(limit: number, subscriptions: Subscription): Promise<void> {
    if (limit === 0) return
    try {
      const { messages } = await this.#chat.history({ limit })
      if (subscriptions.closed) return
      const me = this.#chat.channel.senderId
      const past = messages.filter(({ messageId }) => !this.#ids.has(messageId))
      for (const { messageId } of past) this.#ids.add(messageId)
      this.#set([...past.map((each) => listed({ ...each, isOwn: each.senderId === me })), ...this.#messages])
    } catch {
      // The channel was closed meanwhile.
    }
  }

  #update(key: string, change: Partial<ListedMessage<unknown>>): void {
    const index = this.#messages.findLastIndex((each) => each.key === key)
    const message = this.#messages[index]
    if (message !== undefined) this.#set(this.#messages.with(index, { ...message, ...change }))
  }

  #set(messages: readonly ListedMessage<unknown>[]): void {
    for (const { messageId } of messages.slice(0, -MOST))
      if (messageId !== undefined) this.#ids.delete(messageId)
    this.#messages = messages.slice(-MOST)
    for (const listener of this.#listeners) listener()
  }
}

const listed = ({
  messageId,
  value,
  senderId,
  sentAt,
  isOwn,
}: Pick<ListedMessage<unknown>, 'value' | 'senderId' | 'sentAt' | 'isOwn'> & {
  readonly messageId: string
}): ListedMessage<unknown> => ({
  key: messageId,
  messageId,
  value,
  senderId,
  sentAt,
  isOwn,
  status: undefined,
})
