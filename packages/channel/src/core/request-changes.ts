import type { Change } from '@reliable-channels/store'
import {
  encodeOneRecord,
  encodeRequest,
  encodeRequestSegment,
  oneRecordKey,
  requestKey,
  segmentKey,
} from './request-record.ts'
import type { Request, RequestSegment } from './request.ts'

/**
 * Participants kept in the store as having a segment: a group of hundreds must not make its record large.
 * @limit Further ones are forgotten with a restart.
 */
export const MOST_NAMES = 64

/** The change that stores a request, if it is one that is stored. */
export function requestChanges(request: Request): Change[] {
  if (!request.isStored) return []
  if (request.isOneRecord) return oneRecord(request)
  return [{ key: requestKey(request.requestId), value: encodeRequest(request) }]
}

/** The change that stores a segment, if its request is one that is stored. */
export function segmentChanges(segment: RequestSegment): Change[] {
  const { request, messageId } = segment
  if (!request.isStored) return []
  if (request.isOneRecord) return oneRecord(request)
  return [{ key: segmentKey(messageId), value: encodeRequestSegment(storedOf(segment)) }]
}

/** The changes that delete all that is stored of a request. */
export function forgetChanges({ isStored, isOneRecord, requestId, messageIds }: Request): Change[] {
  if (!isStored) return []
  const keys = isOneRecord
    ? [oneRecordKey(requestId)]
    : [requestKey(requestId), ...messageIds.map(segmentKey)]
  return keys.map((key) => ({ key, value: undefined }))
}

function oneRecord(request: Request): Change[] {
  const value = encodeOneRecord({ ...request, segment: storedOf(request.segments[0]!) })
  return [{ key: oneRecordKey(request.requestId), value }]
}

function storedOf({
  state,
  uncertain,
  acknowledgedBy,
  abandoned,
}: RequestSegment): Parameters<typeof encodeRequestSegment>[0] {
  const outcome = state === 'confirmed' || state === 'failed' ? state : undefined
  return { outcome, uncertain, acknowledgedBy: [...acknowledgedBy].slice(0, MOST_NAMES), abandoned }
}
