import { SparseMap } from '@reliable-channels/stage/core'
import { hexOf } from '@reliable-channels/wire'
import { decodeSegment } from './decode-segment.ts'
import type { SetPlaces } from './places.ts'
import type { ParkedSegment } from './reassembly-input.ts'
import { type SearchBudget, newSearchBudget } from './search-budget.ts'
import { type Segment, wireIndexOf } from './segment.ts'
import { type Shape, claimOf, shapeKey, shapeOf } from './segment-set.ts'
import { validateSegment } from './validate-segment.ts'

/** One parked segment, and the group it belongs to. */
interface Parked {
  readonly segment: ParkedSegment
  readonly content: Uint8Array
  readonly place: number
  readonly group: ParkedGroup
}

/** The parked segments of one payload of one sender. */
export interface ParkedGroup {
  readonly key: string
  readonly senderId: string
  readonly payloadHash: string
  readonly shapeKey: string
  readonly shape: Shape
  readonly members: Map<string, Parked>
  /** Whether its members and what reassembly held made the payload. */
  verified: boolean
  /** Ids that were waived for it. */
  readonly waived: Set<string>
  readonly budget: SearchBudget
}

/** Parked segments known at a time. @limit The first one of the busiest sender is forgotten. */
const MAX_PARKED = 4096

/** Segments that SDS has parked and offered: references, bounded in number and bytes. */
export class ParkedSegments {
  readonly #maxBytes: number
  readonly #places: SetPlaces
  readonly #byId = new SparseMap<string, Parked>()
  readonly #bySender = new SparseMap<string, Set<string>>()
  readonly #groups = new SparseMap<string, ParkedGroup>()
  #bytes = 0

  constructor(maxBytes: number, places: SetPlaces) {
    this.#maxBytes = maxBytes
    this.#places = places
  }

  get size(): number {
    return this.#byId.size
  }

  *all(): Generator<ParkedSegment, void> {
    for (const { segment } of this.#byId.values()) yield segment
  }

  /** The parked segments of one payload. @param key See {@link keyOfSet}. */
  group(key: string): ParkedGroup | undefined {
    return this.#groups.get(key)
  }

  /** @returns the group that it joins, unless it is no valid segment or known already */
  add(segment: ParkedSegment, maxSegmentBytes: number, now: number): ParkedGroup | undefined {
    if (this.#byId.has(segment.messageId)) return undefined
    const decoded = decodeSegment(segment.content)
    if (decoded === undefined || validateSegment(decoded, maxSegmentBytes) !== undefined) return undefined
    const group = this.#groupOf(segment.senderId, decoded, now)
    this.#places.moved(group.key, now)
    const parked = { segment, content: decoded.content, place: wireIndexOf(decoded), group }
    group.members.set(segment.messageId, parked)
    this.#byId.set(segment.messageId, parked)
    this.#bytes += segment.content.length
    const ofSender = this.#bySender.get(segment.senderId)
    if (ofSender === undefined) this.#bySender.set(segment.senderId, new Set([segment.messageId]))
    else ofSender.add(segment.messageId)
    while (this.#byId.size > MAX_PARKED || this.#bytes > this.#maxBytes) this.remove(this.#firstOfBusiest())
    return group
  }

  remove(messageId: string): void {
    const parked = this.#byId.get(messageId)
    if (parked === undefined) return
    const { group, segment } = parked
    this.#byId.delete(messageId)
    this.#bytes -= segment.content.length
    const ofSender = this.#bySender.get(segment.senderId)!
    ofSender.delete(messageId)
    if (ofSender.size === 0) this.#bySender.delete(segment.senderId)
    group.members.delete(messageId)
    if (group.members.size > 0) return
    this.#groups.delete(group.key)
    if (hasPlace(group)) this.#places.release(group.key)
  }

  #firstOfBusiest(): string {
    let busiest = new Set<string>()
    for (const messageIds of this.#bySender.values()) if (messageIds.size > busiest.size) busiest = messageIds
    const [first] = busiest
    return first!
  }

  #groupOf(senderId: string, segment: Segment, now: number): ParkedGroup {
    const claim = claimOf(senderId, segment)
    const known = this.#groups.get(claim.key)
    if (known !== undefined) return known
    const group: ParkedGroup = {
      key: claim.key,
      senderId,
      payloadHash: hexOf(segment.hash),
      shapeKey: shapeKey(segment),
      shape: shapeOf(segment),
      members: new Map(),
      verified: false,
      waived: new Set(),
      budget: newSearchBudget(),
    }
    this.#groups.set(claim.key, group)
    if (hasPlace(group)) this.#places.hold(claim, now)
    return group
  }
}

/** A message of one segment is whole when it comes. */
const hasPlace = ({ shape }: ParkedGroup): boolean => shape.dataCount > 1
