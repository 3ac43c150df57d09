import type { Outgoing } from './outgoing.ts'

interface Retry {
  readonly outgoing: Outgoing
  readonly atMs: number
}

/** Messages that wait for one pubsub topic: first those whose retry is due, then in the order of arrival. */
export class TopicQueue {
  readonly #queue: Outgoing[] = []
  #head = 0
  #retries: Retry[] = []
  /** Since when no service node could be reached, ms. */
  offlineSinceMs: number | undefined

  get isEmpty(): boolean {
    return this.#head === this.#queue.length && this.#retries.length === 0
  }

  add(outgoing: Outgoing): void {
    this.#queue.push(outgoing)
  }

  retryAt(outgoing: Outgoing, atMs: number): void {
    this.#retries.push({ outgoing, atMs })
  }

  /** Undoes {@link TopicQueue.next}. */
  putBack(outgoing: Outgoing): void {
    this.#retries.unshift({ outgoing, atMs: -Infinity })
  }

  /** When the earliest retry is due, ms. */
  get nextRetryMs(): number {
    return this.#retries.reduce((earliest, { atMs }) => Math.min(earliest, atMs), Infinity)
  }

  /** Takes what is to be pushed next, if something may be. */
  next(now: number): Outgoing | undefined {
    for (;;) {
      const due = this.#retries.findIndex(({ atMs }) => atMs <= now)
      if (due < 0) break
      const { outgoing } = this.#retries.splice(due, 1)[0]!
      if (!outgoing.ended) return outgoing
    }
    while (this.#head < this.#queue.length) {
      const outgoing = this.#queue[this.#head++]!
      if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
        this.#queue.splice(0, this.#head)
        this.#head = 0
      }
      if (!outgoing.ended) return outgoing
    }
    return undefined
  }

  /** All that wait, in order. What has ended is dropped. */
  waiting(): Outgoing[] {
    this.#retries = this.#retries.filter(({ outgoing }) => !outgoing.ended)
    return [...this.#retries.map(({ outgoing }) => outgoing), ...this.#queue.slice(this.#head)].filter(
      ({ ended }) => !ended,
    )
  }
}
