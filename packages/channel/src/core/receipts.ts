import type { FollowedMessage } from '@reliable-channels/sds'
import type { Change, Entry } from '@reliable-channels/store'
import { type Receipt, decodeReceipts, encodeReceipts } from './receipt-record.ts'
import { UNREADABLE } from './record.ts'
import type { OpenRequest } from './requests.ts'

/** Own messages of which it is remembered who has them. @limit The oldest is forgotten: its receipts end. */
const MOST = 1_000
/** Segments of them. @limit Likewise. */
const MOST_SEGMENTS = 10_000
/** Members that a record names. @limit Further ones are forgotten with a restart. */
const MOST_NAMES = 64
/** Segments of stored messages that are followed after a restart. @limit Those of older messages are not. */
const MOST_FOLLOWED = 512

/** A change of what is remembered. */
export interface ReceiptStep {
  readonly changes: readonly Change[]
  /** The message that one member more, or less, has whole. */
  readonly changed?: Receipt
  /** The member that has it now. */
  readonly added?: string
  /** All who had it had lost it before. */
  readonly again?: boolean
  /** The member that has it no more. */
  readonly lost?: string
  /** Requests that were forgotten. */
  readonly forgotten: readonly string[]
}

const NOTHING: ReceiptStep = { changes: [], forgotten: [] }

/** A message whose receipts grow. */
interface Tracked extends Omit<Receipt, 'members'> {
  readonly isStored: boolean
  members: readonly string[]
  /** All who had it have lost it. */
  isLost: boolean
  /** How many of several segments each member is known to have. */
  parts: Map<string, number> | undefined
}

/** Who has the latest own messages, whole: from the first acknowledgement on, and longer than their requests are open. */
export class Receipts {
  /** By request, oldest first. */
  readonly #requests = new Map<string, Tracked>()
  readonly #bySegment = new Map<string, Tracked>()
  /** Kept and reused: a new iterator would pass over all deleted entries again. */
  #oldest: MapIterator<string> | undefined
  readonly #isStored: boolean

  /** @param onCorrupt Told of each entry that cannot be read. */
  constructor(isStored: boolean, restore: Iterable<Entry>, onCorrupt: (key: string, reason: string) => void) {
    this.#isStored = isStored
    const restored: Receipt[] = []
    for (const { key, value } of restore) {
      const receipt = decodeReceipts(key, value)
      if (receipt === undefined) onCorrupt(key, UNREADABLE)
      else restored.push(receipt)
    }
    for (const receipt of restored.toSorted((a, b) => a.sentAt - b.sentAt)) this.#add(receipt, true)
  }

  /** A request that a restart has brought back is open, of which more is known than who has all of it. */
  reopened({ acknowledgedBy, messageIds: segmentIds, ...request }: OpenRequest): void {
    const names = [...acknowledgedBy.keys()]
    const members = names.filter((name) => acknowledgedBy.get(name)! >= request.dataCount)
    const known = this.#requests.get(request.requestId)
    const tracked = known ?? this.#add({ ...request, segmentIds, sentAt: 0, members }, false)
    tracked.members = members
    tracked.parts = new Map(acknowledgedBy)
  }

