import { SparseMap } from '@reliable-channels/stage/core'

/** What was in a map. */
interface Taken<K, V> {
  readonly key: K
  readonly value: V
}

/**
 * A map that is a queue too, of so many places: who comes when all are taken has that of the oldest. To look up its first
 * key each time, as `keys().next()` does, takes the longer the more were deleted before: the iterator passes over all of
 * those. This one stays where it is.
 */
export class QueueMap<K, V> extends SparseMap<K, V> {
  readonly #most: number
  #oldest: MapIterator<[K, V]> | undefined

  constructor(most: number) {
    super()
    this.#most = most
  }

  /** Puts it last, wherever it was. Returns what must go for it. */
  put(key: K, value: V): Taken<K, V> | undefined {
    const before = this.size
    this.set(key, value)
    // It was in already, where it was.
    if (this.size === before) {
      this.delete(key)
      this.set(key, value)
    }
    return this.size > this.#most ? this.#takeOldest() : undefined
  }

  /** Takes out what was put in first; there is something. */
  #takeOldest(): Taken<K, V> {
    this.#oldest ??= this.entries()
    let next = this.#oldest.next()
    if (next.done) {
      // It has seen all that there was, and sees no more.
      this.#oldest = this.entries()
      next = this.#oldest.next()
    }
    const [key, value] = next.value!
    this.delete(key)
    return { key, value }
  }
}
