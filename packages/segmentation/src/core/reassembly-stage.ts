import type { Stage, Step } from '@reliable-channels/stage'
import { SparseSet } from '@reliable-channels/stage/core'
import { concat, equalBytes, hexOf, unshared } from '@reliable-channels/wire'
import {
  type CompletedMessage,
  CompletedMessages,
  type ForgottenMessage,
  hasSeen,
  markSeen,
} from './completed-messages.ts'
import { decodeSegment } from './decode-segment.ts'
import { MAX_SEGMENTS } from './dialect.ts'
import { type HasherFactory, defaultHasher } from './hasher.ts'
import { CompletedHorizons } from './completed-horizons.ts'
import { ParkedSegments, type ParkedGroup } from './parked-segments.ts'
import { rebuild } from './rebuild.ts'
import { rebuiltEvent } from './rebuilt-event.ts'
import { type ReassemblyLimits, reassemblyLimits } from './reassembly-options.ts'
import type {
  SetDropReason,
  ParkedSegment,
  ReassemblyFrame,
  ReassemblyInput,
  ReassemblyStageOptions,
  ReassemblyOutput,
  LostReason,
  ReadmittedSegments,
  ReassemblyStats,
  SegmentRejectReason,
  SetName,
  ShelveReason,
} from './reassembly-types.ts'
import { SetPlaces } from './places.ts'
import { Queue } from './queue.ts'
import { ReassemblyLedger } from './reassembly-ledger.ts'
import {
  type RestoredSegment,
  type RestoredShelved,
  encodeCompletedRecord,
  encodeHorizonRecord,
  encodeSegmentRecord,
  encodeShelvedRecord,
} from './records.ts'
import { newSearchBudget } from './search-budget.ts'
import { type Restored, readEntries } from './restored.ts'
import { type Segment, wireIndexOf } from './segment.ts'
import {
  type HeldSegment,
  SegmentSet,
  type SenderIdentity,
  claimOf,
  keyOfSet,
  shapeKey,
  shapeOf,
} from './segment-set.ts'
import { SetPool } from './set-pool.ts'
import { Shelf, type ShelvedSet } from './shelf.ts'
import { NOWHERE, widened } from './span.ts'
import { validateSegment } from './validate-segment.ts'

/** Segments in, whole messages out; see {@link createReassemblyStage}. */
export interface ReassemblyStage<F extends ReassemblyFrame = ReassemblyFrame> extends Stage<
  ReassemblyInput<F>,
  ReassemblyOutput<F>
> {
  /** How full it is, and what it has turned away. */
  stats(): ReassemblyStats
  /**
   * Why a segment cannot be held, now (`no-room`) or ever: to be asked before it is acknowledged, and to be told as
   * `refused`. `undefined` where it can be, or has come already.
   */
  refusal(frame: ReassemblyFrame): SegmentRejectReason | undefined
  /** Whether the content of a segment is needed, or may be. */
  needs(messageId: string): boolean
}

/**
 * Sets of one payload whose segments contradict each other, kept side by side until one proves right.
 * @limit A further one is rejected (`count-mismatch`).
 */
const MAX_RIVALS = 4
/** Messages that were refused for good of which that is remembered. @limit The oldest is told as lost again. */
const MOST_REFUSED = 64
/** Of a message of a single segment. */
const FIRST_PLACE: readonly number[] = [0]

/**
 * Puts messages together from segments that come in any order, repeated, or not at all (LIP-243).
 *
 * A message is out as soon as as many different segments are held as it has data segments, and its hash is right.
 * A few corrupt segments do no harm where enough good ones are held. Payloads are held as views where that wastes
 * little: what is handed in must not change afterwards. A message is copied once, into a new array.
 *
 * Its changes hold one entry for each segment of an incomplete message (deleted with it), one for each complete
 * message remembered that came in several segments or without ids, and one for each sender of whom such are forgotten.
 *
 * @throws `SegmentationOptionError`
 */
export function createReassemblyStage<F extends ReassemblyFrame>(
  options: ReassemblyStageOptions = {},
): ReassemblyStage<F> {
  return new Reassembly<F>(options)
}

