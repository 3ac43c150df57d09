import type { Urgency } from '../input.ts'
import type { LogFields } from '../history/log-entry.ts'
import { QueueMap } from './queue-map.ts'

/** Own messages remembered as given up. @limit The oldest is forgotten: nobody is sent it again who is heard later. */
const MOST = 1_000

/** An own message that was sent in vain as often as the settings say. */
export interface GivenUpMessage extends Pick<LogFields, 'sequence' | 'messageId'> {
  readonly ephemeral: boolean
  readonly priority?: Urgency
  readonly retransmissions: number
}

/**
 * Own messages given up. That is no last word: whoever was merely away is heard again, and shows that he has them, or
 * lacks them.
 */
export class GivenUp {
  readonly #byId = new QueueMap<string, GivenUpMessage>(MOST)

  get size(): number {
    return this.#byId.size
  }

  messageIds(): Iterable<string> {
    return this.#byId.keys()
  }

  /** Adds one; returns the one that must go for it. */
  add(message: GivenUpMessage): GivenUpMessage | undefined {
    return this.#byId.put(message.messageId, message)?.value
  }

  /** It is no longer given up, or nobody can be given it any more. */
  take(messageId: string): GivenUpMessage | undefined {
    const message = this.#byId.get(messageId)
    if (message !== undefined) this.#byId.delete(messageId)
    return message
  }
}
