/** Something due at a time; see {@link DueHeap}. */
export interface Due<T> {
  due: number
  /** What was added first comes first among those due at the same time. */
  readonly order: number
  readonly value: T
  /** Where it stands in the heap; −1 when it is not in it. */
  index: number
}

const isBefore = <T>(a: Due<T>, b: Due<T>): boolean => a.due < b.due || (a.due === b.due && a.order < b.order)

/** A binary heap of due times, from which anything can be taken out again. */
export class DueHeap<T> {
  readonly #items: Due<T>[] = []
  #order = 0

  get size(): number {
    return this.#items.length
  }

  /** The earliest due time. */
  get next(): number | undefined {
    return this.#items[0]?.due
  }

  add(due: number, value: T): Due<T> {
    const item = { due, order: this.#order++, value, index: this.#items.length }
    this.#items.push(item)
    this.#up(item)
    return item
  }

  /** Takes `item` out, if it is still in. */
  remove(item: Due<T> | undefined): void {
    if (item === undefined || item.index === -1) return
    const last = this.#items.pop()!
    if (last !== item) {
      const { index } = item
      last.index = index
      this.#items[index] = last
      this.#up(last)
      this.#down(last)
    }
    item.index = -1
  }

  /** Takes out the earliest item if it is due by `now`. */
  takeDue(now: number): T | undefined {
    const first = this.#items[0]
    if (first === undefined || first.due > now) return undefined
    this.remove(first)
    return first.value
  }

  /** Puts off everything by `ms`. */
  delay(ms: number): void {
    for (const item of this.#items) item.due += ms
  }

  #up(item: Due<T>): void {
    let { index } = item
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = this.#items[above]!
      if (isBefore(parent, item)) break
      this.#items[index] = parent
      parent.index = index
      index = above
    }
    this.#items[index] = item
    item.index = index
  }

  #down(item: Due<T>): void {
    const items = this.#items
    let { index } = item
    for (;;) {
      let below = 2 * index + 1
      if (below >= items.length) break
      if (below + 1 < items.length && isBefore(items[below + 1]!, items[below]!)) below++
      const child = items[below]!
      if (isBefore(item, child)) break
      items[index] = child
      child.index = index
      index = below
    }
    items[index] = item
    item.index = index
  }
}
