import type { ParkedSegment } from './reassembly-input.ts'
import type { WaivedMessage } from './reassembly-output.ts'

/** A payload that held and parked segments together make. */
export interface RebuiltMessage {
  readonly senderId: string
  /** Places, in wire order, of all its segments that are held or parked. */
  readonly places: ReadonlySet<number>
  /** Those of its segments that SDS has parked. */
  readonly parked: readonly { readonly place: number; readonly segment: ParkedSegment }[]
  /** Messages that each message of the channel names as those before it. */
  readonly causalHistoryLength: number
}

/**
 * Which messages its parked segments need not wait for.
 *
 * A sender wraps the segments of one message in one run, so the last min(j, N) entries of their own sender in the
 * history of segment j are the segments j − 1, j − 2 …: only those are waived, and each stands for a known place.
 * The messages that the first segment depends on are named by every segment, before those, and are still waited for.
 * Nothing that contradicts this is waived: a place that is filled already or claimed by two ids, an id for two places, an
 * id that is parked itself, or one that another sender lists as his own.
 *
 * So a segment that claims another's message as its own gains nothing: its message arrives without waiting for what it
 * need not have named, and the message it named is still delivered when it comes.
 *
 * @param parked everything SDS has parked, of whatever sender
 */
export function waivableMessages(rebuilt: RebuiltMessage, parked: Iterable<ParkedSegment>): WaivedMessage[] {
  const { senderId, places, causalHistoryLength } = rebuilt
  const placeOf = new Map<string, number>()
  const idAt = new Map<number, string>()
  const refused = new Set<string>()
  for (const { place, segment } of rebuilt.parked) {
    const latestFirst = segment.sameSenderHistory.toReversed().slice(0, Math.min(place, causalHistoryLength))
    for (const [index, { messageId }] of latestFirst.entries()) {
      const stoodFor = place - 1 - index
      if (!segment.missing.includes(messageId)) continue
      if (places.has(stoodFor)) {
        refused.add(messageId)
        continue
      }
      const otherPlace = placeOf.get(messageId)
      const otherId = idAt.get(stoodFor)
      if (otherPlace !== undefined && otherPlace !== stoodFor) refused.add(messageId)
      if (otherId !== undefined && otherId !== messageId) refused.add(messageId).add(otherId)
      placeOf.set(messageId, stoodFor)
      idAt.set(stoodFor, messageId)
    }
  }
  if (placeOf.size === 0) return []
  for (const segment of parked) {
    refused.add(segment.messageId)
    if (segment.senderId === senderId) continue
    for (const { messageId } of segment.sameSenderHistory) refused.add(messageId)
  }
  return [...placeOf]
    .filter(([messageId]) => !refused.has(messageId))
    .sort(([, a], [, b]) => a - b)
    .map(([messageId]) => ({ messageId, senderId }))
}
