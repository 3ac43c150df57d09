import { SparseMap, SparseSet } from '@reliable-channels/stage/core'
import type { SetPlaces } from './places.ts'
import type { ReassemblyStageOptions } from './reassembly-options.ts'
import type { HeldSegment, SegmentSet, SenderIdentity } from './segment-set.ts'

/** Limits of a {@link SetPool}; those for one sender hold where the sender is known. */
export type PoolLimits = Readonly<
  Required<
    Pick<
      ReassemblyStageOptions,
      'maxSets' | 'maxBufferedBytes' | 'maxSetsPerSender' | 'maxBufferedBytesPerSender'
    >
  >
>

/** The sets and bytes of one sender. */
interface Share {
  /** Least recently continued first. */
  readonly sets: Set<SegmentSet>
  bytes: number
}

/**
 * The incomplete sets, in total and by sender. What must make room is the least recently continued set of the sender
 * who occupies most, so that a flood displaces itself.
 */
export class SetPool {
  readonly #limits: PoolLimits
  /** By sender, hash, length and shape. */
  readonly #sets = new SparseMap<string, SegmentSet>()
  readonly #shares = new SparseMap<SenderIdentity, Share>()
  /** Least recently continued first. */
  readonly #order = new SparseSet<SegmentSet>()
  readonly #places: SetPlaces
  /** Ids of segments held. */
  readonly #ids = new SparseSet<string>()
  #bytes = 0

  constructor(limits: PoolLimits, places: SetPlaces) {
    this.#limits = limits
    this.#places = places
  }

  get size(): number {
    return this.#sets.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The set that was continued least recently. */
  get oldest(): SegmentSet | undefined {
    return this.#order.values().next().value
  }

  /** Message id of the first segment that came of the set which began first. */
  get begun(): string | undefined {
    const [set] = this.#sets.values()
    return set?.places.values().next().value?.[0]?.messageId
  }

  /** @param key See {@link keyOfSet}. */
  get(key: string): SegmentSet | undefined {
    return this.#sets.get(key)
  }

  /** Whether it is one of the incomplete sets. */
  includes(set: SegmentSet): boolean {
    return this.#sets.get(set.claim.key) === set
  }

  /** All sets of one payload of one sender: more than one if their segments contradict each other. */
  rivals(sender: SenderIdentity, payloadHash: string): SegmentSet[] {
    const share = this.#shares.get(sender)
    return share === undefined ? [] : [...share.sets].filter((set) => set.payloadHash === payloadHash)
  }

  all(): Iterable<SegmentSet> {
    return this.#order
  }

  insert(set: SegmentSet): void {
    this.#sets.set(set.claim.key, set)
    this.#places.hold(set.claim, set.updatedAt)
    this.#order.add(set)
    const share = this.#shares.get(set.sender)
    if (share === undefined) this.#shares.set(set.sender, { sets: new Set([set]), bytes: 0 })
    else share.sets.add(set)
  }

  /** Whether it is the id of a segment held. */
  has(messageId: string): boolean {
    return this.#ids.has(messageId)
  }

  /** A set has gained a segment. */
  gained(set: SegmentSet, { messageId, content }: HeldSegment, now?: number): void {
    if (messageId !== undefined) this.#ids.add(messageId)
    this.grew(set, content.length, now)
  }

  /** Counts what a set has gained. With `now`, it becomes the most recently continued one. */
  grew(set: SegmentSet, bytes: number, now?: number): void {
    const share = this.#shares.get(set.sender)!
    this.#bytes += bytes
    share.bytes += bytes
    if (now === undefined) return
    set.updatedAt = now
    this.#places.moved(set.claim.key, now)
    for (const order of [this.#order, share.sets]) {
      order.delete(set)
      order.add(set)
    }
  }

  /** Sets that were continued last at `until` or before wait from `now` on anew. */
  putOff(until: number, now: number): void {
    for (let set = this.oldest; set !== undefined && set.updatedAt <= until; set = this.oldest) {
      this.grew(set, 0, now)
    }
  }

  remove(set: SegmentSet): void {
    this.#sets.delete(set.claim.key)
    this.#places.release(set.claim.key)
    this.#order.delete(set)
    for (const copies of set.places.values())
      for (const { messageId } of copies) if (messageId !== undefined) this.#ids.delete(messageId)
    this.#bytes -= set.bytes
    const share = this.#shares.get(set.sender)!
    share.sets.delete(set)
    share.bytes -= set.bytes
    if (share.sets.size === 0) this.#shares.delete(set.sender)
  }

  /** Whether a set of this sender may become this large at all. */
  fitsAlone(sender: SenderIdentity, bytes: number): boolean {
    const { maxBufferedBytes, maxBufferedBytesPerSender } = this.#limits
    return bytes <= maxBufferedBytes && (sender === undefined || bytes <= maxBufferedBytesPerSender)
  }

  /** The set that has to make room for `set`, which has grown; `undefined` when all limits are kept. */
  victim(set: SegmentSet): SegmentSet | undefined {
    const limits = this.#limits
    const others = (share: Share | undefined): SegmentSet | undefined => firstOther(share?.sets ?? [], set)
    if (set.sender !== undefined) {
      const own = this.#shares.get(set.sender)
      if ((own?.sets.size ?? 0) > limits.maxSetsPerSender) return others(own)
      if ((own?.bytes ?? 0) > limits.maxBufferedBytesPerSender) return others(own)
    }
    if (this.#sets.size > limits.maxSets) return this.#ofBusiest(set, (share) => share.sets.size)
    if (this.#bytes > limits.maxBufferedBytes) return this.#ofBusiest(set, (share) => share.bytes)
    return undefined
  }

  #ofBusiest(spared: SegmentSet, measure: (share: Share) => number): SegmentSet | undefined {
    let victim: SegmentSet | undefined
    let most = -1
    for (const share of this.#shares.values()) {
      const candidate = firstOther(share.sets, spared)
      const size = measure(share)
      if (candidate === undefined || size < most) continue
      if (size > most || candidate.updatedAt < victim!.updatedAt) victim = candidate
      most = size
    }
    return victim
  }
}

function firstOther(sets: Iterable<SegmentSet>, spared: SegmentSet): SegmentSet | undefined {
  for (const set of sets) if (set !== spared) return set
  return undefined
}
