import type { Entry } from '@reliable-channels/store'
import { UNREADABLE } from './record.ts'
import {
  type StoredSegment,
  decodeOneRecord,
  decodeRequest,
  decodeRequestSegment,
  readKey,
} from './request-record.ts'
import {
  type Request,
  type RequestSegment,
  deliveredTo,
  isData,
  newRequest,
  noteAcknowledged,
  noteUncertain,
} from './request.ts'
import { UNACKNOWLEDGED } from './request-status.ts'

/** The open requests that an earlier process left. */
export interface RestoredRequests {
  readonly requests: readonly Request[]
  /** Keys of what belongs to no request, or cannot be read. */
  readonly orphans: string[]
}

/**
 * Rebuilds what was open. A segment that was in flight is awaiting again: its outcome was lost with the process.
 *
 * @param onCorrupt Told of each entry that cannot be read.
 */
export function restoreRequests(
  entries: Iterable<Entry>,
  onCorrupt: ((key: string, reason: string) => void) | undefined,
): RestoredRequests {
  const requests: Request[] = []
  const segments = new Map<string, RequestSegment>()
  const records: [key: string, messageId: string, record: StoredSegment][] = []
  const orphans: string[] = []
  const unreadable = (key: string): void => {
    orphans.push(key)
    onCorrupt?.(key, UNREADABLE)
  }
  for (const { key, value } of entries) {
    const name = readKey(key)
    if (name?.kind === 'request') {
      const record = decodeRequest(name.id, value)
      if (record === undefined) {
        unreadable(key)
        continue
      }
      // An older version has stored its segment apart, whatever number there are.
      const request = newRequest(record, true, false)
      requests.push(request)
      for (const segment of request.segments) segments.set(segment.messageId, segment)
    } else if (name?.kind === 'whole') {
      const record = decodeOneRecord(name.id, value)
      if (record === undefined) {
        unreadable(key)
        continue
      }
      const request = newRequest(record, true)
      const [segment] = request.segments
      segment!.restored = true
      restoreSegment(segment!, record.segment)
      requests.push(request)
    } else {
      const record = name && decodeRequestSegment(value)
      if (record === undefined) unreadable(key)
      else records.push([key, name!.id, record])
    }
  }
  for (const segment of segments.values()) segment.restored = true
  for (const [key, messageId, record] of records) {
    const segment = segments.get(messageId)
    if (segment === undefined) orphans.push(key)
    else restoreSegment(segment, record)
  }
  return { requests, orphans }
}

function restoreSegment(segment: RequestSegment, record: StoredSegment): void {
  const { outcome, uncertain, acknowledgedBy, abandoned } = record
  const { request } = segment
  for (const by of acknowledgedBy) noteAcknowledged(segment, by)
  // One member has all of it: then it is delivered even if a segment was given up, whichever record comes first.
  if (request.delivery !== 'untracked' && deliveredTo(request).length > 0) request.delivery = 'delivered'
  segment.abandoned = abandoned
  noteUncertain(segment, uncertain)
  if (abandoned && isData(segment) && request.delivery === 'open') {
    request.delivery = 'failed'
    request.deliveryError = UNACKNOWLEDGED
  }
  if (outcome === undefined) return
  segment.state = outcome
  request.released++
  request[outcome]++
}
