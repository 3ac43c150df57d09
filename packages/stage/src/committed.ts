import { type MonoTypeOperatorFunction, Observable } from 'rxjs'
import type { UnitOfWork } from './unit-of-work.ts'

/**
 * Holds each notification until all that was added to the unit before it has been written.
 *
 * @example
 * ```ts
 * driver.outputs$.pipe(committed(unitOfWork)).subscribe(send)
 * ```
 */
export function committed<T>(unit: Pick<UnitOfWork, 'after'>): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((subscriber) =>
      source.subscribe({
        next: (value) => unit.after(() => subscriber.next(value)),
        error: (error: unknown) => unit.after(() => subscriber.error(error)),
        complete: () => unit.after(() => subscriber.complete()),
      }),
    )
}
