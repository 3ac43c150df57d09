import { type Place, comesBefore } from '../history/log-entry.ts'

interface Ordered {
  readonly entry: Place
}

/** Messages that are ready, of which the first in the order of the log is delivered next: a binary heap. */
export class DeliveryOrder<T extends Ordered> {
  readonly #heap: T[] = []

  add(parked: T): void {
    const heap = this.#heap
    let index = heap.length
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!comesBefore(parked.entry, heap[parent]!.entry)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = parked
  }

  /** Takes the first one out. */
  take(): T | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (heap.length === 0 || last === undefined) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && comesBefore(heap[child + 1]!.entry, heap[child]!.entry)) child++
      if (!comesBefore(heap[child]!.entry, last.entry)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
    return first
  }
}