  /**
   * Segments of the newest messages, the newest last: of those that were acknowledged before a restart, it is to be told who
   * else has them, and who does not any more. Those of requests that are open are told of anyway.
   *
   * @param isUnacknowledged Whether nobody has acknowledged a segment.
   */
  followed(isUnacknowledged: (messageId: string) => boolean): FollowedMessage[] {
    const messages: FollowedMessage[][] = []
    let count = 0
    for (const tracked of [...this.#requests.values()].reverse()) {
      const { segmentIds, members, parts } = tracked
      if (parts !== undefined) continue
      const ids = segmentIds.filter((messageId) => !isUnacknowledged(messageId))
      count += ids.length
      if (count > MOST_FOLLOWED) break
      messages.push(ids.map((messageId) => ({ messageId, acknowledgedBy: members })))
      tracked.parts = new Map(members.map((name) => [name, ids.length]))
    }
    return messages.reverse().flat()
  }

  /** A message, by its request's id or its own. */
  find(id: string): Receipt | undefined {
    const found = this.#requests.get(id) ?? this.#bySegment.get(id)
    // Of several segments, its id is none of theirs.
    return found ?? [...this.#requests.values()].find(({ messageId }) => messageId === id)
  }

  /** Who has the message, those who had it first, first; nobody where it is not remembered. */
  of(id: string): readonly string[] {
    return this.find(id)?.members ?? []
  }

  /** The message of a request. */
  ofRequest(requestId: string): Receipt | undefined {
    return this.#requests.get(requestId)
  }

  /**
   * A message is on its way.
   *
   * @param isKept Whether it is to be known after a restart, whatever becomes of others.
   */
  opened(receipt: Omit<Receipt, 'members'>, isKept = false): ReceiptStep {
    const isStored = this.#isStored || isKept
    const opened = this.#add({ ...receipt, members: [] }, isStored)
    const changes: Change[] = isStored ? [changeOf(opened)] : []
    const forgotten: string[] = []
    while (this.#isFull()) {
      this.#oldest ??= this.#requests.keys()
      const oldest = this.#remove(this.#oldest.next().value!)!
      forgotten.push(oldest.requestId)
      changes.push(...deletionOf(oldest))
    }
    return { changes, forgotten }
  }

  /** It was taken back. */
  cancelled(requestId: string): ReceiptStep {
    const removed = this.#remove(requestId)
    return removed === undefined ? NOTHING : { changes: deletionOf(removed), forgotten: [requestId] }
  }

  /** A member has a segment. Told once for each. */
  acknowledged(segmentId: string, by: string): ReceiptStep {
    const tracked = this.#bySegment.get(segmentId)
    if (tracked === undefined) return NOTHING
    if (!countPart(tracked, by, 1) || tracked.members.includes(by)) return NOTHING
    tracked.members = [...tracked.members, by]
    const again = tracked.isLost
    tracked.isLost = false
    const changes = tracked.isStored && tracked.members.length <= MOST_NAMES ? [changeOf(tracked)] : []
    return { changes, changed: tracked, added: by, again, forgotten: [] }
  }

  /** A member who had a segment does not have it any more. */
  withdrawn(segmentId: string, by: string): ReceiptStep {
    const tracked = this.#bySegment.get(segmentId)
    if (tracked === undefined) return NOTHING
    // Parity may make up for it.
    if (countPart(tracked, by, -1) || !tracked.members.includes(by)) return NOTHING
    tracked.members = tracked.members.filter((member) => member !== by)
    tracked.isLost = tracked.members.length === 0
    return { changes: tracked.isStored ? [changeOf(tracked)] : [], changed: tracked, lost: by, forgotten: [] }
  }

  #add(receipt: Receipt, isStored: boolean): Tracked {
    const tracked: Tracked = { ...receipt, isStored, isLost: false, parts: undefined }
    this.#requests.set(receipt.requestId, tracked)
    for (const id of receipt.segmentIds) this.#bySegment.set(id, tracked)
    return tracked
  }

  #remove(requestId: string): Tracked | undefined {
    const receipt = this.#requests.get(requestId)
    if (receipt === undefined) return undefined
    this.#requests.delete(requestId)
    for (const id of receipt.segmentIds) this.#bySegment.delete(id)
    return receipt
  }

  #isFull(): boolean {
    const { size } = this.#requests
    return size > 1 && (size > MOST || this.#bySegment.size > MOST_SEGMENTS)
  }
}

/** Counts a segment that a member has, or has no more. Returns whether he has all of the message. */
function countPart(tracked: Tracked, by: string, more: 1 | -1): boolean {
  if (tracked.segmentIds.length === 1) return more === 1
  tracked.parts ??= new Map()
  const count = Math.max(0, (tracked.parts.get(by) ?? 0) + more)
  tracked.parts.set(by, count)
  return count >= tracked.dataCount
}

const deletionOf = ({ requestId, isStored }: Tracked): Change[] =>
  isStored ? [{ key: requestId, value: undefined }] : []

const changeOf = (receipt: Receipt): Change => ({ key: receipt.requestId, value: encodeReceipts(receipt) })
