/** A first-in-first-out queue that grows: `push` and `shift` cost the same at any length. */
export class Ring<T> {
  #slots: (T | undefined)[] = new Array<T | undefined>(8)
  #head = 0
  #count = 0

  get length(): number {
    return this.#count
  }

  push(value: T): void {
    if (this.#count === this.#slots.length) this.#grow()
    this.#slots[(this.#head + this.#count) & (this.#slots.length - 1)] = value
    this.#count++
  }

  peek(): T | undefined {
    return this.#count === 0 ? undefined : this.#slots[this.#head]
  }

  shift(): T | undefined {
    if (this.#count === 0) return undefined
    const value = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#slots.length - 1)
    this.#count--
    return value
  }

  /** Keeps only the values for which `keep` holds, in order; gives back the memory of a burst. */
  retain(keep: (value: T) => boolean): void {
    const kept: T[] = []
    this.forEach((value) => {
      if (keep(value)) kept.push(value)
    })
    let capacity = 8
    while (capacity < kept.length) capacity *= 2
    this.#count = kept.length
    kept.length = capacity
    this.#slots = kept
    this.#head = 0
  }

  forEach(visit: (value: T) => void): void {
    for (let i = 0; i < this.#count; i++) {
      visit(this.#slots[(this.#head + i) & (this.#slots.length - 1)] as T)
    }
  }

  #grow(): void {
    const bigger = new Array<T | undefined>(this.#slots.length * 2)
    for (let i = 0; i < this.#count; i++) bigger[i] = this.#slots[(this.#head + i) & (this.#slots.length - 1)]
    this.#slots = bigger
    this.#head = 0
  }
}
