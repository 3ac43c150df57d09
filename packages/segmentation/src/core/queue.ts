import { SparseMap, SparseSet } from '@reliable-channels/stage/core'
import type { SetClaim, SetPlaces } from './places.ts'
import { Shelf, type ShelvedSet } from './shelf.ts'

/** A message that waits for a place, with the ids of its segments that were turned away. */
interface Queued {
  readonly claim: SetClaim
  readonly set: ShelvedSet
  /** How often it had a place in vain. */
  inVain: number
  /** Since when it has one, ms. */
  invitedAt: number | undefined
}

/** What follows for the messages that wait for a place. */
export interface Settled {
  /** There is a place for them: their segments may come. */
  readonly invited: readonly ShelvedSet[]
  /** They had one, and nothing came. */
  readonly lost: readonly ShelvedSet[]
}

/** So often a message has a place that others get in the end, since nothing of it comes. @limit It is `lost`. */
const MOST_IN_VAIN = 8
/** Messages looked at for some that find room beside the one that waits for longest. */
const MOST_LOOKED_AT = 16

/** The messages of which segments were turned away, in the order in which they get a place. */
export class Queue {
  readonly #places: SetPlaces
  readonly #patienceMs: number
  readonly #ids: Shelf
  readonly #byKey = new SparseMap<string, Queued>()
  readonly #waiting = new SparseSet<Queued>()
  readonly #invited = new SparseSet<Queued>()

  /**
   * @param maxSegments Ids of segments that are kept.
   * @param patienceMs How long an invited message waits for its first segment.
   */
  constructor(places: SetPlaces, maxSegments: number, patienceMs: number) {
    this.#places = places
    this.#patienceMs = patienceMs
    this.#ids = new Shelf(maxSegments)
  }

  get size(): number {
    return this.#byKey.size
  }

  /** The message whose turn it is. */
  get first(): SetClaim | undefined {
    return this.#waiting.values().next().value?.claim
  }

  get(key: string): ShelvedSet | undefined {
    return this.#byKey.get(key)?.set
  }

  /** A segment was turned away. Returns a message that makes room, if there are too many ids. */
  add(claim: SetClaim, set: ShelvedSet, place: number, messageId: string): ShelvedSet | undefined {
    let queued = this.#byKey.get(claim.key)
    if (queued === undefined) {
      queued = { claim, set, inVain: 0, invitedAt: undefined }
      this.#byKey.set(claim.key, queued)
      this.#waiting.add(queued)
    }
    if (!set.segments.has(place)) this.#ids.add(set, place, { messageId, recordKey: '' })
    const victim = this.#ids.victim()
    if (victim !== undefined) this.#remove(this.#byKey.get(victim.key)!)
    return victim
  }

  /** A segment has come in. Returns the message, if it waited and its other segments have not been asked for. */
  arrived(key: string): ShelvedSet | undefined {
    const queued = this.#byKey.get(key)
    if (queued === undefined) return undefined
    this.#remove(queued)
    return queued.invitedAt === undefined ? queued.set : undefined
  }

  /** When {@link settle} has something to do, ms. */
  get next(): number | undefined {
    const { first } = this
    const lapse = first && this.#places.nextLapse(first)
    const invitedAt = this.#invited.values().next().value?.invitedAt
    if (invitedAt === undefined) return lapse
    return Math.min(lapse ?? Infinity, invitedAt + this.#patienceMs)
  }

  /** Gives places to those whose turn it is, and gives up those of which nothing comes. */
  settle(now: number, isAwaited: (set: ShelvedSet) => boolean): Settled {
    const lost: Queued[] = []
    for (const queued of this.#invited) {
      const isOver = queued.invitedAt! + this.#patienceMs <= now
      // Its place has lapsed: it is the turn of others.
      if (!this.#places.has(queued.claim.key)) this.#toTheEnd(queued, lost)
      else if (isOver && isAwaited(queued.set)) this.#invite(queued, now)
      else if (isOver) lost.push(queued)
    }
    for (const queued of lost) this.#remove(queued)
    const invited: Queued[] = []
    let [lookedAt, first]: [number, SetClaim | undefined] = [0, undefined]
    for (const queued of this.#waiting) {
      if (lookedAt++ === MOST_LOOKED_AT) break
      const { claim } = queued
      if (first === undefined ? this.#places.lapse(claim, now) : this.#places.hasRoom(claim, first)) {
        this.#places.hold(claim, now)
        this.#places.countAgain(claim.key, now)
        this.#invite(queued, now)
        invited.push(queued)
      } else first ??= claim
    }
    return { invited: invited.map(({ set }) => set), lost: lost.map(({ set }) => set) }
  }

  #invite(queued: Queued, now: number): void {
    queued.invitedAt = now
    this.#waiting.delete(queued)
    this.#invited.delete(queued)
    this.#invited.add(queued)
  }

  #toTheEnd(queued: Queued, lost: Queued[]): void {
    if (++queued.inVain === MOST_IN_VAIN) {
      lost.push(queued)
      return
    }
    this.#places.release(queued.claim.key)
    queued.invitedAt = undefined
    this.#invited.delete(queued)
    this.#waiting.add(queued)
  }

  #remove(queued: Queued): void {
    const { claim, set, invitedAt } = queued
    if (invitedAt !== undefined) this.#places.release(claim.key)
    this.#byKey.delete(claim.key)
    this.#waiting.delete(queued)
    this.#invited.delete(queued)
    this.#ids.remove(set)
  }
}
