import { type CompletedMessage, hasSeen } from './completed-messages.ts'
import type { ParkedGroup } from './parked-segments.ts'
import type { ParkedSegment } from './reassembly-input.ts'
import type { RebuiltEvent } from './reassembly-output.ts'
import type { Candidates } from './choice.ts'
import type { SegmentSet } from './segment-set.ts'
import { waivableMessages } from './waive.ts'

/** What is there of the payload of parked segments: what is held, then what is parked. */
export function candidatesOf(group: ParkedGroup, set: SegmentSet | undefined): Candidates {
  const candidates = new Map<number, { content: Uint8Array }[]>()
  const add = (place: number, held: { content: Uint8Array }): void => {
    const copies = candidates.get(place)
    if (copies === undefined) candidates.set(place, [held])
    else copies.push(held)
  }
  for (const [place, copies] of set?.places ?? []) for (const copy of copies) add(place, copy)
  for (const { place, content } of group.members.values()) add(place, { content })
  return candidates
}

/** What is known of the payload of parked segments. */
interface KnownPayload {
  /** Places, in wire order, of segments that are held or parked. */
  readonly held: Iterable<number>
  /** The message, if it is complete. */
  readonly completed: CompletedMessage | undefined
  /** That it can be made was not told before. */
  readonly isNews: boolean
  readonly causalHistoryLength: number
}

/**
 * Tells that parked segments of one payload, with those held, make it, and which messages they need not wait for then.
 * Nothing is told twice.
 */
export function rebuiltEvent(
  group: ParkedGroup,
  parked: Iterable<ParkedSegment>,
  { held, completed, isNews, causalHistoryLength }: KnownPayload,
): RebuiltEvent | undefined {
  const { senderId, payloadHash, shape } = group
  const places = new Set(held)
  if (completed !== undefined) {
    for (let place = 0; place < shape.dataCount + shape.parityCount; place++)
      if (hasSeen(completed, place)) places.add(place)
  }
  const members = [...group.members.values()].sort((a, b) => a.place - b.place)
  const waive = waivableMessages({ senderId, places, parked: members, causalHistoryLength }, parked).filter(
    ({ messageId }) => !group.waived.has(messageId),
  )
  for (const { messageId } of waive) group.waived.add(messageId)
  if (waive.length === 0 && !isNews) return undefined
  const messageIds = members.map(({ segment }) => segment.messageId)
  return { type: 'rebuilt', senderId, payloadHash, messageIds, waive }
}
