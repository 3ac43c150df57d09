/**
 * A map that takes next to no memory before something is put into it: of the many that a process has, most stay empty.
 *
 * @example
 * const askers = new SparseMap<string, number>()
 * askers.set('alice', 1)
 */
export class SparseMap<K, V> {
  #map: Map<K, V> | undefined

  get size(): number {
    return this.#map === undefined ? 0 : this.#map.size
  }

  has(key: K): boolean {
    return this.#map !== undefined && this.#map.has(key)
  }

  get(key: K): V | undefined {
    return this.#map === undefined ? undefined : this.#map.get(key)
  }

  set(key: K, value: V): this {
    this.#map ??= new Map()
    this.#map.set(key, value)
    return this
  }

  delete(key: K): boolean {
    return this.#map !== undefined && this.#map.delete(key)
  }

  clear(): void {
    this.#map?.clear()
  }

  /** In the order in which they were put in. */
  keys(): MapIterator<K> {
    return (this.#map ?? NOTHING).keys() as MapIterator<K>
  }

  values(): MapIterator<V> {
    return (this.#map ?? NOTHING).values() as MapIterator<V>
  }

  entries(): MapIterator<[K, V]> {
    return (this.#map ?? NOTHING).entries() as MapIterator<[K, V]>
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries()
  }
}

/** What an empty map gives. */
const NOTHING: ReadonlyMap<unknown, unknown> = new Map()

/** The same of a set; see {@link SparseMap}. */
export class SparseSet<T> {
  #set: Set<T> | undefined

  get size(): number {
    return this.#set === undefined ? 0 : this.#set.size
  }

  has(value: T): boolean {
    return this.#set !== undefined && this.#set.has(value)
  }

  add(value: T): this {
    this.#set ??= new Set()
    this.#set.add(value)
    return this
  }

  delete(value: T): boolean {
    return this.#set !== undefined && this.#set.delete(value)
  }

  clear(): void {
    this.#set?.clear()
  }

  /** In the order in which they were put in. */
  values(): SetIterator<T> {
    return (this.#set ?? NONE).values() as SetIterator<T>
  }

  [Symbol.iterator](): SetIterator<T> {
    return this.values()
  }
}

const NONE: ReadonlySet<unknown> = new Set()
