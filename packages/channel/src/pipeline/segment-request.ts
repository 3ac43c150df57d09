import { type SegmentFrame, segmentAll } from '@reliable-channels/segmentation'
import type { Segmenter } from '@reliable-channels/segmentation/core'
import type { SchedulerLike } from 'rxjs'
import type { PendingRequest, SegmentedRequest } from './frames.ts'
import { WaitingLine, isMoreUrgent } from './waiting-line.ts'

/** Options of {@link createSegmenting}. */
export interface SegmentingOptions {
  readonly segmenter: Segmenter
  readonly scheduler: SchedulerLike
  /** Asked when the turn of a request has come: one that is not wanted is left out. */
  readonly isWanted: (request: PendingRequest) => boolean
  /** Takes what a request was cut into; `done` lets the next one begin. */
  readonly out: (request: SegmentedRequest, done: () => void) => void
  readonly died: (error: unknown) => void
}

/**
 * Cuts the payloads of requests into all their segments, one request after the other: a small one at once, a large one with
 * pauses for other work, for which those behind it wait, but for more urgent ones.
 */
export function createSegmenting(options: SegmentingOptions): (request: PendingRequest) => void {
  const { segmenter, scheduler, isWanted, out, died } = options
  const segmentation = { segmenter, scheduler }
  const waiting = new WaitingLine<PendingRequest>()
  /** Each more urgent than those before it. */
  const underWay: PendingRequest[] = []
  let isBusy = false

  const begin = (request: PendingRequest): void => {
    if (!isWanted(request)) return
    underWay.push(request)
    const done = (): void => {
      underWay.splice(underWay.indexOf(request), 1)
      goOn()
    }
    const frames = segmentAll(request.payload, segmentation)
    if (Array.isArray(frames)) out(segmented(request, frames), done)
    else frames.then((all) => out(segmented(request, all), done)).catch(died)
  }
  const mayBegin = (request: PendingRequest): boolean =>
    underWay.every((other) => isMoreUrgent(request, other))
  const goOn = (): void => {
    if (isBusy) return
    isBusy = true
    try {
      for (let next; (next = waiting.first) !== undefined && mayBegin(next);) {
        waiting.shift()
        begin(next)
      }
    } finally {
      isBusy = false
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
