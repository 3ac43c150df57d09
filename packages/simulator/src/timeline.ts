import type { SchedulerLike, Subscription } from 'rxjs'

interface Entry {
  readonly dueMs: number
  readonly order: number
  readonly run: () => void
}

const before = (a: Entry, b: Entry): boolean => (a.dueMs === b.dueMs ? a.order < b.order : a.dueMs < b.dueMs)

/** Longest delay that platform timers take; a later time is reached in several. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** Things to do at times to come, in order of time and then of entry, behind a single timer of the scheduler. */
export class Timeline {
  readonly #scheduler: SchedulerLike
  /** Binary heap, earliest first. */
  readonly #heap: Entry[] = []
  #order = 0
  #timer: Subscription | undefined
  #armedFor = Infinity

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler
  }

  at(dueMs: number, run: () => void): void {
    const entry = { dueMs, order: this.#order++, run }
    const heap = this.#heap
    let index = heap.length
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (before(heap[parent]!, entry)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = entry
    if (dueMs < this.#armedFor) this.#arm(dueMs)
  }

  /** Drops everything. */
  clear(): void {
    this.#heap.length = 0
    this.#timer?.unsubscribe()
    this.#armedFor = Infinity
  }

  #arm(dueMs: number): void {
    this.#timer?.unsubscribe()
    this.#armedFor = dueMs
    const delay = Math.min(Math.max(dueMs - this.#scheduler.now(), 0), MAX_DELAY_MS)
    this.#timer = this.#scheduler.schedule(() => this.#wake(), delay)
  }

  #wake(): void {
    this.#armedFor = -Infinity
    const now = this.#scheduler.now()
    while (this.#heap.length > 0 && this.#heap[0]!.dueMs <= now) this.#take().run()
    this.#armedFor = Infinity
    if (this.#heap.length > 0) this.#arm(this.#heap[0]!.dueMs)
  }

  #take(): Entry {
    const heap = this.#heap
    const first = heap[0]!
    const last = heap.pop()!
    const length = heap.length
    if (length === 0) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= length) break
      if (child + 1 < length && before(heap[child + 1]!, heap[child]!)) child++
      if (before(last, heap[child]!)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
    return first
  }
}
