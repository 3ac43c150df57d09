import { Observable, type OperatorFunction, map } from 'rxjs'
import type { Driver } from './driver.ts'
import { whileOpen } from './while-open.ts'

/**
 * A way through a stage by plain calls: values go in by {@link Port.push}, and what becomes of them goes to the function
 * with which the port was opened. For who has one source and one listener, and no need of observables between.
 */
export interface Port<A> {
  /** Hands in one value. Throws at what is none. */
  readonly push: (value: A) => void
  /** Nothing comes out any more. */
  readonly close: () => void
}

/** Opens a port; `out` is called with what comes of the values. */
export type OpenPort<A, B> = (out: (value: B) => void) => Port<A>

/**
 * A port as an operator; each subscription has one of its own. It completes with its source, once the outputs so far were
 * emitted, or with the driver. What `push` throws is an error of that subscription alone.
 *
 * @example
 * ```ts
 * const operator = portOperator(driver, (out) => openPort(out))
 * source$.pipe(operator).subscribe(send)
 * ```
 */
export function portOperator<A, B>(
  driver: Pick<Driver<never, unknown>, 'outputs$' | 'whenFlushed'>,
  open: OpenPort<A, B>,
): OperatorFunction<A, B> {
  return (source) =>
    new Observable((subscriber) => {
      const port = open((value) => subscriber.next(value))
      subscriber.add(port.close)
      subscriber.add(
        driver.outputs$.subscribe({
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      )
      subscriber.add(
        source.pipe(whileOpen(subscriber), map(port.push)).subscribe({
          error: (error: unknown) => driver.whenFlushed(() => subscriber.error(error)),
          complete: () => driver.whenFlushed(() => subscriber.complete()),
        }),
      )
    })
}
