/**
 * A set that remembers the latest `capacity` entries. The oldest is found by an iterator that stays where it is: a new one
 * would pass over all that was deleted before.
 */
export class RecentHashes {
  readonly #capacity: number
  readonly #entries = new Set<string>()
  readonly #oldest: SetIterator<string> = this.#entries.values()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  has(entry: string): boolean {
    return this.#entries.has(entry)
  }

  /** Remembers an entry, forgetting the oldest when full; returns whether it is new. */
  add(entry: string): boolean {
    if (this.#entries.has(entry)) return false
    this.#entries.add(entry)
    // It never comes to an end, because what was just added lies before it.
    if (this.#entries.size > this.#capacity) this.#entries.delete(this.#oldest.next().value!)
    return true
  }
}
