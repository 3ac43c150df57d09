import { concat, equalBytes } from '@reliable-channels/wire'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ReassemblyFrame } from '../reassembly-frame.ts'
import type { Assembled } from '../assemble.ts'
import type { HasherFactory } from '../hasher.ts'
import { type Pieces, cut } from '../jobs.ts'
import { rebuild } from '../rebuild.ts'
import { type Origin, type SegmentSet, shapeOf, type SenderIdentity } from '../segment-set.ts'
import type { Segment } from '../segment.ts'
import { NOWHERE, widened } from '../span.ts'
import { lack } from './invite.ts'
import { dropSet, removeSet, removeShelved } from './lose.ts'
import { rememberComplete } from './remember.ts'

/** Of a message of a single segment. */
const FIRST_PLACE: readonly number[] = [0]

/** Completes a message of a single segment, as most are, without a set for it. Returns whether it was one, and intact. */
export function completeAlone(
  state: ReassemblyState,
  frame: ReassemblyFrame,
  segment: Segment,
  payloadHash: string,
): boolean {
  const { dataCount, parityCount, hash, content } = segment
  const { senderId: sender } = frame
  if (dataCount !== 1 || parityCount !== 0 || !state.pool.fitsAlone(sender, content.length)) return false
  // What came before it may be what it depends on.
  if (state.jobs.areLeft) return false
  const payload = concat([content])
  if (!equalBytes(state.newHasher().update(payload).digest(), hash)) return false
  const { length: bytes } = payload
  state.ledger.put({ type: 'progress', payloadHash, senderId: sender, held: 1, needed: 1, bytes })
  forgetRivals(state, sender, payloadHash)
  const span = widened(NOWHERE, frame.lamport)
  rememberComplete(state, { sender, payloadHash, shape: shapeOf(segment), span }, FIRST_PLACE, frame)
  const message = { payloadHash, dataCount, parityCount, heldCount: 1, recovered: false }
  state.ledger.put({ type: 'message', frame, payload, message, ...state.lane })
  return true
}

/**
 * Begins to make the message of a set that has enough segments. What takes longer than a turn goes on in later ones. A set
 * that nothing can complete any more is dropped.
 */
export function completeSet(state: ReassemblyState, set: SegmentSet, origin: Origin): void {
  if (set.held < set.needed) return
  set.origin = origin
  if (state.jobs.has(set)) return
  state.jobs.begin({
    owner: set,
    pieces: payloadOf(set, state.newHasher),
    isWanted: () => state.pool.includes(set),
    done: (made) => {
      if (made !== undefined) {
        const { frame, ...lane } = set.origin!
        const told = set.isRecalled ? { ...frame, late: true } : frame
        const places = set.places.keys()
        conclude(state, set, made, { frame: told, ...lane, places, heldCount: set.held })
      } else if (set.isHopeless) dropSet(state, set, 'hash-mismatch')
    },
  })
}

/** Makes the payload of what a set has got, and of what it gets meanwhile. */
function* payloadOf(set: SegmentSet, newHasher: HasherFactory): Pieces<Made | undefined> {
  const digest = yield* set.digest()
  for (;;) {
    const { shape, budget, copies } = set
    const candidates = new Map(Array.from(set.places, ([place, contents]) => [place, [...contents]]))
    const made = yield* joined(rebuild(shape, candidates, budget, newHasher, digest))
    if (made !== undefined || set.copies === copies) return made
  }
}

/** A message that is whole. */
interface Made {
  readonly payload: Uint8Array<ArrayBuffer>
  /** Whether parity stood in for lost data. */
  readonly recovered: boolean
}

/** Copies what was put together into one array. */
export function* joined(assembling: Pieces<Assembled | undefined>): Pieces<Made | undefined> {
  const assembled = yield* assembling
  if (assembled === undefined) return undefined
  const { parts, recovered } = assembled
  const payload = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0))
  let at = 0
  for (const part of parts)
    for (const piece of cut(part)) {
      payload.set(piece, at)
      at += piece.length
      yield piece.length / COPIED_FOR_ONE_HASHED
    }
  return { payload, recovered }
}

/** Bytes that are copied in the time in which one is hashed, at least. */
const COPIED_FOR_ONE_HASHED = 4

/** After a restart the frame that completed a message is gone. */
export function unknownOrigin(senderId: SenderIdentity, messageId: string | undefined): Origin {
  return { frame: { payload: new Uint8Array(0), senderId, messageId, late: false, ephemeral: false } }
}

/** What a message was made of, and what made it complete. */
interface Completion extends Origin {
  /** Of the segments that have come. */
  readonly places: Iterable<number>
  /** Segments that were at hand. */
  readonly heldCount: number
}

/** Hands on a message of several segments, and remembers it. */
export function conclude(
  state: ReassemblyState,
  set: Pick<SegmentSet, 'sender' | 'payloadHash' | 'shape' | 'span' | 'repeated'>,
  { payload, recovered }: Made,
  { frame, places, heldCount, ...lane }: Completion,
): void {
  const { sender, payloadHash, shape } = set
  const { dataCount, parityCount } = shape
  const message = { payloadHash, dataCount, parityCount, heldCount, recovered }
  forgetRivals(state, sender, payloadHash)
  rememberComplete(state, set, places, frame)
  state.ledger.put({ type: 'message', frame, payload, message, ...lane })
  if (set.repeated.length > 0) lack(state, set, set.repeated)
}

/** Removes all sets of a payload that is complete. */
function forgetRivals(state: ReassemblyState, sender: SenderIdentity, payloadHash: string): void {
  for (const rival of state.pool.rivals(sender, payloadHash)) removeSet(state, rival)
  for (const rival of state.shelf.ofPayload(sender, payloadHash)) removeShelved(state, rival)
}
