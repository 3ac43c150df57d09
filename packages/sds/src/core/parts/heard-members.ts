import { QueueMap } from './queue-map.ts'

/** Other participants remembered: anybody can make up senders. @limit The one who was silent longest is forgotten. */
const MOST = 128

/** The last word of a participant. */
interface Word {
  /** When it was said, ms. */
  at: number
  /** Whether it asked for messages. */
  asks: boolean
}

/** When each other participant last said something of his own. */
export class HeardMembers {
  readonly #lastWords = new QueueMap<string, Word>(MOST)
  /** The participant who stands last. */
  #last: string | undefined

  /** A message of somebody came, and it is no repair, which others send for him. One out of somebody's memory was said long ago. */
  hear(senderId: string, at: number, asks: boolean, now: number): void {
    const before = this.#lastWords.get(senderId)
    const said = Math.min(at, now)
    if (before === undefined || (before.at <= said && senderId !== this.#last)) {
      this.#lastWords.put(senderId, { at: said, asks })
      this.#last = senderId
    } else if (before.at <= said) {
      before.at = said
      before.asks = asks
    }
  }

  /** Those who were heard, with their last words; the one who spoke last, last. */
  entries(): Iterable<[senderId: string, lastWord: Readonly<Word>]> {
    return this.#lastWords
  }

  /** The clock was moved. */
  shift(ms: number): void {
    for (const word of this.#lastWords.values()) word.at += ms
  }
}
