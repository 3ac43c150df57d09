import { cloneable } from './cloneable.ts'
import type { TabsMessage } from './messages.ts'
import { type HeardMessage, readMessage, toPost } from './read-message.ts'
import type { TabsBroadcast } from './tabs-options.ts'

/** What tabs of one name say to each other, oneself included. */
export class TabVoice {
  readonly #voice: TabsBroadcast
  /** A second one, since a BroadcastChannel does not hear itself. */
  readonly #ear: TabsBroadcast

  /** @param hear Is told of each message that can be read */
  constructor(broadcast: () => TabsBroadcast, hear: (message: HeardMessage) => void) {
    this.#voice = broadcast()
    this.#ear = broadcast()
    this.#ear.addEventListener('message', ({ data }) => {
      const message = readMessage(data)
      if (message !== undefined) hear(message)
    })
  }

  say(message: TabsMessage): void {
    const post = toPost(message)
    try {
      this.#post(post)
    } catch {
      // Something in it cannot be copied, a function perhaps.
      this.#post(cloneable(post))
    }
  }

  close(): void {
    this.#voice.close()
    this.#ear.close()
  }

  #post(message: unknown): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel knows its origin
    this.#voice.postMessage(message)
  }
}
