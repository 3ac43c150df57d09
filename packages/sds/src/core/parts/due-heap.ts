/** Something due at a time; see {@link DueHeap}. */
export interface Due<T = unknown> {
  readonly due: number
  readonly value: T
  /** It is out of the heap, though it may still have a place there. */
  readonly isGone: boolean
}

/** What gives things a time at which they are due, and takes it back. */
export interface Timers<in T> {
  add(due: number, value: T): Due
  /** Takes `item` out, if it is still in. */
  remove(item: Due | undefined): void
}

interface Item<T> extends Due<T> {
  due: number
  /** What was added first comes first among those due at the same time. */
  readonly order: number
  isGone: boolean
}

const isBefore = (a: Item<unknown>, b: Item<unknown>): boolean =>
  a.due < b.due || (a.due === b.due && a.order < b.order)

/** A binary heap of due times, from which anything can be taken out again: at once by mark, in fact when it comes up. */
export class DueHeap<T> implements Timers<T> {
  #items: Item<T>[] = []
  #gone = 0
  #order = 0

  get size(): number {
    return this.#items.length - this.#gone
  }

  /** The earliest due time. */
  get next(): number | undefined {
    return this.#items[0]?.due
  }

  add(due: number, value: T): Due<T> {
    const item = { due, order: this.#order++, value, isGone: false }
    this.#items.push(item)
    this.#up(this.#items.length - 1)
    return item
  }

  remove(item: Due | undefined): void {
    if (item === undefined || item.isGone) return
    const own = item as Item<T>
    own.isGone = true
    this.#gone++
    if (2 * this.#gone > this.#items.length) this.#rebuild()
    else this.#clearTop()
  }

  /** Takes out the earliest item if it is due by `now`. */
  takeDue(now: number): T | undefined {
    const first = this.#items[0]
    if (first === undefined || first.due > now) return undefined
    first.isGone = true
    this.#takeTop()
    this.#clearTop()
    return first.value
  }

  /** Puts off to `due` what should have been done by `now`; the rest keeps its time. */
  putOffOverdue(now: number, due: number): void {
    for (const item of this.#items) if (item.due <= now) item.due = due
    this.#rebuild()
  }

  /** All times move with the clock. */
  shift(ms: number): void {
    for (const item of this.#items) item.due += ms
  }

  /** What is on top is never gone. */
  #clearTop(): void {
    while (this.#items[0]?.isGone) {
      this.#takeTop()
      this.#gone--
    }
  }

  #takeTop(): void {
    const last = this.#items.pop()!
    if (this.#items.length === 0) return
    this.#items[0] = last
    this.#down(0)
  }

  /** Lets go of all that is gone. */
  #rebuild(): void {
    this.#items = this.#items.filter(({ isGone }) => !isGone)
    this.#gone = 0
    for (let i = (this.#items.length >> 1) - 1; i >= 0; i--) this.#down(i)
  }

  #up(start: number): void {
    const items = this.#items
    const item = items[start]!
    let index = start
    while (index > 0) {
      const above = (index - 1) >> 1
      if (isBefore(items[above]!, item)) break
      items[index] = items[above]!
      index = above
    }
    items[index] = item
  }

  #down(start: number): void {
    const items = this.#items
    const item = items[start]!
    let index = start
    for (;;) {
      let below = 2 * index + 1
      if (below >= items.length) break
      if (below + 1 < items.length && isBefore(items[below + 1]!, items[below]!)) below++
      if (isBefore(item, items[below]!)) break
      items[index] = items[below]!
      index = below
    }
    items[index] = item
  }
}
