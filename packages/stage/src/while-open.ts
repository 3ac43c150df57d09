import { type MonoTypeOperatorFunction, type Subscriber, takeWhile } from 'rxjs'

/**
 * Passes values on as long as somebody is there to take them. A synchronous source does not stop because its consumer
 * has left: whoever subscribes to a source by hand puts this before it.
 *
 * @example
 * ```ts
 * new Observable((subscriber) => source.pipe(whileOpen(subscriber)).subscribe(subscriber))
 * ```
 */
export function whileOpen<T>(subscriber: Subscriber<unknown>): MonoTypeOperatorFunction<T> {
  return takeWhile(() => !subscriber.closed)
}
