import { Observable } from 'rxjs'

/** The same observable; `listened` is called after each subscription. */
export function onListen<T>(source$: Observable<T>, listened: () => void): Observable<T> {
  return new Observable((subscriber) => {
    const subscription = source$.subscribe(subscriber)
    listened()
    return subscription
  })
}
