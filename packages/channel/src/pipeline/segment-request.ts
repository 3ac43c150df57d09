import { type SegmentAllOptions, segmentAll } from '@reliable-channels/segmentation'
import type { PendingRequest, SegmentedRequest } from './frames.ts'

/** Cuts the payload of a request into all its segments: a small one at once, a large one with pauses for other work. */
export async function segmentRequest(
  request: PendingRequest,
  options: SegmentAllOptions,
): Promise<SegmentedRequest> {
  const frames = await segmentAll(request.payload, options)
  return {
    ...request,
    segments: frames.map(({ payload }) => payload),
    dataCount: frames[0]!.segment.dataCount,
    hasParity: frames[0]!.segment.parityCount > 0,
  }
}