class Reassembly<F extends ReassemblyFrame> implements ReassemblyStage<F> {
  readonly #raw: boolean
  readonly #limits: ReassemblyLimits
  readonly #newHasher: HasherFactory
  readonly #pool: SetPool
  readonly #completed: CompletedMessages
  readonly #horizons = new CompletedHorizons()
  readonly #parked: ParkedSegments
  readonly #shelf: Shelf<F>
  readonly #places: SetPlaces
  readonly #queue: Queue<F>
  /** Messages that were refused for good, and that was told; the last ones. */
  readonly #refused = new SparseSet<string>()
  readonly #isAwaited: (set: SetName) => boolean
  readonly #ledger: ReassemblyLedger<F>
  /** The lane of the present segment. */
  #lane: { readonly lane?: object } = {}

  constructor(options: ReassemblyStageOptions) {
    this.#limits = reassemblyLimits(options)
    this.#raw = options.dialect === 'raw'
    this.#newHasher = options.hasher ?? defaultHasher
    this.#places = placesFor(this.#limits)
    this.#pool = new SetPool(this.#limits, this.#places)
    this.#completed = new CompletedMessages(this.#limits.maxCompleted)
    this.#parked = new ParkedSegments(this.#limits.maxBufferedBytes, this.#places)
    const { maxShelvedSegments, timeoutMs } = this.#limits
    this.#shelf = new Shelf(maxShelvedSegments)
    this.#queue = new Queue(this.#places, maxShelvedSegments || this.#limits.maxSets, 2 * timeoutMs)
    this.#isAwaited = options.isAwaited ?? (() => false)
    const restored = readEntries(options.restore ?? [], options.writer)
    this.#ledger = new ReassemblyLedger(options.persistent ?? true, restored.numbers)
    this.#restore(restored, options.onCorrupt)
    const { restoredAt } = options
    if (restoredAt === undefined) return
    for (const set of this.#pool.all()) set.updatedAt = restoredAt
    this.#places.putOff(restoredAt)
  }

  handle(input: ReassemblyInput<F>, now: number): Step<ReassemblyOutput<F>> {
    switch (input.type) {
      case 'segment':
        this.#lane = input.lane === undefined ? {} : { lane: input.lane }
        this.#receive(input.frame, now)
        break
      case 'offer':
        this.#offer(input.parked, now)
        break
      case 'refused':
        this.#turnAway(input.frame, now)
        break
      case 'readmit':
        for (const set of this.#shelf.ofPayload(input.senderId, input.payloadHash))
          this.#readmit(set, input, now)
        break
      case 'start':
        break
      case 'suspended':
        // Only overdue sets expire.
        this.#pool.putOff(now - this.#limits.timeoutMs, now)
        this.#places.putOff(now)
    }
    this.#settleQueue(now)
    return this.#ledger.finish()
  }

  deadline(): number | undefined {
    const oldest = this.#pool.oldest
    const expiry = oldest && oldest.updatedAt + this.#limits.timeoutMs
    const turn = this.#queue.next
    return expiry === undefined || turn === undefined ? (expiry ?? turn) : Math.min(expiry, turn)
  }

  tick(now: number): Step<ReassemblyOutput<F>> {
    for (let set = this.#pool.oldest; set !== undefined; set = this.#pool.oldest) {
      if (set.updatedAt + this.#limits.timeoutMs > now) break
      const { sender, payloadHash } = set
      const isParked = sender !== undefined && this.#parked.group(sender, payloadHash, set.shapeKey)
      if (isParked || this.#isAwaited({ senderId: sender, payloadHash })) this.#pool.grew(set, 0, now)
      else this.#putAside(set, 'expired')
    }
    this.#settleQueue(now)
    return this.#ledger.finish()
  }

  stats(): ReassemblyStats {
    return {
      sets: this.#pool.size,
      bufferedBytes: this.#pool.bytes,
      completed: this.#completed.size,
      parked: this.#parked.size,
      shelved: this.#shelf.size,
      queued: this.#queue.size,
      rejected: { ...this.#ledger.rejected },
      dropped: { ...this.#ledger.dropped },
    }
  }

  refusal({ payload, senderId }: ReassemblyFrame): SegmentRejectReason | undefined {
    if (this.#raw) return undefined
    const segment = decodeSegment(payload)
    if (segment === undefined) return 'undecodable'
    return validateSegment(segment, this.#limits.maxSegmentBytes) ?? this.#refusalOf(segment, senderId)
  }

  needs(messageId: string): boolean {
    return this.#pool.has(messageId) || this.#shelf.has(messageId)
  }

  #refusalOf(segment: Segment, sender: SenderIdentity): 'cache-full' | 'no-room' | undefined {
    const claim = claimOf(sender, segment)
    if (!this.#places.canHold(claim)) return 'cache-full'
    // One that is whole when it comes takes no place.
    if (segment.dataCount === 1 || this.#places.has(claim.key)) return undefined
    const message = this.#completed.get(sender, hexOf(segment.hash))
    if (message !== undefined && !hasSeen(message, wireIndexOf(segment))) return undefined
    // Who waits has his turn first.
    const { first } = this.#queue
    const hasRoom = this.#places.hasRoom(claim, first?.key === claim.key ? undefined : first)
    return hasRoom ? undefined : 'no-room'
  }

  /** A segment was refused: it comes again once there is room for its message, if there ever is. */
  #turnAway(frame: F, now: number): void {
    const reason = this.refusal(frame) ?? 'no-room'
    this.#ledger.reject(reason, frame)
    const segment = decodeSegment(frame.payload)
    if (segment === undefined || reason === 'invalid') return
    const claim = claimOf(frame.senderId, segment)
    const queued = this.#queue.get(claim.key)
    const set = queued ?? newShelved<F>({ ...nameOf(frame.senderId, segment), shape: shapeOf(segment) })
    if (reason !== 'no-room') {
      if (!this.#refused.has(claim.key)) this.#ledger.lose(set, 'too-large')
      this.#refused.delete(claim.key)
      this.#refused.add(claim.key)
      if (this.#refused.size > MOST_REFUSED) this.#refused.delete(this.#refused.values().next().value!)
      return
    }
    if (frame.messageId === undefined) return
    const { sender: senderId, payloadHash, shape } = set
    if (queued === undefined)
      this.#ledger.put({ type: 'queued', payloadHash, senderId, lengthBytes: shape.lengthBytes })
    const victim = this.#queue.add(claim, set, wireIndexOf(segment), frame.messageId)
    if (victim !== undefined) this.#ledger.lose(victim, 'no-room')
    this.#places.moved(claim.key, now)
  }

  /** Gives messages that wait the places that have become free. */
  #settleQueue(now: number): void {
    if (this.#queue.size === 0) return
    const isAwaited = ({ sender, payloadHash }: ShelvedSet<F>): boolean =>
      this.#isAwaited({ senderId: sender, payloadHash })
    const { invited, lost } = this.#queue.settle(now, isAwaited)
    for (const set of lost) this.#ledger.lose(set, 'not-sent-again')
    for (const set of invited) this.#lack(set, [...set.segments.values()])
  }

  /** A segment of a message is here: if it waited, the others are asked for. */
  #arrived(key: string): void {
    const waited = this.#queue.size === 0 ? undefined : this.#queue.arrived(key)
    if (waited !== undefined) this.#lack(waited, [...waited.segments.values()])
  }

  #lack(
    { sender, payloadHash }: Pick<ShelvedSet<F>, 'sender' | 'payloadHash'>,
    segments: readonly { readonly messageId: string }[],
  ): void {
    const messageIds = segments.map(({ messageId }) => messageId)
    this.#ledger.put({ type: 'lacking', payloadHash, senderId: sender, messageIds })
  }

  #receive(frame: F, now: number): void {
    if (frame.messageId !== undefined) this.#parked.remove(frame.messageId)
    if (this.#raw) return this.#emitWhole(frame)
    const segment = decodeSegment(frame.payload)
    if (segment === undefined) return this.#ledger.reject('undecodable', frame)
    const fault = validateSegment(segment, this.#limits.maxSegmentBytes)
    if (fault !== undefined) return this.#ledger.reject(fault, frame)
    const sender = frame.senderId
    const payloadHash = hexOf(segment.hash)
    const shape = shapeKey(segment)
    const known = this.#pool.get(sender, payloadHash, shape)
    const shelved = known === undefined ? this.#shelf.get(sender, payloadHash, shape) : undefined
    if (this.#isStraggler(frame, segment, sender, payloadHash, known ?? shelved))
      return this.#ledger.reject('completed', frame)
    if (known === undefined && shelved === undefined && this.#isBeyond(frame, segment))
      return this.#ledger.reject('completed', frame)
    if (shelved !== undefined && frame.messageId !== undefined)
      this.#joinAside(frame, frame.messageId, segment, shelved, now)
    else this.#join(frame, segment, known, now)
    if (sender !== undefined) this.#consider(this.#parked.group(sender, payloadHash, shape))
  }

  #emitWhole(frame: F): void {
    const message = { payloadHash: '', dataCount: 1, parityCount: 0, heldCount: 1, recovered: false }
    this.#ledger.put({ type: 'message', frame, payload: unshared(frame.payload), message, ...this.#lane })
  }

  /** Whether a segment belongs to a message that is complete, rather than to the same payload sent once more. */
  #isStraggler(
    frame: F,
    segment: Segment,
    sender: SenderIdentity,
    payloadHash: string,
    known: object | undefined,
  ): boolean {
    const message = this.#completed.get(sender, payloadHash)
    if (message === undefined) return false
    const place = wireIndexOf(segment)
    const alike = message.dataCount === segment.dataCount && message.parityCount === segment.parityCount
    if (frame.messageId !== undefined && frame.late !== true) {
      if (known !== undefined || !alike || hasSeen(message, place)) return false
    }
    if (alike && !hasSeen(message, place)) {
      markSeen(message.seen, place)
      this.#storeCompleted(message)
    }
    return true
  }

  /** Whether a segment may be what did not come of a message that was complete, makes it once more, and is forgotten. */
  #isBeyond({ senderId, lamport, late, ephemeral = false }: F, segment: Segment): boolean {
    const { isParity, dataCount, parityCount } = segment
    if (lamport === undefined || (!isParity && late !== true) || parityCount < dataCount) return false
    return this.#horizons.isBeyond(senderId, ephemeral, lamport)
  }

  /** Adds a segment to its set, and completes or limits what follows. */
  #join(frame: F, segment: Segment, known: SegmentSet | undefined, now: number): void {
    const sender = frame.senderId
    const rivals = known === undefined ? this.#pool.rivals(sender, hexOf(segment.hash)) : []
    if (rivals.length >= MAX_RIVALS) return this.#ledger.reject('count-mismatch', frame)
    const isNew = known === undefined
    if (isNew && rivals.length === 0 && this.#completeAlone(frame, segment)) return
    const set = known ?? new SegmentSet(sender, segment, now, rivals.length > 0, this.#newHasher)
    const relation = set.relation(segment)
    if (relation === 'duplicate') return this.#ledger.reject(relation, frame)
    if (relation === 'conflict' && !set.hasRoomAside(segment)) return this.#ledger.reject('conflict', frame)
    if (!this.#pool.fitsAlone(set.sender, set.bytes + segment.content.length)) {
      if (!isNew) this.#putAside(set, 'evicted')
      const { payloadHash, shapeKey: key, shape } = set
      const shelved = this.#shelf.get(sender, payloadHash, key)
      const canBegin = isNew && this.#limits.maxShelvedSegments > 0
      const aside =
        shelved ?? (canBegin ? newShelved<F>({ sender, payloadHash, shapeKey: key, shape }) : undefined)
      if (aside === undefined || frame.messageId === undefined)
        return this.#ledger.reject('cache-full', frame)
      // A message that is too large to be held may still come out of the history, whole.
      return this.#joinAside(frame, frame.messageId, segment, aside, now)
    }
    const held: HeldSegment = {
      content: owned(segment.content),
      messageId: frame.messageId,
      recordKey: undefined,
    }
    set.add(segment, held)
    set.span = widened(set.span, frame.lamport)
    if (isNew) this.#pool.insert(set)
    this.#pool.gained(set, held, relation === 'new' ? now : undefined)
    this.#arrived(set.claim.key)

    if (relation === 'conflict') this.#ledger.reject('conflict', frame)
    else if (set.isRival) this.#ledger.reject('count-mismatch', frame)
    else this.#ledger.progress(set)

    if (this.#complete(set, frame)) return
    if (set.isHopeless) return this.#drop(set, 'hash-mismatch')
    held.recordKey = this.#ledger.newKey('s')
    this.#ledger.store(held.recordKey, () =>
      encodeSegmentRecord({
        sender: set.sender,
        receivedAt: set.updatedAt,
        payload: frame.payload,
        messageId: frame.messageId,
        lamport: frame.lamport,
      }),
    )
    this.#makeRoom(set)
  }

  /** Completes a message of a single segment, as most are, without a set for it. Returns whether it was one, and intact. */
  #completeAlone(frame: F, segment: Segment): boolean {
    const { dataCount, parityCount, hash, content } = segment
    const { senderId: sender } = frame
    if (dataCount !== 1 || parityCount !== 0 || !this.#pool.fitsAlone(sender, content.length)) return false
    const payload = concat([content])
    if (!equalBytes(this.#newHasher().update(payload).digest(), hash)) return false
    const payloadHash = hexOf(hash)
    const { length: bytes } = payload
    this.#ledger.put({ type: 'progress', payloadHash, senderId: sender, held: 1, needed: 1, bytes })
    this.#forgetRivals(sender, payloadHash)
    const span = widened(NOWHERE, frame.lamport)
    this.#remember({ sender, payloadHash, shape: shapeOf(segment), span }, FIRST_PLACE, frame)
    const message = { payloadHash, dataCount, parityCount, heldCount: 1, recovered: false }
    this.#ledger.put({ type: 'message', frame, payload, message, ...this.#lane })
    return true
  }

  #makeRoom(set: SegmentSet): void {
    for (let victim = this.#pool.victim(set); victim !== undefined; victim = this.#pool.victim(set)) {
      this.#putAside(victim, 'evicted')
    }
  }

  #complete(set: SegmentSet, frame: F): boolean {
    if (set.held < set.needed) return false
    const assembled = rebuild(set.shape, set.places, set.budget, this.#newHasher, set.digest())
    if (assembled === undefined) return false
    const { sender, payloadHash, shape, places } = set
    const { dataCount, parityCount } = shape
    const heldCount = set.held
    this.#forgetRivals(sender, payloadHash)
    this.#remember(set, places.keys(), frame)
    this.#ledger.put({
      type: 'message',
      frame,
      payload: concat(assembled.parts),
      message: { payloadHash, dataCount, parityCount, heldCount, recovered: assembled.recovered },
      ...this.#lane,
    })
    return true
  }

  /** Removes all sets of a payload that is complete. */
  #forgetRivals(sender: SenderIdentity, payloadHash: string): void {
    for (const rival of this.#pool.rivals(sender, payloadHash)) this.#remove(rival)
    for (const rival of this.#shelf.ofPayload(sender, payloadHash)) this.#removeShelved(rival)
  }

  #remember(
    { sender, payloadHash, shape, span }: Pick<SegmentSet, 'sender' | 'payloadHash' | 'shape' | 'span'>,
    places: Iterable<number>,
    { ephemeral = false, messageId }: F,
  ): void {
    const { dataCount, parityCount } = shape
    const seen = new Uint8Array(Math.ceil((dataCount + parityCount) / 8))
    for (const place of places) markSeen(seen, place)
    // Of one that came as one segment with an id, whoever made the id knows whether it has been here.
    const isStored = messageId === undefined || dataCount + parityCount > 1
    const recordKey = isStored ? this.#ledger.newKey('c') : undefined
    const message: CompletedMessage = {
      sender,
      payloadHash,
      dataCount,
      parityCount,
      seen,
      span,
      ephemeral,
      recordKey,
    }
    this.#storeCompleted(message)
    this.#forgotten(this.#completed.add(message))
  }

  #storeCompleted(message: CompletedMessage): void {
    const { recordKey } = message
    if (recordKey !== undefined) this.#ledger.store(recordKey, () => encodeCompletedRecord(message))
  }

  /** Complete messages are forgotten; where they might come once more, memory ends there. */
  #forgotten(forgotten: readonly ForgottenMessage[]): void {
    for (const { message, below } of forgotten) {
      const { sender, ephemeral, recordKey } = message
      if (recordKey !== undefined) this.#ledger.forget(recordKey)
      if (below === undefined) continue
      const newKey = (): string => this.#ledger.newKey('h')
      const { stored, gone } = this.#horizons.raise({ sender, ephemeral, below }, newKey)
      for (const each of stored) this.#ledger.store(each.recordKey, () => encodeHorizonRecord(each))
      for (const each of gone) this.#ledger.forget(each.recordKey)
    }
  }

  /**
   * Drops the contents of a set. Where its segments have message ids they were acknowledged, and SDS has them in its
   * history: their ids are kept, and the set goes on.
   */
  #putAside(set: SegmentSet, reason: ShelveReason): void {
    const ids = new Map<number, string>()
    for (const [place, [first]] of set.places)
      if (first?.messageId !== undefined) ids.set(place, first.messageId)
    if (ids.size < set.places.size || this.#limits.maxShelvedSegments === 0) return this.#drop(set, reason)
    const { sender, payloadHash, shapeKey: key, shape, span } = set
    const shelved = newShelved<F>({ sender, payloadHash, shapeKey: key, shape })
    if (set.isRecalled) {
      // Nobody had what was asked for.
      for (const [place, messageId] of ids) shelved.segments.set(place, { messageId, recordKey: '' })
      this.#remove(set)
      return this.#giveUp(shelved, 'forgotten')
    }
    this.#ledger.shelve(set, reason)
    for (const [place, messageId] of ids)
      this.#shelve(shelved, place, { messageId, lamport: span.last }, set.updatedAt)
    this.#remove(set)
    this.#tidyShelf()
  }

  #shelve(
    set: ShelvedSet<F>,
    place: number,
    { messageId, lamport }: { readonly messageId: string } & Pick<ReassemblyFrame, 'lamport'>,
    now: number,
  ): void {
    const recordKey = this.#ledger.newKey('i')
    this.#holdShelved(set, now)
    this.#ledger.store(recordKey, () => encodeShelvedRecord({ ...set, messageId, lamport, place }))
    this.#shelf.add(set, place, { messageId, recordKey })
    set.span = widened(set.span, lamport)
  }

  /** Before a segment is added to a set on the shelf. */
  #holdShelved(set: ShelvedSet<F>, now: number): void {
    const { sender, payloadHash, shapeKey: key, shape } = set
    const { lengthBytes, dataCount: segments } = shape
    const bytes = lengthBytes ?? segments * this.#limits.maxSegmentBytes
    const claim = { key: keyOfSet(sender, payloadHash, key), sender, bytes, segments }
    if (set.segments.size === 0) this.#places.hold(claim, now)
    this.#places.moved(claim.key, now)
  }

  #tidyShelf(): void {
    for (let victim = this.#shelf.victim(); victim !== undefined; victim = this.#shelf.victim()) {
      this.#lose(victim, 'no-room')
    }
  }

  #lose(set: ShelvedSet<F>, reason: LostReason): void {
    this.#giveUp(set, reason)
    this.#removeShelved(set)
  }

  /** What was acknowledged of a message that will not come is acknowledged no more. */
  #giveUp(set: ShelvedSet<F>, reason: LostReason): void {
    const { sender, payloadHash, segments } = set
    const messageIds = [...segments.values()].map(({ messageId }) => messageId)
    this.#ledger.put({ type: 'disowned', payloadHash, senderId: sender, messageIds })
    this.#ledger.lose(set, reason)
  }

  #removeShelved(set: ShelvedSet<F>): void {
    this.#shelf.remove(set)
    this.#places.release(keyOfSet(set.sender, set.payloadHash, set.shapeKey))
    for (const { recordKey } of set.segments.values()) this.#ledger.forget(recordKey)
  }

