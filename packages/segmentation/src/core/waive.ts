import type { ParkedSegment, WaivedMessage } from './reassembly-types.ts'

/** A payload that held and parked segments together make. */
export interface RebuiltMessage {
  readonly senderId: string
  /** Places, in wire order, of all its segments that are held or parked. */
  readonly places: ReadonlySet<number>
  /** Those of its segments that SDS has parked. */
  readonly parked: readonly { readonly place: number; readonly segment: ParkedSegment }[]
}

/**
 * Which messages its parked segments need not wait for.
 *
 * A sender wraps the segments of one message in one run, so the last entries of their own sender in the history of
 * segment j are the segments j − 1, j − 2 …, as far as there are: only those are waived, and each stands for a
 * known place. Whatever contradicts that is not waived: a place that is filled already or claimed by two ids, an
 * id for two places, an id that is parked itself, or one that anybody else's message lists as somebody else's.
 *
 * So a segment that claims another's message as its own gains nothing: at best its own message arrives without
 * waiting for what it need not have named, and the message it named is still delivered when it comes.
 *
 * @param parked everything SDS has parked, of whatever sender
 */
export function waivableMessages(rebuilt: RebuiltMessage, parked: Iterable<ParkedSegment>): WaivedMessage[] {
  const { senderId, places } = rebuilt
  const placeOf = new Map<string, number>()
  const idAt = new Map<number, string>()
  const refused = new Set<string>()
  for (const { place, segment } of rebuilt.parked) {
    const own = segment.history.filter((entry) => entry.senderId === senderId).reverse()
    for (const [index, { messageId }] of own.slice(0, place).entries()) {
      const stoodFor = place - 1 - index
      if (places.has(stoodFor)) continue
      const otherPlace = placeOf.get(messageId)
      const otherId = idAt.get(stoodFor)
      if (otherPlace !== undefined && otherPlace !== stoodFor) refused.add(messageId)
      if (otherId !== undefined && otherId !== messageId) refused.add(messageId).add(otherId)
      placeOf.set(messageId, stoodFor)
      idAt.set(stoodFor, messageId)
    }
  }
  if (placeOf.size === 0) return []
  for (const { messageId, history } of parked) {
    refused.add(messageId)
    for (const entry of history) {
      if (entry.senderId !== undefined && entry.senderId !== senderId) refused.add(entry.messageId)
    }
  }
  return [...placeOf]
    .filter(([messageId]) => !refused.has(messageId))
    .sort(([, a], [, b]) => a - b)
    .map(([messageId]) => ({ messageId, senderId }))
}
