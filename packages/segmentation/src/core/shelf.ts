import { SparseMap, SparseSet } from '@reliable-channels/stage/core'
import { type Origin, type SenderIdentity, type Shape, keyOfSet } from './segment-set.ts'
import { NOWHERE, type Span } from './span.ts'

/** One segment whose content is elsewhere: in the history of SDS, under its message id. */
export interface ShelvedSegment {
  readonly messageId: string
  /** Where it is stored. */
  readonly recordKey: string
}

/** A set that was put aside: which segments it had, without their contents. */
export interface ShelvedSet {
  /** See {@link keyOfSet}. */
  readonly key: string
  readonly sender: SenderIdentity
  readonly payloadHash: string
  readonly shapeKey: string
  readonly shape: Shape
  /** By place in wire order. */
  readonly segments: Map<number, ShelvedSegment>
  /** Where they stand. */
  span: Span
  /** What made it complete. */
  origin: Origin | undefined
  /** Ids of segments of the same payload sent once more, whose places were taken. */
  readonly repeated: string[]
}

/** A set of which no segment is noted yet. */
export function newShelved({
  sender,
  payloadHash,
  shapeKey,
  shape,
  repeated = [],
}: Pick<ShelvedSet, 'sender' | 'payloadHash' | 'shapeKey' | 'shape'> & { repeated?: string[] }): ShelvedSet {
  const key = keyOfSet(sender, payloadHash, shapeKey)
  const segments = new Map<number, ShelvedSegment>()
  return { key, sender, payloadHash, shapeKey, shape, segments, span: NOWHERE, origin: undefined, repeated }
}

/** The ids of its segments. */
export const messageIdsOf = ({ segments }: Pick<ShelvedSet, 'segments'>): string[] =>
  Array.from(segments.values(), ({ messageId }) => messageId)

/** The sets of one sender on the shelf. */
interface Share {
  /** Least recently continued first. */
  readonly sets: Set<ShelvedSet>
  segments: number
}

/**
 * The sets that were put aside, bounded in segments. Beyond that the least recently continued set of the sender who has
 * most goes, so that a flood displaces itself.
 */
export class Shelf {
  readonly #maxSegments: number
  readonly #sets = new SparseMap<string, ShelvedSet>()
  readonly #shares = new SparseMap<SenderIdentity, Share>()
  /** Ids of all segments. */
  readonly #ids = new SparseSet<string>()
  #segments = 0

  constructor(maxSegments: number) {
    this.#maxSegments = maxSegments
  }

  get size(): number {
    return this.#sets.size
  }

  /** @param key See {@link keyOfSet}. */
  get(key: string): ShelvedSet | undefined {
    return this.#sets.get(key)
  }

  /** Whether it is the id of one of the segments. */
  has(messageId: string): boolean {
    return this.#ids.has(messageId)
  }

  /** All sets of one payload of one sender. */
  ofPayload(sender: SenderIdentity, payloadHash: string): ShelvedSet[] {
    const share = this.#shares.get(sender)
    return share === undefined ? [] : [...share.sets].filter((set) => set.payloadHash === payloadHash)
  }

  all(): Iterable<ShelvedSet> {
    return this.#sets.values()
  }

  /** Adds one segment to a set, which may be new. */
  add(set: ShelvedSet, place: number, segment: ShelvedSegment): void {
    this.#sets.set(set.key, set)
    let share = this.#shares.get(set.sender)
    if (share === undefined) this.#shares.set(set.sender, (share = { sets: new Set(), segments: 0 }))
    share.sets.delete(set)
    share.sets.add(set)
    set.segments.set(place, segment)
    this.#ids.add(segment.messageId)
    share.segments++
    this.#segments++
  }

  remove(set: ShelvedSet): void {
    if (!this.#sets.delete(set.key)) return
    const share = this.#shares.get(set.sender)!
    for (const { messageId } of set.segments.values()) this.#ids.delete(messageId)
    share.sets.delete(set)
    share.segments -= set.segments.size
    this.#segments -= set.segments.size
    if (share.sets.size === 0) this.#shares.delete(set.sender)
  }

  /** A set that has to make room, while there is too much. */
  victim(): ShelvedSet | undefined {
    if (this.#segments <= this.#maxSegments) return undefined
    let busiest: Share | undefined
    for (const share of this.#shares.values()) {
      if (busiest === undefined || share.segments > busiest.segments) busiest = share
    }
    return busiest?.sets.values().next().value
  }
}
