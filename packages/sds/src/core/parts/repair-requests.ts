import { type Settings, isTight } from '../settings.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { type Due, DueHeap } from './due-heap.ts'
import { ensure } from './ensure.ts'
import { FairLine } from './fair-line.ts'
import type { Group } from './group.ts'
import { SharedPlaces } from './shared-places.ts'
import { requestDelayMs } from './repair-hash.ts'
import { Questions } from './questions.ts'
import { QueueMap } from './queue-map.ts'
import type { RoundTrips } from './round-trips.ts'
import { SLOT_MS } from './turn-order.ts'

/** A missing message, as far as asking for it goes. */
export interface Wanted {
  readonly entry: HistoryEntry
  /** The member who has named it, of several the one that names least. */
  readonly namedBy: string
  /** It was received and waits for others: nobody needs to send it. */
  readonly isParked: boolean
  /** How often this participant has asked for it, and has deferred to others who ask since. */
  readonly asked: number
  readonly deferrals: number
  /** How often asking was put off because others of its author came out of order. */
  readonly putOffs: number
  /** Bytes that asking for it has taken. */
  readonly costBytes: number
  /** It is not asked for yet, because what its namer has named was asked for in vain too often. */
  readonly isHeldUp: boolean
  /** When its repair is asked for. */
  readonly request: Due | undefined
}

/** Only {@link RepairRequests} writes what it keeps of a missing message. */
type Own = { -readonly [K in keyof Wanted]: Wanted[K] }

/** How often asking is put off since others come late. @limit It is asked for. */
const MOST_PUT_OFFS = 20
/** Authors of whom it is remembered. @limit The oldest is forgotten. */
const MOST_RESTLESS = 64
/** A missing message whose author was heard lately is asked for so soon: what only comes out of order has come by then, ms. */
const PROMPT_MS = 100
/** It is asked for again after a round trip or two, and up to so much later, ms; so many times before the waits grow. */
const PROMPT_SPREAD_MS = 150
const PROMPT_REQUESTS = 10
/** Where others are asked because the author is away, they do not ask in chorus: up to so much later, ms, and in larger groups more. */
const OTHERS_SPREAD_MS = 500
/** Each of those who may answer has his turn. @limit Turns of further ones are not waited for. */
const MOST_TURNS = 5
/** A request that becomes due so soon goes with those that are due, ms. */
const TOGETHER_MS = 150
/** Bytes of the requests in one sync message, where their number is not set. */
const MOST_BYTES = 6_144

/** After so many requests in vain, each further wait is twice as long: perhaps nobody has the message. */
const PATIENT_REQUESTS = 5
/** How often a participant defers to others who ask. @limit It asks again itself. */
const MOST_DEFERRALS = 3

const NONE: readonly Wanted[] = []
/** Requests in a message with content, where their number is not set. LIP-109, "SDS-R send message". */
export const USUAL_REQUESTS = 3
/** A hint, and what frames an entry. */
const ENTRY_BYTES = 48

function* take<T>(all: Iterable<T>, most: number): Iterable<T> {
  let count = 0
  for (const one of all) {
    if (count++ >= most) return
    yield one
  }
}

/**
 * Asking for missing messages (SDS-R). A missing message is in one of three places: it waits for its T_req, is then
 * eligible until it is asked for, and waits again with a new T_req, until it arrives or is given up. What finds no room
 * there waits for room.
 */
export class RepairRequests {
  readonly #settings: Settings
  readonly #group: Group
  readonly #roundTrips: RoundTrips
  readonly #waiting = new DueHeap<Wanted>()
  /** Those whose time to be asked for has come, in that order, each member who names some in turn. */
  readonly #eligible = new FairLine<Wanted>()
  #eligibleSince = 0
  /** Those that wait or are eligible: whoever names many cannot keep what others name from being asked for. */
  readonly #places: SharedPlaces<Wanted>
  readonly #withoutRoom = new FairLine<Wanted>()
  /** Until when messages of an author may come that are merely late: one has come so. */
  readonly #restless = new QueueMap<string, number>(MOST_RESTLESS)
  readonly #questions = new Questions()

  constructor(settings: Settings, group: Group, roundTrips: RoundTrips) {
    this.#settings = settings
    this.#group = group
    this.#roundTrips = roundTrips
    this.#places = new SharedPlaces(settings.repair.maxRequests)
  }

  /** How many are to be asked for. */
  get size(): number {
    return this.#places.size + this.#withoutRoom.size
  }

  /** When the next one becomes eligible. */
  get next(): number | undefined {
    return this.#waiting.next
  }

  /** Whether something may be asked for now. */
  get hasEligible(): boolean {
    return this.#eligible.size > 0
  }

  /** Since when something may be asked for. */
  get eligibleSince(): number | undefined {
    return this.#eligible.size > 0 ? this.#eligibleSince : undefined
  }

  /** Whether it is to be asked for. */
  has(wanted: Wanted): boolean {
    const { namedBy, request } = wanted
    return (
      request?.isGone === false ||
      this.#eligible.has(namedBy, wanted) ||
      this.#withoutRoom.has(namedBy, wanted)
    )
  }

