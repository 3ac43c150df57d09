import { checkDriverOptions, nextTurn } from '@reliable-channels/stage'
import type { SchedulerLike } from 'rxjs'
import { check } from './core/plan.ts'
import type { SegmentFrame } from './core/segment.ts'
import { type Segmenter, type SegmenterOptions, createSegmenter } from './core/segmenter.ts'

/** Options of {@link segmentAll}. */
export interface SegmentAllOptions extends SegmenterOptions {
  /** One that was made before: its options count, and need not be checked again. */
  segmenter?: Segmenter
  /** Stops the work; the promise rejects with the signal's reason. */
  signal?: AbortSignal
  /** Takes the pauses in the work on large payloads, for virtual time. @default the next turn of the event loop */
  scheduler?: SchedulerLike
}

/**
 * All segments of one payload, for whoever needs to have all before sending any.
 *
 * @returns at once for a payload of up to about a megabyte; a promise for a larger one, on which work pauses after each
 *   megabyte. The payload must not change before.
 * @throws `SegmentationOptionError`, `PayloadTooLargeError`, or the reason of a signal that is aborted already
 *
 * @example
 * ```ts
 * const segments = await segmentAll(picture, { segmentSizeBytes: 100_000 })
 * ```
 */
export function segmentAll(
  payload: Uint8Array,
  options: SegmentAllOptions = {},
): SegmentFrame[] | Promise<SegmentFrame[]> {
  check.object('options', options)
  checkDriverOptions(options)
  if (options.segmenter !== undefined) check.function('segmenter.split', options.segmenter.split)
  const { signal, scheduler, segmenter = createSegmenter(options) } = options
  signal?.throwIfAborted()
  const steps = segmenter.split(payload)
  const segments: SegmentFrame[] = []

  /** Works until a pause; `true` when all is done. */
  const work = (): boolean => {
    for (let step = steps.next(); step.done !== true; step = steps.next()) {
      if (step.value === undefined) return false
      segments.push(step.value)
    }
    return true
  }

  if (work()) return segments
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      callOff()
      reject(signal?.reason)
    }
    const proceed = (): void => {
      try {
        if (!work()) {
          callOff = nextTurn(proceed, scheduler)
          return
        }
        resolve(segments)
      } catch (error) {
        reject(error)
      }
      signal?.removeEventListener('abort', abort)
    }
    let callOff = nextTurn(proceed, scheduler)
    signal?.addEventListener('abort', abort, { once: true })
  })
}
