/** So many keys are put in place one by one; more are sorted in with all others. */
const FEW = 32

/**
 * Keys in order, so that those with a common beginning are found without a look at all others. What is added is sorted
 * in when it is first looked for, and what is deleted stays until that is much.
 */
export class KeyIndex {
  /** In order of UTF-16 code units, in which keys of one beginning stand together. A key may stand twice. */
  #sorted: string[] = []
  #added: string[] = []

  /** Notes a key that is new, or was deleted before. `count`: how many keys there are. */
  add(key: string, count: number, keys: () => Iterable<string>): void {
    this.#added.push(key)
    if (this.#sorted.length + this.#added.length <= 2 * count + FEW) return
    this.#sorted = []
    this.#added = [...keys()]
  }

  /** Keys that start with `prefix`, once each, in order of code units; among them some that were deleted. */
  matching(prefix: string): string[] {
    this.#sortIn()
    const sorted = this.#sorted
    const found: string[] = []
    for (let at = this.#placeOf(prefix); at < sorted.length && sorted[at]!.startsWith(prefix); at++)
      if (sorted[at] !== found.at(-1)) found.push(sorted[at]!)
    return found
  }

  #sortIn(): void {
    const added = this.#added
    if (added.length > FEW) this.#sorted = [...this.#sorted, ...added].sort()
    else for (const key of added) this.#sorted.splice(this.#placeOf(key), 0, key)
    this.#added = []
  }

  /** How many keys stand before this one. */
  #placeOf(key: string): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#sorted[middle]! < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
