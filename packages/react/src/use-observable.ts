import { useMemo, useSyncExternalStore } from 'react'
import type { Observable } from 'rxjs'

/** The latest value of an observable, which must be the same one from render to render; `initial` before, and on the server. */
export function useObservable<T>(source: Observable<T> | undefined, initial: T): T {
  const { subscribe, latest } = useMemo(() => observed(source, initial), [source, initial])
  return useSyncExternalStore(subscribe, latest, () => initial)
}

function observed<T>(source: Observable<T> | undefined, initial: T) {
  let value = initial
  return {
    latest: () => value,
    subscribe(listener: () => void): () => void {
      const subscription = source?.subscribe({
        next(next) {
          value = next
          listener()
        },
        // The provider tells of a channel that has died.
        error: () => {},
      })
      return () => subscription?.unsubscribe()
    },
  }
}
