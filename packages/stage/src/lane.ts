import { Observable, type OperatorFunction, type Subscriber, map } from 'rxjs'
import { check } from './check.ts'
import type { Driver } from './driver.ts'
import { whileOpen } from './while-open.ts'

/** Options of {@link laneOperator}. */
export interface LaneOptions<In, Out, A, B> {
  /** Makes the stage's input from a value of the source. What it throws is an error of this lane alone. */
  input: (value: A) => In
  /** Picks this lane's outputs; `undefined` leaves one to the other lanes. */
  output: (output: Out) => B | undefined
  /**
   * When the source completes: `'idle'` waits until the stage has no deadline left (a queue that drains),
   * `'flushed'` only until the outputs so far were emitted.
   * @default 'flushed'
   */
  completes?: 'idle' | 'flushed'
}

/**
 * One way through a stage whose driver is shared, as an operator: inputs of its own and some of the outputs.
 *
 * @throws {@link StageOptionError}
 * @example
 * ```ts
 * const driver = createDriver(createDebounce(50))
 * words$.pipe(laneOperator(driver, { input: (word: string) => word, output: (word) => word }))
 * ```
 */
export function laneOperator<In, Out, A, B>(
  driver: Driver<In, Out>,
  options: LaneOptions<In, Out, A, B>,
): OperatorFunction<A, B> {
  checkLane(options)
  return (source) => new Observable((subscriber) => connectLane(driver, options, source, subscriber))
}

/** @throws {@link StageOptionError} */
export function checkLane<In, Out, A, B>(options: LaneOptions<In, Out, A, B>): void {
  check.object('options', options, 'an object with "input" and "output"')
  check.function('input', options.input)
  check.function('output', options.output)
  check.oneOf('completes', options.completes ?? 'flushed', ['idle', 'flushed'])
}

/** Connects one lane: the source to the driver's input, some of its outputs to the subscriber. */
export function connectLane<In, Out, A, B>(
  driver: Driver<In, Out>,
  { input, output, completes = 'flushed' }: LaneOptions<In, Out, A, B>,
  source: Observable<A>,
  subscriber: Subscriber<B>,
): void {
  subscriber.add(
    driver.outputs$.subscribe({
      next: (value) => {
        const picked = output(value)
        if (picked !== undefined) subscriber.next(picked)
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    }),
  )
  const complete = (): void => subscriber.complete()
  subscriber.add(
    source.pipe(whileOpen(subscriber), map(input)).subscribe({
      next: (made) => driver.dispatch(made),
      error: (error: unknown) => driver.whenFlushed(() => subscriber.error(error)),
      complete: () => (completes === 'idle' ? driver.whenIdle(complete) : driver.whenFlushed(complete)),
    }),
  )
}
