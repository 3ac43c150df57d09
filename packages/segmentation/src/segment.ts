import { Observable, type OperatorFunction, type SchedulerLike, takeWhile } from 'rxjs'
import type { Frame } from '@reliable-channels/stage'
import { PayloadTooLargeError } from './core/plan.ts'
import type { SegmentFrame } from './core/segment.ts'
import { type SegmenterOptions, createSegmenter } from './core/segmenter.ts'
import { nextTurn } from './next-turn.ts'

/** Options of {@link segment}. */
export interface SegmentOptions<F extends Frame = Frame> extends SegmenterOptions {
  /** Told of each frame that cannot be segmented; it is left out, the stream goes on. */
  onReject?: (frame: F, error: PayloadTooLargeError | SegmentQueueFullError) => void
  /** Frames that may wait while a large payload is worked on; what comes on top is rejected. @default 1_000 */
  maxWaiting?: number
  /** Takes the pauses in the work on large payloads, for virtual time. @default the next turn of the event loop */
  scheduler?: SchedulerLike
}

/** More frames waited to be segmented than `maxWaiting` allows. */
export class SegmentQueueFullError extends Error {
  override readonly name = 'SegmentQueueFullError'
  readonly code = 'ERR_SEGMENT_QUEUE_FULL'

  constructor(maxWaiting: number) {
    super(`at most ${maxWaiting} payloads may wait to be segmented; send slower, or raise maxWaiting`)
  }
}

/**
 * Splits the payload of each frame into segments, with parity if asked for (LIP-243): one frame for each, in order,
 * with the serialized segment as its payload, a field `segment` that says which it is, and all other fields as they were.
 *
 * A payload of up to about a megabyte is split at once. Work on a larger one pauses after each megabyte, so that a
 * page stays alive; it must not change meanwhile, and frames behind it wait.
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
  const { onReject, maxWaiting = 1_000, scheduler } = options
  const segmenter = createSegmenter(options)
  return (source) =>
    new Observable((subscriber) => {
      const waiting: F[] = []
      let current: { frame: F; steps: Iterator<SegmentFrame | undefined> } | undefined
      let busy = false
      let completed = false

      const begin = (frame: F): void => {
        try {
          current = { frame, steps: segmenter.split(frame.payload) }
        } catch (error) {
          if (!(error instanceof PayloadTooLargeError)) throw error
          onReject?.(frame, error)
        }
      }

      /** Works until there is nothing to do or it is time for a pause; `true` when it needs another turn. */
      const work = (): boolean => {
        while (!subscriber.closed) {
          if (current === undefined) {
            const next = waiting.shift()
            if (next === undefined) return false
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
        if (work()) {
          subscriber.add(nextTurn(run, scheduler))
          return
        }
        busy = false
        if (completed) subscriber.complete()
      }

      subscriber.add(
        source.pipe(takeWhile(() => !subscriber.closed)).subscribe({
          next: (frame) => {
            if (waiting.length >= maxWaiting) return onReject?.(frame, new SegmentQueueFullError(maxWaiting))
            waiting.push(frame)
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
