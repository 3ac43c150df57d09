/** Messages of which it is known who has read them, of all authors. @limit The oldest is forgotten. */
const MOST_MESSAGES = 1_000
/** Readers of one author's messages. @limit Further ones are not remembered. */
const MOST_READERS = 1_000

interface Place {
  readonly author: string
  /** Its place among the messages of its author. */
  readonly number: number
}

/** Up to which message of each author each reader has read. */
export class ReadMarks {
  readonly #places = new Map<string, Place>()
  /** By author: how many messages he has sent, and how many of them are remembered. */
  readonly #authors = new Map<string, { sent: number; known: number }>()
  /** By author, then by reader. */
  readonly #marks = new Map<string, Map<string, number>>()

  /** The next message of an author, unless it is known. */
  add(messageId: string, author: string): void {
    if (this.#places.has(messageId)) return
    const counts = this.#authors.get(author) ?? { sent: 0, known: 0 }
    this.#authors.set(author, counts)
    counts.known++
    this.#places.set(messageId, { author, number: ++counts.sent })
    if (this.#places.size > MOST_MESSAGES) this.#forgetOldest()
  }

  authorOf(messageId: string): string | undefined {
    return this.#places.get(messageId)?.author
  }

  /** Somebody has read a message, and all before it. Returns the author if that is news. */
  mark(reader: string, messageId: string): string | undefined {
    const place = this.#places.get(messageId)
    if (place === undefined || place.author === reader) return undefined
    const marks = this.#marks.get(place.author) ?? new Map<string, number>()
    const before = marks.get(reader)
    if (before === undefined ? marks.size >= MOST_READERS : before >= place.number) return undefined
    this.#marks.set(place.author, marks)
    marks.set(reader, place.number)
    return place.author
  }

  /** Who has read a message. */
  readersOf(messageId: string): readonly string[] {
    const place = this.#places.get(messageId)
    if (place === undefined) return []
    return [...(this.#marks.get(place.author) ?? [])].flatMap(([reader, upTo]) =>
      upTo >= place.number ? [reader] : [],
    )
  }

  #forgetOldest(): void {
    const [messageId, { author }] = this.#places.entries().next().value!
    this.#places.delete(messageId)
    const counts = this.#authors.get(author)!
    if (--counts.known > 0) return
    this.#authors.delete(author)
    this.#marks.delete(author)
  }
}
