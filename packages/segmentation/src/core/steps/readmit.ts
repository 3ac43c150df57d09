import { hexOf } from '@reliable-channels/wire'
import { decodeSegment } from '../decode-segment.ts'
import { owned } from '../owned.ts'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ReadmittedSegments } from '../reassembly-input.ts'
import { rebuild } from '../rebuild.ts'
import { encodeSegmentRecord } from '../records.ts'
import { newSearchBudget } from '../search-budget.ts'
import { SegmentSet, shapeKey } from '../segment-set.ts'
import { wireIndexOf, type Segment } from '../segment.ts'
import type { ShelvedSet } from '../shelf.ts'
import { validateSegment } from '../validate-segment.ts'
import { conclude, joined, unknownOrigin } from './complete.ts'
import { lack } from './invite.ts'
import { loseShelved, removeShelved } from './lose.ts'
import { makeRoomFor } from './put-aside.ts'

/** Puts the message together from contents that the history has given back. */
export function readmit(
  state: ReassemblyState,
  set: ShelvedSet,
  { segments: given }: ReadmittedSegments,
  now: number,
): void {
  const { sender, payloadHash, shape } = set
  const contents = new Map(given.map(({ messageId, content }) => [messageId, content]))
  const candidates = new Map<number, { content: Uint8Array }[]>()
  const decoded = new Map<number, Segment>()
  for (const [place, { messageId }] of set.segments) {
    const content = contents.get(messageId)
    const segment = content && decodeSegment(content)
    const isRight =
      segment !== undefined &&
      validateSegment(segment, state.limits.maxSegmentBytes) === undefined &&
      hexOf(segment.hash) === payloadHash &&
      shapeKey(segment) === set.shapeKey &&
      wireIndexOf(segment) === place
    if (!isRight) continue
    candidates.set(place, [{ content: segment.content }])
    decoded.set(place, segment)
  }
  if (candidates.size < shape.dataCount) return recall(state, set, decoded, contents, now)
  if (state.jobs.has(set)) return
  state.jobs.begin({
    owner: set,
    pieces: joined(rebuild(shape, candidates, newSearchBudget(), state.newHasher)),
    isWanted: () => state.shelf.get(set.key) === set,
    done: (made) => {
      if (made === undefined) return loseShelved(state, set, 'hash-mismatch')
      const { messageId } = [...set.segments.values()].at(-1)!
      const origin = set.origin ?? unknownOrigin(sender, messageId)
      const places = set.segments.keys()
      conclude(state, set, made, { ...origin, places, heldCount: candidates.size })
    },
  })
}

/**
 * The history has forgotten some of a set that was put aside: the rest is taken back from it, and what was forgotten is
 * asked for.
 */
function recall(
  state: ReassemblyState,
  set: ShelvedSet,
  decoded: ReadonlyMap<number, Segment>,
  contents: ReadonlyMap<string, Uint8Array | undefined>,
  now: number,
): void {
  const { sender, payloadHash } = set
  const [segment] = decoded.values()
  const { lengthBytes = Infinity } = set.shape
  if (
    segment === undefined ||
    !state.pool.fitsAlone(sender, lengthBytes) ||
    state.pool.rivals(sender, payloadHash).length > 0
  ) {
    return loseShelved(state, set, 'forgotten')
  }
  const recalled = new SegmentSet(sender, segment, now, false, state.newHasher)
  recalled.isRecalled = true
  recalled.span = set.span
  state.pool.insert(recalled)
  const lacking: string[] = []
  for (const [place, { messageId }] of set.segments) {
    const one = decoded.get(place)
    if (one === undefined) {
      lacking.push(messageId)
      continue
    }
    const recordKey = state.ledger.newKey('s')
    const held = { content: owned(one.content), messageId, recordKey }
    recalled.add(one, held)
    state.pool.gained(recalled, held, now)
    state.ledger.store(recordKey, () =>
      encodeSegmentRecord({
        sender,
        receivedAt: now,
        payload: contents.get(messageId)!,
        messageId,
        lamport: set.span.last,
        isRecalled: true,
      }),
    )
  }
  removeShelved(state, set)
  lack(state, set, lacking)
  makeRoomFor(state, recalled)
}
