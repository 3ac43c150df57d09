/** Whether one item comes before another. */
export type Before<T> = (a: T, b: T) => boolean

/** Puts an item into a binary heap: the first in order is `heap[0]`. */
export function addToHeap<T>(heap: T[], item: T, isBefore: Before<T>): void {
  let index = heap.length
  while (index > 0) {
    const above = (index - 1) >> 1
    if (isBefore(heap[above]!, item)) break
    heap[index] = heap[above]!
    index = above
  }
  heap[index] = item
}

/** Takes the first in order out of a heap. */
export function takeFromHeap<T>(heap: T[], isBefore: Before<T>): T | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (heap.length > 0) sink(heap, 0, last!, isBefore)
  return first
}

/** Makes a heap of what is in an array. */
export function makeHeap<T>(heap: T[], isBefore: Before<T>): void {
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) sink(heap, i, heap[i]!, isBefore)
}

/** Puts an item where it belongs, at `start` or below. */
function sink<T>(heap: T[], start: number, item: T, isBefore: Before<T>): void {
  let index = start
  for (;;) {
    let below = 2 * index + 1
    if (below >= heap.length) break
    if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++
    if (isBefore(item, heap[below]!)) break
    heap[index] = heap[below]!
    index = below
  }
  heap[index] = item
}
