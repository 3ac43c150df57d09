import { QueueMap } from './queue-map.ts'

/** Other participants remembered: anybody can make up senders. @limit The one who was silent longest is forgotten. */
const MOST = 128

/** The last word of a participant. */
interface Word {
  /** When it was said, ms. */
  readonly at: number
  /** Whether it asked for messages. */
  readonly asks: boolean
}

/** When each other participant last said something of his own. */
export class HeardMembers {
  readonly #lastWords = new QueueMap<string, Word>(MOST)

  /** A message of somebody came, and it is no repair, which others send for him. One out of somebody's memory was said long ago. */
  hear(senderId: string, { at, asks }: Word, now: number): void {
    const word = { at: Math.min(at, now), asks }
    const before = this.#lastWords.get(senderId)
    if (before === undefined || before.at <= word.at) this.#lastWords.put(senderId, word)
  }

  /** Those who were heard, with their last words; the one who spoke last, last. */
  entries(): Iterable<[senderId: string, lastWord: Word]> {
    return this.#lastWords
  }

  /** The clock was moved. */
  shift(ms: number): void {
    for (const [senderId, { at, asks }] of [...this.#lastWords])
      this.#lastWords.set(senderId, { at: at + ms, asks })
  }
}