  /** Adds a further segment to a set that was put aside: its id is enough. */
  #joinAside(frame: F, messageId: string, segment: Segment, set: ShelvedSet<F>, now: number): void {
    const place = wireIndexOf(segment)
    if (set.segments.has(place)) return this.#ledger.reject('duplicate', frame)
    this.#shelve(set, place, { messageId, lamport: frame.lamport }, now)
    this.#arrived(keyOfSet(set.sender, set.payloadHash, set.shapeKey))
    const { sender, payloadHash, shape } = set
    const counts = { held: set.segments.size, needed: shape.dataCount, bytes: 0 }
    this.#ledger.put({ type: 'progress', payloadHash, senderId: sender, ...counts })
    this.#tidyShelf()
    if (set.origin !== undefined || counts.held < counts.needed) return
    set.origin = { frame, ...this.#lane }
    this.#want(set)
  }

  #want({ sender, payloadHash, segments }: ShelvedSet<F>): void {
    const messageIds = [...segments.values()].map(({ messageId }) => messageId)
    this.#ledger.put({ type: 'wanted', payloadHash, senderId: sender, messageIds })
  }

  /** Puts the message together from contents that the history has given back. */
  #readmit(set: ShelvedSet<F>, { segments: given }: ReadmittedSegments, now: number): void {
    const { sender, payloadHash, shape } = set
    const contents = new Map(given.map(({ messageId, content }) => [messageId, content]))
    const candidates = new Map<number, { content: Uint8Array }[]>()
    const decoded = new Map<number, Segment>()
    for (const [place, { messageId }] of set.segments) {
      const content = contents.get(messageId)
      const segment = content && decodeSegment(content)
      const isRight =
        segment !== undefined &&
        validateSegment(segment, this.#limits.maxSegmentBytes) === undefined &&
        hexOf(segment.hash) === payloadHash &&
        shapeKey(segment) === set.shapeKey &&
        wireIndexOf(segment) === place
      if (!isRight) continue
      candidates.set(place, [{ content: segment.content }])
      decoded.set(place, segment)
    }
    const { dataCount, parityCount } = shape
    if (candidates.size < dataCount) return this.#recall(set, decoded, contents, now)
    const assembled = rebuild(shape, candidates, newSearchBudget(), this.#newHasher)
    if (assembled === undefined) return this.#lose(set, 'hash-mismatch')
    const places = [...set.segments.keys()]
    // After a restart the frame that completed the message is gone.
    const last = [...set.segments.values()].at(-1)!
    const unknown = {
      payload: new Uint8Array(0),
      senderId: sender,
      messageId: last.messageId,
    } as ReassemblyFrame as F
    const { frame, ...lane } = set.origin ?? { frame: unknown }
    this.#forgetRivals(sender, payloadHash)
    this.#remember(set, places, frame)
    const { recovered } = assembled
    this.#ledger.put({
      type: 'message',
      frame,
      payload: concat(assembled.parts),
      message: { payloadHash, dataCount, parityCount, heldCount: candidates.size, recovered },
      ...lane,
    })
  }

  /**
   * The history has forgotten some of a set that was put aside: the rest is taken back from it, and what was forgotten is
   * asked for.
   */
  #recall(
    set: ShelvedSet<F>,
    decoded: ReadonlyMap<number, Segment>,
    contents: ReadonlyMap<string, Uint8Array | undefined>,
    now: number,
  ): void {
    const { sender, payloadHash } = set
    const [segment] = decoded.values()
    const { lengthBytes = Infinity } = set.shape
    if (
      segment === undefined ||
      !this.#pool.fitsAlone(sender, lengthBytes) ||
      this.#pool.rivals(sender, payloadHash).length > 0
    ) {
      return this.#lose(set, 'forgotten')
    }
    const recalled = new SegmentSet(sender, segment, now, false, this.#newHasher)
    recalled.isRecalled = true
    recalled.span = set.span
    this.#pool.insert(recalled)
    const lacking: { readonly messageId: string }[] = []
    for (const [place, { messageId }] of set.segments) {
      const one = decoded.get(place)
      if (one === undefined) {
        lacking.push({ messageId })
        continue
      }
      const recordKey = this.#ledger.newKey('s')
      const held = { content: owned(one.content), messageId, recordKey }
      recalled.add(one, held)
      this.#pool.gained(recalled, held, now)
      this.#ledger.store(recordKey, () =>
        encodeSegmentRecord({
          sender,
          receivedAt: now,
          payload: contents.get(messageId)!,
          messageId,
          lamport: set.span.last,
        }),
      )
    }
    this.#removeShelved(set)
    this.#lack(set, lacking)
    this.#makeRoom(recalled)
  }

  #drop(set: SegmentSet, reason: SetDropReason): void {
    const { sender, payloadHash, places } = set
    const copies = [...places.values()].flat()
    const messageIds = copies.flatMap(({ messageId }) => (messageId === undefined ? [] : [messageId]))
    if (messageIds.length > 0)
      this.#ledger.put({ type: 'disowned', payloadHash, senderId: sender, messageIds })
    this.#ledger.drop(set, reason)
    this.#remove(set)
  }

  #remove(set: SegmentSet): void {
    this.#pool.remove(set)
    for (const copies of set.places.values())
      for (const { recordKey } of copies) if (recordKey !== undefined) this.#ledger.forget(recordKey)
  }

  #offer(offered: readonly ParkedSegment[], now: number): void {
    const touched = new Set<ParkedGroup>()
    for (const segment of offered) {
      const group = this.#parked.add(segment, this.#limits.maxSegmentBytes, now)
      if (group === undefined) continue
      touched.add(group)
      this.#arrived(group.key)
    }
    for (const group of touched) this.#consider(group)
  }

  /** Sees whether parked segments of a payload need not wait any longer. */
  #consider(group: ParkedGroup | undefined): void {
    if (group === undefined) return
    const set = this.#pool.get(group.senderId, group.payloadHash, group.shapeKey)
    const completed = this.#completed.get(group.senderId, group.payloadHash)
    const event = rebuiltEvent(group, set, completed, this.#parked.all(), {
      newHasher: this.#newHasher,
      causalHistoryLength: this.#limits.causalHistoryLength,
    })
    if (event !== undefined) this.#ledger.put(event)
  }

  #restore(
    { segments, messages, shelved, horizons, damaged }: Restored,
    onCorrupt: ReassemblyStageOptions['onCorrupt'],
  ): void {
    for (const key of damaged) {
      onCorrupt?.(key, 'not a record of this version')
      this.#ledger.forget(key)
    }
    for (const horizon of horizons)
      if (!this.#horizons.restore(horizon)) this.#ledger.forget(horizon.recordKey)
    for (const message of messages) this.#forgotten(this.#completed.add(message))
    for (const one of shelved) this.#restoreShelved(one)
    this.#tidyShelf()
    for (const segment of segments) this.#restoreSegment(segment)
    for (const set of this.#shelf.all()) if (set.segments.size >= set.shape.dataCount) this.#want(set)
  }

  #restoreShelved(restored: RestoredShelved): void {
    const { sender, messageId, shape, shapeKey: key, place, lamport, recordKey } = restored
    const payloadHash = hexOf(shape.hash)
    const known = this.#shelf.get(sender, payloadHash, key)
    if (known?.segments.has(place) === true) return this.#ledger.forget(recordKey)
    const set = known ?? newShelved<F>({ sender, payloadHash, shapeKey: key, shape })
    this.#holdShelved(set, 0)
    this.#shelf.add(set, place, { messageId, recordKey })
    set.span = widened(set.span, lamport)
  }

  #restoreSegment(restored: RestoredSegment): void {
    const { sender, messageId, receivedAt, segment, lamport, recordKey } = restored
    const payloadHash = hexOf(segment.hash)
    const known = this.#pool.get(sender, payloadHash, shapeKey(segment))
    const isRival = known === undefined && this.#pool.rivals(sender, payloadHash).length > 0
    const set = known ?? new SegmentSet(sender, segment, receivedAt, isRival, this.#newHasher)
    const relation = set.relation(segment)
    if (relation === 'duplicate') return this.#ledger.forget(recordKey)
    if (!this.#pool.fitsAlone(sender, set.bytes + segment.content.length)) {
      this.#ledger.forget(recordKey)
      if (known !== undefined) this.#putAside(known, 'evicted')
      return
    }
    const held = { content: segment.content, messageId, recordKey }
    set.add(segment, held)
    set.span = widened(set.span, lamport)
    if (known === undefined) this.#pool.insert(set)
    this.#pool.gained(set, held, receivedAt)
    this.#makeRoom(set)
  }
}

