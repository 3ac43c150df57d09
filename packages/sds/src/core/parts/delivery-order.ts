import { type Place, comesBefore } from '../history/log-entry.ts'
import { addToHeap, takeFromHeap } from './heap.ts'

interface Ordered {
  readonly entry: Place
}

const isBefore = (a: Ordered, b: Ordered): boolean => comesBefore(a.entry, b.entry)

/** Messages that are ready, of which the first in the order of the log is delivered next. */
export class DeliveryOrder<T extends Ordered> {
  readonly #heap: T[] = []

  get size(): number {
    return this.#heap.length
  }

  add(parked: T): void {
    addToHeap(this.#heap, parked, isBefore)
  }

  /** Takes the first one out. */
  take(): T | undefined {
    return takeFromHeap(this.#heap, isBefore)
  }
}
