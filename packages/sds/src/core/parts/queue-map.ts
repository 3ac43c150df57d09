import { SparseMap } from '@reliable-channels/stage/core'

/**
 * A map that is a queue too. To look up its first key each time, as `keys().next()` does, takes the longer the more were
 * deleted before: the iterator passes over all of those. This one stays where it is.
 */
export class QueueMap<K, V> extends SparseMap<K, V> {
  #oldest: MapIterator<[K, V]> | undefined

  /** Takes out what was added first. */
  takeOldest(): { readonly key: K; readonly value: V } | undefined {
    this.#oldest ??= this.entries()
    let next = this.#oldest.next()
    if (next.done) {
      // It has seen all that there was, and sees no more.
      this.#oldest = this.entries()
      next = this.#oldest.next()
      if (next.done) return undefined
    }
    const [key, value] = next.value
    this.delete(key)
    return { key, value }
  }
}
