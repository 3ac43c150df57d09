/** Times that are noted while so many entries are added as are remembered. */
const NOTES = 10

/**
 * A set that remembers the latest `capacity` entries. The oldest is found by an iterator that stays where it is: a new one
 * would pass over all that was deleted before.
 */
export class RecentHashes {
  readonly #capacity: number
  readonly #entries = new Set<string>()
  readonly #oldest: SetIterator<string> = this.#entries.values()
  /** When entries were added, ms, one of each so many; the oldest of them may be remembered still. */
  readonly #notesMs: number[] = []
  #added = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  has(entry: string): boolean {
    return this.#entries.has(entry)
  }

  /** Since when every entry that was added is remembered, ms; `-Infinity` while none was forgotten. */
  get sinceMs(): number {
    return this.#added <= this.#capacity ? -Infinity : (this.#notesMs[0] ?? Infinity)
  }

  /** Remembers an entry, forgetting the oldest when full; returns whether it is new. */
  add(entry: string, nowMs: number = 0): boolean {
    if (this.#entries.has(entry)) return false
    this.#entries.add(entry)
    // The iterator never ends, because the entry that was just added lies ahead of it.
    if (this.#entries.size > this.#capacity) this.#entries.delete(this.#oldest.next().value!)
    if (this.#added++ % Math.ceil(this.#capacity / NOTES) === 0) this.#notesMs.push(nowMs)
    if (this.#notesMs.length > NOTES) this.#notesMs.shift()
    return true
  }
}
