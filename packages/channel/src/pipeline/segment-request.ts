import { type SegmentAllOptions, type SegmentFrame, segmentAll } from '@reliable-channels/segmentation'
import type { ObservableInput } from 'rxjs'
import type { PendingRequest, SegmentedRequest } from './frames.ts'

/** Cuts the payload of a request into all its segments: a small one at once, a large one with pauses for other work. */
export function segmentRequest(
  request: PendingRequest,
  options: SegmentAllOptions,
): ObservableInput<SegmentedRequest> {
  const frames = segmentAll(request.payload, options)
  return Array.isArray(frames) ? [segmented(request, frames)] : frames.then((all) => segmented(request, all))
}

const segmented = (request: PendingRequest, frames: readonly SegmentFrame[]): SegmentedRequest => ({
  ...request,
  segments: frames.map(({ payload }) => payload),
  dataCount: frames[0]!.segment.dataCount,
  hasParity: frames[0]!.segment.parityCount > 0,
})
