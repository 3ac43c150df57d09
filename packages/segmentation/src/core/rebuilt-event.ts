import { type CompletedMessage, hasSeen } from './completed-messages.ts'
import type { HasherFactory } from './hasher.ts'
import type { ParkedGroup } from './parked-segments.ts'
import type { ParkedSegment, RebuiltEvent } from './reassembly-types.ts'
import { rebuild } from './rebuild.ts'
import type { SegmentSet } from './segment-set.ts'
import { waivableMessages } from './waive.ts'

/**
 * Tells that parked segments of one payload, with those held, make it, and which messages they need not wait for then.
 * Nothing is told twice.
 */
export function rebuiltEvent(
  group: ParkedGroup,
  set: SegmentSet | undefined,
  completed: CompletedMessage | undefined,
  parked: Iterable<ParkedSegment>,
  { newHasher, causalHistoryLength }: { newHasher: HasherFactory; causalHistoryLength: number },
): RebuiltEvent | undefined {
  const { senderId, payloadHash } = group
  const { dataCount, parityCount } = group.shape
  const candidates = new Map<number, { content: Uint8Array }[]>()
  const add = (place: number, held: { content: Uint8Array }): void => {
    const copies = candidates.get(place)
    if (copies === undefined) candidates.set(place, [held])
    else copies.push(held)
  }
  for (const [place, copies] of set?.places ?? []) for (const copy of copies) add(place, copy)
  for (const { place, content } of group.members.values()) add(place, { content })

  const isComplete = completed?.dataCount === dataCount && completed.parityCount === parityCount
  const isFirst = !group.verified
  if (!isComplete) {
    if (candidates.size < dataCount) return undefined
    if (isFirst && rebuild(group.shape, candidates, group.budget, newHasher) === undefined) return undefined
    group.verified = true
  }

  const places = new Set(candidates.keys())
  if (isComplete) {
    for (let place = 0; place < dataCount + parityCount; place++)
      if (hasSeen(completed, place)) places.add(place)
  }
  const members = [...group.members.values()].sort((a, b) => a.place - b.place)
  const waive = waivableMessages({ senderId, places, parked: members, causalHistoryLength }, parked).filter(
    ({ messageId }) => !group.waived.has(messageId),
  )
  for (const { messageId } of waive) group.waived.add(messageId)
  if (waive.length === 0 && (isComplete || !isFirst)) return undefined
  const messageIds = members.map(({ segment }) => segment.messageId)
  return { type: 'rebuilt', senderId, payloadHash, messageIds, waive }
}