  /**
   * Starts the wait after which a missing message is asked for: a moment where its author is there, or anybody else while
   * he is not, or until it can have been fetched; else that of LIP-109, "Determine T_req".
   *
   * @param waitedMs How long of it earlier processes have waited.
   */
  schedule(wanted: Wanted, now: number, waitedMs = 0): void {
    const { dialect, participantId, repair, fetchMs } = this.#settings
    const asked = this.#whomToAsk(wanted)
    if (asked !== undefined) {
      const isFetched = wanted.entry.retrievalHint !== undefined
      const spreadMs = asked === 'others' ? this.#group.backoffMs(OTHERS_SPREAD_MS) : 0
      return this.#wait(wanted, now + Math.max(PROMPT_MS, isFetched ? fetchMs : 0) + spreadMs)
    }
    const waitMs = requestDelayMs(dialect, participantId, wanted.entry.messageId, repair) - waitedMs
    this.#wait(wanted, now + Math.max(PROMPT_MS, waitMs))
  }

  /** The author of a missing message is there after all: it is asked for as soon as that. */
  authorIsThere(wanted: Wanted, now: number): void {
    if (this.#whomToAsk(wanted) === 'author' && wanted.request?.isGone === false) this.schedule(wanted, now)
  }

  /** They were asked for, by so many bytes: starts the wait after which they are asked for again, together. */
  asked(all: readonly Wanted[], bytes: number, now: number): void {
    const chance = this.#settings.random()
    for (const wanted of all) {
      const own: Own = wanted
      own.costBytes += bytes / all.length
      this.#questions.spend(own.namedBy, bytes / all.length, now)
      own.asked++
      own.deferrals = 0
      this.#askAgain(own, now, chance)
    }
  }

  /** Another asks for what is missing here too: an own request can wait, but not for ever. */
  deferToOthers(wanted: Wanted, now: number): void {
    const own: Own = wanted
    if (own.deferrals >= MOST_DEFERRALS) return
    own.deferrals++
    this.#askAgain(own, now, this.#settings.random())
  }

  /** It came, and there is no room for it: it is asked for again once there is, or after a patient while. */
  putOff(wanted: Wanted, now: number): void {
    this.#wait(wanted, now + this.#settings.repair.tMinMs)
  }

  /** A missing message has come. If it was not asked for, others of its author may be late too. */
  came({ entry: { senderId }, asked, namedBy, costBytes }: Wanted, now: number): void {
    if (costBytes > 0) this.#questions.spend(namedBy, -costBytes, now)
    if (asked === 0 && senderId !== undefined) this.#restless.put(senderId, now + PROMPT_MS)
  }

  /** Asks no longer; another missing message takes the place. */
  cancel(wanted: Wanted): void {
    const own: Own = wanted
    this.#waiting.remove(own.request)
    own.request = undefined
    this.#eligible.delete(own.namedBy, own)
    this.#withoutRoom.delete(own.namedBy, own)
    this.#places.giveBack(own.namedBy, own)
  }

  /** Another names it too: it counts as named by whoever names less. */
  namedToo(wanted: Wanted, member: string, now: number): void {
    const own: Own = wanted
    if (member === own.namedBy) return
    const { isHeldUp } = own
    if (!isHeldUp && this.#placesOf(member) >= this.#placesOf(own.namedBy)) return
    const due = own.request?.isGone === false && !isHeldUp ? own.request.due : undefined
    const isAsked = isHeldUp || due !== undefined || this.#eligible.has(own.namedBy, own)
    const isWithoutRoom = this.#withoutRoom.has(own.namedBy, own)
    this.cancel(own)
    own.namedBy = member
    own.isHeldUp = false
    if (isAsked) this.#wait(own, due ?? now)
    else if (isWithoutRoom) this.schedule(own, now)
  }

  /** Gives room that has become free to missing messages that wait for it. */
  fill(now: number): void {
    while (!this.#places.isFull) {
      const wanted = this.#withoutRoom.first
      if (wanted === undefined) return
      this.schedule(wanted, now)
    }
  }

  /** Finds the requests whose time has come, or comes within `aheadMs`. */
  collect(now: number, aheadMs = 0): void {
    const putOff: Own[] = []
    for (let wanted: Own | undefined; (wanted = this.#waiting.takeDue(now + aheadMs)) !== undefined;) {
      wanted.isHeldUp = this.#questions.freeAt(wanted.namedBy) > now
      if (wanted.isHeldUp || this.#mayComeYet(wanted, now)) {
        putOff.push(wanted)
        continue
      }
      if (this.#eligible.size === 0) this.#eligibleSince = now
      this.#eligible.add(wanted.namedBy, wanted)
    }
    for (const own of putOff) {
      if (own.isHeldUp) {
        this.#wait(own, this.#questions.freeAt(own.namedBy))
        continue
      }
      own.putOffs++
      this.#wait(own, this.#restless.get(own.entry.senderId!)!)
    }
  }

  /** The requests to put into a message with content: those with the lowest T_req. LIP-109, "SDS-R send message". */
  choose(): readonly Wanted[] {
    if (this.#eligible.size === 0) return NONE
    const { maxRequestsPerMessage } = this.#settings.repair
    return [...take(this.#eligible, maxRequestsPerMessage ?? USUAL_REQUESTS)]
  }

  /** Those to put into a sync message: as many as fit into a few kilobytes, unless their number is set. */
  chooseForSync(): readonly Wanted[] {
    if (this.#eligible.size === 0) return NONE
    const { maxRequestsPerMessage } = this.#settings.repair
    if (maxRequestsPerMessage !== undefined || isTight(this.#settings)) return this.choose()
    const chosen: Wanted[] = []
    let bytes = 0
    for (const wanted of this.#eligible) {
      const { messageId, senderId = '' } = wanted.entry
      bytes += messageId.length + senderId.length + ENTRY_BYTES
      if (bytes > MOST_BYTES) break
      chosen.push(wanted)
    }
    return chosen
  }

  /** Collects requests that become due soon, so that they go with those that are due. */
  collectSoon(now: number): void {
    if (!this.#settings.repair.isLip) this.collect(now, TOGETHER_MS)
  }

  /** Puts off to `due` what should have been asked for by `now`. */
  putOffOverdue(now: number, due: number): void {
    this.#waiting.putOffOverdue(now, due)
  }

  /** The clock was moved. */
  shift(ms: number): void {
    this.#waiting.shift(ms)
    this.#eligibleSince += ms
    for (const [senderId, until] of this.#restless) this.#restless.set(senderId, until + ms)
    this.#questions.shift(ms)
  }

  check(): void {
    for (const wanted of [...this.#eligible, ...this.#withoutRoom]) {
      ensure(wanted.request?.isGone !== false && !wanted.isParked, 3)
      const { namedBy } = wanted
      ensure(!this.#eligible.has(namedBy, wanted) || !this.#withoutRoom.has(namedBy, wanted), 3)
    }
    ensure(this.#withoutRoom.size === 0 || this.#places.isFull, 3)
    ensure(this.#waiting.size + this.#eligible.size === this.#places.size, 6)
    ensure(this.#places.size <= this.#settings.repair.maxRequests, 6)
  }

  #placesOf(member: string): number {
    return this.#places.countOf(member) + this.#withoutRoom.countOf(member)
  }

  /** Whether a missing message may come by itself, so that it is not asked for yet. */
  #mayComeYet({ asked, putOffs, entry }: Wanted, now: number): boolean {
    if (asked > 0 || putOffs >= MOST_PUT_OFFS || this.#settings.repair.isLip) return false
    return (this.#restless.get(entry.senderId ?? '') ?? now) > now
  }

  /** The first wait is about the shortest. */
  #askAgain(own: Own, now: number, chance: number): void {
    const { repair } = this.#settings
    const patient = repair.tMinMs * (1 + chance)
    const asked = this.#whomToAsk(own)
    if (asked === 'others') {
      const turns = Math.min(this.#group.size, MOST_TURNS)
      const soon = (1.5 + turns) * SLOT_MS + OTHERS_SPREAD_MS * (1 + chance)
      return this.#wait(own, now + Math.min(soon * 2 ** Math.max(0, own.asked - 1), repair.tMaxMs))
    }
    if (asked === 'author') {
      const soon = 1.5 * this.#roundTrips.windowMs(own.entry.senderId!) + PROMPT_SPREAD_MS * chance
      return this.#wait(own, now + Math.min(soon * 2 ** Math.max(0, own.asked - PROMPT_REQUESTS), patient))
    }
    const wait = patient * 2 ** Math.max(0, own.asked - PATIENT_REQUESTS)
    this.#wait(own, now + Math.min(wait, repair.tMaxMs))
  }

  /**
   * Who can be asked at once: the author, if he was heard lately; else anybody who was. Nobody where the times of LIP-109
   * are wanted in any case, or it is not known whose message it is, which nobody answers.
   */
  #whomToAsk({ entry: { senderId } }: Wanted): 'author' | 'others' | undefined {
    if (senderId === undefined || this.#settings.repair.isLip) return undefined
    if (this.#group.hasHeard(senderId)) return 'author'
    return this.#group.hasHeardOthersThan(senderId) ? 'others' : undefined
  }

  #wait(wanted: Wanted, due: number): void {
    this.cancel(wanted)
    if (!this.#settings.repair.enabled || wanted.isParked) return
    const { namedBy } = wanted
    if (this.#places.isFull) {
      const other = this.#places.toMakeRoomFor(namedBy)
      if (other === undefined) return this.#withoutRoom.add(namedBy, wanted)
      this.cancel(other)
      this.#withoutRoom.add(other.namedBy, other)
    }
    const own: Own = wanted
    own.request = this.#waiting.add(due, wanted)
    this.#places.take(namedBy, wanted)
  }
}
