import type { Observable, Subscription } from 'rxjs'

type Listener<E> = (event: E) => void

/** Hands each event of a source to those who listen to its key, however many others there are. */
class KeyedSource<E> {
  readonly #source$: Observable<E>
  readonly #keyOf: (event: E) => string | undefined
  readonly #listeners = new Map<string, Set<Listener<E>>>()
  #subscription: Subscription | undefined

  constructor(source$: Observable<E>, keyOf: (event: E) => string | undefined) {
    this.#source$ = source$
    this.#keyOf = keyOf
  }

  join(key: string, listener: Listener<E>): () => void {
    const ofKey = this.#listeners.get(key) ?? new Set()
    this.#listeners.set(key, ofKey.add(listener))
    this.#subscription ??= this.#source$.subscribe((event) => this.#route(event))
    return () => this.#leave(key, listener)
  }

  #leave(key: string, listener: Listener<E>): void {
    const ofKey = this.#listeners.get(key)
    ofKey?.delete(listener)
    if (ofKey?.size === 0) this.#listeners.delete(key)
    if (this.#listeners.size > 0) return
    this.#subscription?.unsubscribe()
    this.#subscription = undefined
  }

  #route(event: E): void {
    const key = this.#keyOf(event)
    // Who hears of it may leave, or close his channel.
    const heard =
      key === undefined
        ? [...this.#listeners.values()].flatMap((ofKey) => [...ofKey])
        : [...(this.#listeners.get(key) ?? [])]
    for (const listener of heard) listener(event)
  }
}

/** Sources that channels of a process share. */
const sources = new WeakMap<Observable<unknown>, unknown>()

/**
 * Listens to those events of a source that have a key, and to those that have none. The source is subscribed to once for
 * all who listen, and only while anybody does.
 *
 * @param keyOf The same for all who listen to the source.
 * @returns Ends it.
 */
export function listenByKey<E>(
  source$: Observable<E>,
  keyOf: (event: E) => string | undefined,
  key: string,
  listener: (event: E) => void,
): () => void {
  const source = (sources.get(source$) as KeyedSource<E> | undefined) ?? new KeyedSource(source$, keyOf)
  sources.set(source$, source)
  return source.join(key, listener)
}
