import { QueueMap } from './queue-map.ts'

/** Own messages that are followed. @limit The oldest is not any more. */
const MOST = 1_000

/**
 * Own messages that somebody had acknowledged before this process began, and parts of one content, of which it is still to
 * be told who else has them: a payload may have come in parts to several members, and whole to none.
 */
export class Followed {
  readonly #threshold: number
  /** The filters that each was found in. */
  readonly #hits = new QueueMap<string, Set<string>>(MOST)

  constructor(possibleAcknowledgementThreshold: number) {
    this.#threshold = possibleAcknowledgementThreshold
  }

  get size(): number {
    return this.#hits.size
  }

  messageIds(): Iterable<string> {
    return this.#hits.keys()
  }

  add(messageId: string): void {
    if (!this.#hits.has(messageId)) this.#hits.put(messageId, new Set())
  }

  /** A message is in a filter of somebody, which may be by chance. Returns whether it was in as many as are enough. */
  hit(messageId: string, by: string, digest: number): boolean {
    const filters = this.#hits.get(messageId)!
    if (filters.size < this.#threshold) filters.add(`${digest} ${by}`)
    return filters.size >= this.#threshold
  }
}