/** By their whole length, what a history can hold, or else the pool. */
function placesFor(limits: ReassemblyLimits): SetPlaces {
  const { maxBufferedBytes, maxBufferedBytesPerSender, maxRecalledBytes, timeoutMs } = limits
  const { maxShelvedSegments, maxSets, maxSetsPerSender } = limits
  const isRecalled = maxShelvedSegments > 0 && maxRecalledBytes > maxBufferedBytes
  const share = (most: number): number => Math.floor((most * 7) / 8)
  const ids = maxShelvedSegments
  const [segments, segmentsOfSender] =
    ids > 0 ? [ids, share(ids)] : [maxSets * MAX_SEGMENTS, maxSetsPerSender * MAX_SEGMENTS]
  return new SetPlaces({
    ofAll: { bytes: isRecalled ? maxRecalledBytes : maxBufferedBytes, segments },
    ofSender: {
      bytes: isRecalled ? share(maxRecalledBytes) : maxBufferedBytesPerSender,
      segments: segmentsOfSender,
    },
    ofMessage: { bytes: isRecalled ? maxRecalledBytes : maxBufferedBytesPerSender, segments },
    mostMs: timeoutMs,
  })
}

const nameOf = (
  sender: SenderIdentity,
  segment: Segment,
): Pick<ShelvedSet, 'sender' | 'payloadHash' | 'shapeKey'> => ({
  sender,
  payloadHash: hexOf(segment.hash),
  shapeKey: shapeKey(segment),
})

function newShelved<F extends ReassemblyFrame>(
  name: Pick<ShelvedSet<F>, 'sender' | 'payloadHash' | 'shapeKey' | 'shape'>,
): ShelvedSet<F> {
  return { ...name, segments: new Map(), span: NOWHERE, origin: undefined }
}

/** A view is kept as it is, unless that would hold on to much more memory than it shows. */
function owned(content: Uint8Array): Uint8Array {
  return content.buffer.byteLength > 2 * content.length + 1024 ? content.slice() : content
}
