import type { Keccak256 } from '@reliable-channels/keccak'
import { equalBytes, hexOf } from '@reliable-channels/wire'
import type { WrittenDialect } from './dialect.ts'
import type { HasherFactory } from './hasher.ts'
import type { SetClaim } from './places.ts'
import type { Pieces } from './jobs.ts'
import type { ReassemblyFrame } from './reassembly-frame.ts'
import { NOWHERE, type Span } from './span.ts'
import { type SearchBudget, canSpend, newSearchBudget } from './search-budget.ts'
import { type Segment, wireIndexOf } from './segment.ts'
import { chunkBytesOf } from './validate-segment.ts'

/** Who sent a segment; `undefined` where its frame did not say. */
export type SenderIdentity = string | undefined

/** For the end of a key: the sender may hold any character, while what comes before has a fixed alphabet. */
export function senderKey(sender: SenderIdentity): string {
  return sender === undefined ? '' : `/${sender}`
}

/** Names a set. The sender may hold any character; the rest has a fixed alphabet, so it comes first. */
export function keyOfSet(sender: SenderIdentity, payloadHash: string, shape: string): string {
  return `${payloadHash}/${shape}${senderKey(sender)}`
}

/** Fields that all segments of one set agree on. */
export interface Shape {
  readonly dialect: WrittenDialect
  readonly hash: Uint8Array
  readonly lengthBytes: number | undefined
  readonly dataCount: number
  readonly parityCount: number
}

/** The shape of a segment's set. Holds on to nothing of the message that the segment came in. */
export function shapeOf({ dialect, hash, lengthBytes, dataCount, parityCount }: Segment): Shape {
  return { dialect, hash: hash.slice(), lengthBytes, dataCount, parityCount }
}

/** What the message of a segment takes while it is incomplete. */
export const claimOf = (sender: SenderIdentity, segment: Segment): SetClaim => ({
  key: keyOfSet(sender, hexOf(segment.hash), shapeKey(segment)),
  sender,
  ...wholeSizeOf(segment),
})

/** How large it is: without a length on the wire, as long as all its segments can be. */
export const wholeSizeOf = ({
  lengthBytes,
  dataCount,
  content,
}: Segment): Pick<SetClaim, 'bytes' | 'segments'> => ({
  bytes: lengthBytes ?? dataCount * content.length,
  segments: dataCount,
})

/** One segment of a set. */
export interface HeldSegment {
  readonly content: Uint8Array
  /** The id by which it is found again, where it has one. */
  readonly messageId: string | undefined
  /** Where it is stored, if it is. */
  recordKey: string | undefined
}

/** The frame that made a message complete, and the lane that it came by. */
export interface Origin {
  readonly frame: ReassemblyFrame
  readonly lane?: object
}

/** Most contents kept of one place, and most kept aside in one set. */
const MAX_COPIES = 4
const MAX_ASIDE = 16

/** The shape that a segment belongs to, as a string. */
export function shapeKey(segment: Segment): string {
  // LIP-243 does not let every segment tell the length of a chunk.
  const chunkBytes = segment.dialect === 'current' ? chunkBytesOf(segment) : ''
  return `${segment.dialect}/${segment.lengthBytes ?? ''}/${segment.dataCount}/${segment.parityCount}/${chunkBytes}`
}

/** The segments of one payload of one sender that have come so far. */
export class SegmentSet {
  readonly sender: SenderIdentity
  readonly payloadHash: string
  readonly shapeKey: string
  /** Contents by place in wire order; the first of a place came first. */
  readonly places: Map<number, HeldSegment[]> = new Map()
  /** Content held, in bytes. */
  bytes = 0
  /** When the last new segment came, in ms. */
  updatedAt: number
  /** Where its segments stand. */
  span: Span = NOWHERE
  /** Work left for looking for corrupt segments. */
  readonly budget: SearchBudget = newSearchBudget()
  readonly shape: Shape
  readonly claim: SetClaim
  /** What came last once there was enough. */
  origin: Origin | undefined
  /** Ids of segments of the same payload sent once more, whose places were taken. */
  readonly repeated: string[] = []
  #aside = 0
  /** The hash of the data segments before `#hashed`, computed as they come in order. */
  #hasher: Keccak256 | undefined
  #hashed = 0

  /**
   * Whether it was put aside, and is here again since the history has forgotten some of it: its message is late, since what
   * comes after it does not wait for that.
   */
  isRecalled = false

  /** Whether it contradicts a set of the same payload that came first. */
  readonly isRival: boolean

  constructor(
    sender: SenderIdentity,
    segment: Segment,
    now: number,
    isRival: boolean,
    newHasher: HasherFactory,
  ) {
    this.sender = sender
    this.isRival = isRival
    this.payloadHash = hexOf(segment.hash)
    this.shapeKey = shapeKey(segment)
    this.updatedAt = now
    this.shape = shapeOf(segment)
    this.claim = claimOf(sender, segment)
    this.#hasher = newHasher()
  }

  get held(): number {
    return this.places.size
  }

  /** Segments that have come, contradicting ones too. */
  get copies(): number {
    return this.places.size + this.#aside
  }

  get needed(): number {
    return this.shape.dataCount
  }

  /** Whether nothing that may still come would complete it, although enough is held. */
  get isHopeless(): boolean {
    const { dataCount, parityCount } = this.shape
    if (this.held < dataCount) return false
    const payloadBytes = (this.bytes * dataCount) / this.held
    return this.held === dataCount + parityCount || !canSpend(this.budget, payloadBytes)
  }

  /** How a segment of this shape relates to what is held. */
  relation(segment: Segment): 'new' | 'duplicate' | 'conflict' {
    const copies = this.places.get(wireIndexOf(segment))
    if (copies === undefined) return 'new'
    return copies.some(({ content }) => equalBytes(content, segment.content)) ? 'duplicate' : 'conflict'
  }

  /** Whether a conflicting content can be kept aside. */
  hasRoomAside(segment: Segment): boolean {
    return this.#aside < MAX_ASIDE && (this.places.get(wireIndexOf(segment))?.length ?? 0) < MAX_COPIES
  }

  /** Keeps a segment that is `new`, or in `conflict` with one that came before it. */
  add(segment: Segment, held: HeldSegment): void {
    const place = wireIndexOf(segment)
    const copies = this.places.get(place)
    this.bytes += held.content.length
    if (copies !== undefined) {
      copies.push(held)
      this.#aside++
      return
    }
    this.places.set(place, [held])
    // What comes in order is hashed as it comes; of what had come before, twice as much.
    let left = 2 * held.content.length
    for (const bytes of this.#hashing()) if ((left -= bytes) < 0) return
  }

  /** The hash over all data segments as they came first, when all are there. Consumes the running computation. */
  *digest(): Pieces<Uint8Array | undefined> {
    yield* this.#hashing()
    if (this.#hashed < this.needed) return undefined
    const digest = this.#hasher?.digest()
    this.#hasher = undefined
    return digest
  }

  /** Hashes what stands next, segment by segment. */
  *#hashing(): Pieces<void> {
    while (this.#hashed < this.needed) {
      const next = this.places.get(this.#hashed)
      if (next === undefined) return
      const { content } = next[0]!
      this.#hasher?.update(content)
      this.#hashed++
      yield content.length
    }
  }
}
