import { Observable, type OperatorFunction, type SchedulerLike, Subject } from 'rxjs'
import { type Frame, checkDriverOptions, nextTurn, whileOpen } from '@reliable-channels/stage'
import { PayloadTooLargeError, check } from './core/plan.ts'
import type { SegmentFrame } from './core/segment.ts'
import { type SegmenterOptions, createSegmenter } from './core/segmenter.ts'

/** Options of {@link segment}. */
export interface SegmentOptions<F extends Frame = Frame> extends SegmenterOptions {
  /** Told of each frame that cannot be segmented; it is left out, the stream goes on. */
  onReject?: (frame: F, error: PayloadTooLargeError | SegmentQueueFullError) => void
  /**
   * Frames that may wait while a large payload is worked on.
   * @limit One more is rejected ({@link SegmentQueueFullError}).
   * @default 1_000
   */
  maxWaiting?: number
  /**
   * Bytes of their payloads.
   * @limit A frame beyond it is rejected ({@link SegmentQueueFullError}).
   * @default 268_435_456
   */
  maxWaitingBytes?: number
  /** Takes the pauses in the work on large payloads, for virtual time. @default the next turn of the event loop */
  scheduler?: SchedulerLike
}

/** More waited to be segmented than `maxWaiting` or `maxWaitingBytes` allows. */
export class SegmentQueueFullError extends Error {
  override readonly name = 'SegmentQueueFullError'
  readonly code = 'ERR_SEGMENT_QUEUE_FULL'

  constructor(option: 'maxWaiting' | 'maxWaitingBytes', most: number) {
    const what = option === 'maxWaiting' ? 'payloads' : 'bytes of payloads'
    super(`at most ${most} ${what} may wait to be segmented; send slower, or raise ${option}`)
  }
}

/**
 * Splits the payload of each frame into segments, with parity if asked for (LIP-243): one frame for each, in order,
 * with the encoded segment as its payload, a field `segment` that says which it is, and all other fields as they were.
 *
 * A payload of up to about a megabyte is split at once. Work on a larger one pauses after each megabyte, so that a
 * page stays alive; it must not change meanwhile, and frames behind it wait. A `payload` that is no `Uint8Array` is a
 * bug: the stream errors.
 *
 * @throws `SegmentationOptionError` when called
 *
 * @example
 * ```ts
 * files$.pipe(map((payload) => ({ payload })), segment({ parityRate: 0.125 }))
 * ```
 */
export function segment<F extends Frame>(
  options: SegmentOptions<F> = {},
): OperatorFunction<F, F & SegmentFrame> {
  const segmenter = createSegmenter(options)
  const { onReject, maxWaiting = 1_000, maxWaitingBytes = 2 ** 28, scheduler } = options
  checkDriverOptions(options)
  check.callback('onReject', onReject)
  check.number('maxWaiting', maxWaiting, 0)
  check.number('maxWaitingBytes', maxWaitingBytes, 0)
  return (source) =>
    new Observable((subscriber) => {
      const waiting: F[] = []
      let waitingBytes = 0
      let current: { frame: F; steps: Iterator<SegmentFrame | undefined> } | undefined
      let busy = false
      let completed = false
      /** Calls off the turn that is waited for. */
      let callOff = (): void => undefined
      subscriber.add(() => callOff())
      // An error of a listener is reported to the platform, and stops nothing here.
      const rejected = new Subject<{ frame: F; error: PayloadTooLargeError | SegmentQueueFullError }>()
      rejected.subscribe(({ frame, error }) => onReject?.(frame, error))

      const begin = (frame: F): void => {
        try {
          current = { frame, steps: segmenter.split(frame.payload) }
        } catch (error) {
          if (!(error instanceof PayloadTooLargeError)) throw error
          rejected.next({ frame, error })
        }
      }

      /** Works until there is nothing to do or it is time for a pause; `true` when it needs another turn. */
      const work = (): boolean => {
        while (!subscriber.closed) {
          if (current === undefined) {
            const next = waiting.shift()
            if (next === undefined) return false
            waitingBytes -= next.payload.length
            begin(next)
            continue
          }
          const { frame, steps } = current
          const step = steps.next()
          if (step.done === true) current = undefined
          else if (step.value === undefined) return true
          else subscriber.next({ ...frame, ...step.value })
        }
        return false
      }

      const run = (): void => {
        busy = true
        try {
          if (work()) {
            callOff = nextTurn(run, scheduler)
            return
          }
        } catch (error) {
          // A hasher that fails: a bug.
          return subscriber.error(error)
        }
        busy = false
        if (completed) subscriber.complete()
      }

      /** Which limit would be exceeded if `frame` waited too; none while nothing is worked on. */
      const full = ({ payload }: F): SegmentQueueFullError | undefined => {
        if (!busy) return undefined
        if (waiting.length >= maxWaiting) return new SegmentQueueFullError('maxWaiting', maxWaiting)
        if (waitingBytes + payload.length > maxWaitingBytes)
          return new SegmentQueueFullError('maxWaitingBytes', maxWaitingBytes)
        return undefined
      }

      subscriber.add(
        source.pipe(whileOpen(subscriber)).subscribe({
          next: (frame) => {
            try {
              check.frame(frame)
            } catch (flaw) {
              return subscriber.error(flaw)
            }
            const error = full(frame)
            if (error !== undefined) return rejected.next({ frame, error })
            waiting.push(frame)
            waitingBytes += frame.payload.length
            if (!busy) run()
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            completed = true
            if (!busy) subscriber.complete()
          },
        }),
      )
    })
}
