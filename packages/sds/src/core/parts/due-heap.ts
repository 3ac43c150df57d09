import { addToHeap, makeHeap, takeFromHeap } from './heap.ts'

/** Something due at a time; see {@link DueHeap}. */
export interface Due<T = unknown> {
  readonly due: number
  readonly value: T
  /** It is out of the heap, though it may still have a place there. */
  readonly isGone: boolean
}

/** Gives things a time at which they are due, and takes it back. */
export interface Timers<in T> {
  add(due: number, value: T): Due
  /** Takes `item` out, if it is still in. */
  remove(item: Due | undefined): void
}

interface Item<T> extends Due<T> {
  due: number
  /** Of those due at the same time, the one that was added first comes first. */
  readonly order: number
  isGone: boolean
}

const isBefore = (a: Item<unknown>, b: Item<unknown>): boolean =>
  a.due < b.due || (a.due === b.due && a.order < b.order)

/** How far from the end of the line a new item may find its place. */
const FEW = 8

/**
 * Due times, from which anything can be taken out again: at once by mark, in fact when it comes up. Most things are due
 * later than all that were added before, but for a few that have long to wait: those stand in a line, in order, and the
 * rest in a binary heap.
 */
export class DueHeap<T> implements Timers<T> {
  /** In order from `#first` on; what was before it is taken out. */
  #line: (Item<T> | undefined)[] = []
  #first = 0
  #heap: Item<T>[] = []
  #gone = 0
  #order = 0

  get size(): number {
    return this.#places - this.#gone
  }

  /** The earliest due time. */
  get next(): number | undefined {
    return this.#top?.due
  }

  add(due: number, value: T): Due<T> {
    const item = { due, order: this.#order++, value, isGone: false }
    if (!this.#joinLine(item)) addToHeap(this.#heap, item, isBefore)
    return item
  }

  remove(item: Due | undefined): void {
    if (item === undefined || item.isGone) return
    const own = item as Item<T>
    own.isGone = true
    this.#gone++
    if (2 * this.#gone > this.#places) this.#tidyUp()
    else this.#clearTop()
  }

  /** Takes out the earliest item if it is due by `now`. */
  takeDue(now: number): T | undefined {
    const first = this.#top
    if (first === undefined || first.due > now) return undefined
    first.isGone = true
    this.#takeOut(first)
    this.#clearTop()
    return first.value
  }

  /** Puts off to `due` what should have been done by `now`; the rest keeps its time. */
  putOffOverdue(now: number, due: number): void {
    this.#tidyUp()
    const all = [...(this.#line as Item<T>[]), ...this.#heap]
    this.#line = []
    this.#heap = all
    for (const item of all) if (item.due <= now) item.due = due
    makeHeap(this.#heap, isBefore)
  }

  /** All times move with the clock. */
  shift(ms: number): void {
    this.#tidyUp()
    for (const item of this.#line) item!.due += ms
    for (const item of this.#heap) item.due += ms
  }

  /** Items in both, gone ones among them. */
  get #places(): number {
    return this.#line.length - this.#first + this.#heap.length
  }

  get #top(): Item<T> | undefined {
    const inLine = this.#line[this.#first]
    const inHeap = this.#heap[0]
    return inLine === undefined || (inHeap !== undefined && isBefore(inHeap, inLine)) ? inHeap : inLine
  }

  /** Takes those that are gone off the top, so that the one on top never is. */
  #clearTop(): void {
    for (let top; (top = this.#top) !== undefined && top.isGone;) {
      this.#takeOut(top)
      this.#gone--
    }
  }

  /** Puts an item in its place in the line, if that is near the end. Returns whether it is. */
  #joinLine(item: Item<T>): boolean {
    const line = this.#line
    const nearest = Math.max(this.#first, line.length - FEW)
    if (nearest > this.#first && line[nearest - 1]!.due > item.due) return false
    let at = line.length
    for (; at > nearest && line[at - 1]!.due > item.due; at--) line[at] = line[at - 1]
    line[at] = item
    return true
  }

  /** Takes out what is on top. */
  #takeOut(top: Item<T>): void {
    const line = this.#line
    if (line[this.#first] !== top) {
      takeFromHeap(this.#heap, isBefore)
      return
    }
    line[this.#first++] = undefined
    if (2 * this.#first < line.length) return
    line.splice(0, this.#first)
    this.#first = 0
  }

  /** Lets go of all that is gone. */
  #tidyUp(): void {
    this.#line = this.#line.filter((item) => item?.isGone === false)
    this.#first = 0
    this.#heap = this.#heap.filter(({ isGone }) => !isGone)
    this.#gone = 0
    makeHeap(this.#heap, isBefore)
  }
}
