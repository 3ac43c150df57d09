import type { Lamport } from '../wire/lamport.ts'
import type { HistoryEntry } from '../wire/message.ts'
import type { History } from '../history/history.ts'

/** Messages looked at for what comes before one. @limit Of what comes before those nothing is inferred. */
const MOST_EARLIER = 4_096

/** Another's message, as evidence of which own messages he has. */
export class Evidence {
  readonly by: string
  readonly now: number
  /** Of the message. */
  readonly lamport: Lamport
  /** He asks for own messages: what was only out of order has come to him by now. */
  readonly isSettled: boolean
  #newest = 0
  #copy = 0
  #tookMs = Infinity
  #isNews = false
  #shows = false
  readonly #named: readonly HistoryEntry[]
  #earlier: ReadonlySet<string> | undefined

  /** @param named What he has delivered, as his message says. */
  constructor(
    by: string,
    now: number,
    isSettled: boolean,
    lamport: Lamport = 0,
    named: readonly HistoryEntry[],
  ) {
    this.#named = named
    this.by = by
    this.now = now
    this.isSettled = isSettled
    this.lamport = lamport
  }

  /** Number of the newest own message that he has delivered; 0 if he named none. */
  get newest(): number {
    return this.#newest
  }

  /** The latest copy that has come to him, as far as it can be told from others of the same message. */
  get copy(): number {
    return this.#copy
  }

  /** The least time since a copy was made that has come to him, ms. */
  get tookMs(): number {
    return this.#tookMs
  }

  /** He has, or lacks, what was not known. */
  get isNews(): boolean {
    return this.#isNews
  }

  /** He wrote it after all of his that were heard before: what he lacks by it, he lacks now. */
  get shows(): boolean {
    return this.#shows
  }

  /** It is later than they, or has what none of them had. */
  isCurrent(): void {
    this.#shows = true
  }

  /** He has delivered the own message of that number. */
  delivered(number: number): void {
    this.#newest = Math.max(this.#newest, number)
  }

  /**
   * Whether he has delivered what comes after a message, so that he has that if his filter does: what he has delivered comes
   * after what it names, and so on.
   */
  isEarlier(messageId: string, history: History): boolean {
    this.#earlier ??= earlierThan(this.#named, history)
    return this.#earlier.has(messageId)
  }

  /** That copy has come to him. */
  came(copy: number): void {
    this.#copy = Math.max(this.#copy, copy)
  }

  /** It took so long, ms, from the making of a copy until it was heard that it has come. */
  took(ms: number): void {
    this.#tookMs = Math.min(this.#tookMs, ms)
  }

  /** He has, or lacks, what was not known. */
  tellNews(): void {
    this.#isNews = true
  }
}

/** Messages, what they name, and so on. */
function earlierThan(messages: readonly HistoryEntry[], history: History): Set<string> {
  const earlier = new Set(messages.map(({ messageId }) => messageId))
  for (const id of earlier)
    if (earlier.size < MOST_EARLIER)
      for (const { messageId } of history.get(id)?.causalHistory ?? []) earlier.add(messageId)
  return earlier
}
