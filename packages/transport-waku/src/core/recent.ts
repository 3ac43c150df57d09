/** A set that remembers the latest `capacity` entries. */
export class Recent {
  readonly #capacity: number
  readonly #entries = new Set<string>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  has(entry: string): boolean {
    return this.#entries.has(entry)
  }

  /** Remembers an entry, forgetting the oldest when full; returns whether it is new. */
  add(entry: string): boolean {
    if (this.#entries.has(entry)) return false
    if (this.#entries.size >= this.#capacity) {
      for (const oldest of this.#entries) {
        this.#entries.delete(oldest)
        break
      }
    }
    this.#entries.add(entry)
    return true
  }
}
