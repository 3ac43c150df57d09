import { whileOpen } from '@reliable-channels/stage'
import { Observable, type OperatorFunction, Subject } from 'rxjs'
import { check } from './guard.ts'

/** Options of {@link inOrder}. */
export interface InOrderOptions<A> {
  readonly concurrency: number
  /** Whether results leave in the order of their values. */
  readonly ordered: boolean
  readonly maxWaiting: number
  readonly maxWaitingBytes: number
  readonly bytesOf: (value: A) => number
  /** Told of a value whose work failed, or that found no room to wait. */
  readonly onReject: (value: A, error: Error) => void
  /** The error of a value that found this limit reached. */
  readonly overflow: (limit: 'maxWaiting' | 'maxWaitingBytes') => Error
}

interface Slot<B> {
  done: boolean
  result?: { readonly value: B }
}

/**
 * Maps each value by work that may take its time, several at once, and emits the results in the order of the values.
 * Values whose work fails are left out. Work that answers at once is emitted at once.
 */
export function inOrder<A, B>(
  work: (value: A, signal: AbortSignal) => B | Promise<B>,
  options: InOrderOptions<A>,
): OperatorFunction<A, B> {
  const { concurrency, ordered, maxWaiting, maxWaitingBytes, bytesOf, onReject, overflow } = options
  check.integer('concurrency', concurrency, 1)
  check.integer('maxWaiting', maxWaiting, 0)
  check.number('maxWaitingBytes', maxWaitingBytes, 0)
  return (source) =>
    new Observable((subscriber) => {
      /** Work under way, and results that wait for those before them, oldest first: at most `concurrency`. */
      const slots = new Set<Slot<B>>()
      const waiting: A[] = []
      let waitingBytes = 0
      let completed = false
      const controller = new AbortController()
      // An error of a listener is reported to the platform, and stops nothing here.
      const rejected = new Subject<{ value: A; error: Error }>()
      rejected.subscribe(({ value, error }) => onReject(value, error))
      subscriber.add(() => controller.abort())

      const start = (value: A): void => {
        let result: B | Promise<B>
        try {
          result = work(value, controller.signal)
        } catch (error) {
          rejected.next({ value, error: error as Error })
          return
        }
        if (!(result instanceof Promise)) {
          // No slot is taken: `start` is called with a free one, and those before it are all under way.
          if (slots.size === 0 || !ordered) subscriber.next(result)
          else slots.add({ done: true, result: { value: result } })
          return
        }
        const slot: Slot<B> = { done: false }
        slots.add(slot)
        result.then(
          (settled) => {
            slot.result = { value: settled }
            ended(slot)
          },
          (error: unknown) => {
            if (!subscriber.closed) rejected.next({ value, error: error as Error })
            ended(slot)
          },
        )
      }
      const leave = (slot: Slot<B>): void => {
        slots.delete(slot)
        if (slot.result !== undefined) subscriber.next(slot.result.value)
      }
      /** Lets out what has ended, and those that waited for it. */
      const ended = (slot: Slot<B>): void => {
        slot.done = true
        if (subscriber.closed) return
        if (!ordered) leave(slot)
        else {
          for (let [first] = slots; first?.done === true && !subscriber.closed; [first] = slots) leave(first)
        }
        advance()
      }
      const advance = (): void => {
        while (!subscriber.closed && waiting.length > 0 && slots.size < concurrency) {
          const next = waiting.shift()!
          waitingBytes -= bytesOf(next)
          start(next)
        }
        if (completed && slots.size === 0 && waiting.length === 0) subscriber.complete()
      }

      subscriber.add(
        source.pipe(whileOpen(subscriber)).subscribe({
          next: (value) => {
            if (waiting.length === 0 && slots.size < concurrency) start(value)
            else if (waiting.length >= maxWaiting) rejected.next({ value, error: overflow('maxWaiting') })
            else if (waitingBytes + bytesOf(value) > maxWaitingBytes)
              rejected.next({ value, error: overflow('maxWaitingBytes') })
            else {
              waiting.push(value)
              waitingBytes += bytesOf(value)
            }
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            completed = true
            advance()
          },
        }),
      )
    })
}
