import { SparseMap, SparseSet } from '@reliable-channels/stage/core'

/** What a message takes while it is incomplete. */
export interface SetClaim {
  readonly key: string
  readonly sender: string | undefined
  /** Length of the payload, as its segments tell it. */
  readonly bytes: number
  /** Segments that make it complete. */
  readonly segments: number
}

/** How much places take. */
type Size = Pick<SetClaim, 'bytes' | 'segments'>

/** How much all places may take, those of one sender, and one. */
export interface PlaceLimits {
  readonly ofAll: Size
  readonly ofSender: Size
  readonly ofMessage: Size
  /** How long a message keeps its place at most where others wait for one. */
  readonly mostMs: number
}

/** The place of one incomplete message. */
interface Place extends SetClaim {
  /** Parts that have something of it: its set, those of its segments that are parked, or an invitation. */
  holders: number
  /** Since when it is counted, and when it went on last, ms. */
  since: number
  movedAt: number
  /** Whether it counts, so that its next segment is taken. */
  isCounted: boolean
}

/** How much the counted places of all, or of one sender, take. */
interface Tally {
  bytes: number
  segments: number
  /** The one that went on least recently first. */
  readonly byMove: SparseSet<Place>
  /** The one that is counted for longest first. */
  readonly byAge: SparseSet<Place>
}

/** So long without a new segment a message keeps its place where others wait for one, ms. */
const IDLE_MS = 20_000

/**
 * Places for incomplete messages, by their whole length: what has begun can become whole. A message whose place lapses goes
 * on once there is room for it again.
 */
export class SetPlaces {
  readonly #limits: PlaceLimits
  readonly #byKey = new SparseMap<string, Place>()
  readonly #total: Tally = newTally()
  readonly #bySender = new SparseMap<string | undefined, Tally>()

  constructor(limits: PlaceLimits) {
    this.#limits = limits
  }

  /** Whether a message has a place that counts. */
  has(key: string): boolean {
    return this.#byKey.get(key)?.isCounted === true
  }

  /** Whether a message could ever have a place. */
  canHold({ sender, bytes, segments }: Omit<SetClaim, 'key'>): boolean {
    const { ofAll, ofMessage } = this.#limits
    return isWithin(sender === undefined ? ofAll : ofMessage, { bytes, segments })
  }

  /** Whether there is a place for it now, beside another for `reserved`. */
  hasRoom({ sender, bytes, segments }: Omit<SetClaim, 'key'>, reserved?: SetClaim): boolean {
    const { ofAll, ofSender } = this.#limits
    const claim = { bytes, segments }
    if (!isWithin(ofAll, this.#total, reserved, claim)) return false
    if (sender === undefined) return true
    const own = this.#bySender.get(sender)
    const others = reserved?.sender === sender ? reserved : undefined
    // A single message may take more than his share.
    return (own ?? others) === undefined || isWithin(ofSender, own, others, claim)
  }

  /** A part has something of a message. */
  hold(claim: SetClaim, now: number): void {
    const known = this.#byKey.get(claim.key)
    if (known !== undefined) {
      known.holders++
      return
    }
    const place = { ...claim, holders: 1, since: now, movedAt: now, isCounted: false }
    this.#byKey.set(claim.key, place)
    this.#count(place)
  }

  /** A part has nothing of it any more. */
  release(key: string): void {
    const place = this.#byKey.get(key)
    if (place === undefined || --place.holders > 0) return
    this.#byKey.delete(key)
    this.#discount(place)
  }

  /** It has gone on. */
  moved(key: string, now: number): void {
    const place = this.#byKey.get(key)
    if (place === undefined) return
    place.movedAt = now
    if (!place.isCounted) return
    for (const { byMove } of [this.#total, this.#bySender.get(place.sender)!]) {
      byMove.delete(place)
      byMove.add(place)
    }
  }

  /** It has its place back. */
  countAgain(key: string, now: number): void {
    const place = this.#byKey.get(key)
    if (place === undefined || place.isCounted) return
    place.since = now
    place.movedAt = now
    this.#count(place)
  }

  /** When the next place lapses that is in the way of a message, ms. */
  nextLapse(waiting: SetClaim): number | undefined {
    const { byMove, byAge } = this.#inTheWay(waiting)
    const idle = byMove.values().next().value
    const oldest = byAge.values().next().value
    return idle && Math.min(idle.movedAt + IDLE_MS, oldest!.since + this.#limits.mostMs)
  }

  /** Makes room for a message, as far as the time of the places that are in its way has come. Returns whether there is. */
  lapse(waiting: SetClaim, now: number): boolean {
    while (!this.hasRoom(waiting)) {
      const { byMove, byAge } = this.#inTheWay(waiting)
      const idle = byMove.values().next().value
      const oldest = byAge.values().next().value
      if (idle !== undefined && idle.movedAt + IDLE_MS <= now) this.#discount(idle)
      else if (oldest !== undefined && oldest.since + this.#limits.mostMs <= now) this.#discount(oldest)
      else return false
    }
    return true
  }

  /** All waits that are overdue begin anew. */
  putOff(now: number): void {
    for (const place of this.#byKey.values()) {
      place.since = now
      place.movedAt = now
    }
  }

  /** Where the others leave room enough, only those of its sender. */
  #inTheWay(waiting: SetClaim): Tally {
    const own = this.#bySender.get(waiting.sender)
    const isOwn = own !== undefined && this.hasRoom({ ...waiting, sender: undefined })
    return isOwn ? own : this.#total
  }

  #count(place: Place): void {
    place.isCounted = true
    let own = this.#bySender.get(place.sender)
    if (own === undefined) this.#bySender.set(place.sender, (own = newTally()))
    for (const tally of [this.#total, own]) {
      tally.bytes += place.bytes
      tally.segments += place.segments
      tally.byMove.add(place)
      tally.byAge.add(place)
    }
  }

  #discount(place: Place): void {
    if (!place.isCounted) return
    place.isCounted = false
    const own = this.#bySender.get(place.sender)!
    for (const tally of [this.#total, own]) {
      tally.bytes -= place.bytes
      tally.segments -= place.segments
      tally.byMove.delete(place)
      tally.byAge.delete(place)
    }
    if (own.byMove.size === 0) this.#bySender.delete(place.sender)
  }
}

function isWithin(most: Size, ...all: readonly (Size | undefined)[]): boolean {
  let [bytes, segments] = [0, 0]
  for (const size of all) {
    bytes += size?.bytes ?? 0
    segments += size?.segments ?? 0
  }
  return bytes <= most.bytes && segments <= most.segments
}

const newTally = (): Tally => ({
  bytes: 0,
  segments: 0,
  byMove: new SparseSet(),
  byAge: new SparseSet(),
})
