import { type SegmentFrame, segmentAll } from '@reliable-channels/segmentation'
import type { Segmenter } from '@reliable-channels/segmentation/core'
import type { SchedulerLike } from 'rxjs'
import type { PendingRequest, SegmentedRequest } from './frames.ts'

/** Options of {@link createSegmenting}. */
export interface SegmentingOptions {
  readonly segmenter: Segmenter
  readonly scheduler: SchedulerLike
  /** Asked when the turn of a request has come: one that is not wanted is left out. */
  readonly isWanted: (request: PendingRequest) => boolean
  readonly out: (request: SegmentedRequest) => void
  readonly died: (error: unknown) => void
}

/**
 * Cuts the payloads of requests into all their segments, one request after the other: a small one at once, a large one with
 * pauses for other work, for which those behind it wait. One of another priority takes another way.
 */
export function createSegmenting(options: SegmentingOptions): (request: PendingRequest) => void {
  const { segmenter, scheduler, isWanted, out, died } = options
  const segmentation = { segmenter, scheduler }
  const waiting: PendingRequest[] = []
  let isBusy = false

  /** Returns whether it is done already. */
  const segment = (request: PendingRequest): boolean => {
    if (!isWanted(request)) return true
    const frames = segmentAll(request.payload, segmentation)
    if (Array.isArray(frames)) {
      out(segmented(request, frames))
      return true
    }
    frames
      .then((all) => {
        out(segmented(request, all))
        isBusy = false
        goOn()
      })
      .catch(died)
    return false
  }
  const goOn = (): void => {
    while (!isBusy && waiting.length > 0) {
      isBusy = true
      isBusy = !segment(waiting.shift()!)
    }
  }

  return (request) => {
    waiting.push(request)
    goOn()
  }
}

const segmented = (request: PendingRequest, frames: readonly SegmentFrame[]): SegmentedRequest => ({
  ...request,
  segments: frames.map(({ payload }) => payload),
  dataCount: frames[0]!.segment.dataCount,
  hasParity: frames[0]!.segment.parityCount > 0,
  payloadHash: frames[0]!.segment.payloadHash,
})
