import type { Uint64 } from '@reliable-channels/wire'
import { SparseMap, SparseSet } from '@reliable-channels/stage/core'
import { type SenderIdentity, senderKey } from './segment-set.ts'
import { type Span, above, widened } from './span.ts'

/** A message that is complete, and which of its segments have come. */
export interface CompletedMessage {
  readonly sender: SenderIdentity
  readonly payloadHash: string
  readonly dataCount: number
  readonly parityCount: number
  /** One bit for each place in wire order. */
  readonly seen: Uint8Array
  /** Where its segments stand among what their sender has sent. */
  span: Span
  readonly ephemeral: boolean
  /** Where it is stored, if it is. */
  readonly recordKey: string | undefined
}

/** A message that is no longer remembered. */
export interface ForgottenMessage {
  readonly message: CompletedMessage
  /** Where what did not come of it would make it once more: all of that stands below this in its sender's order. */
  readonly below: Uint64 | undefined
}

/** Names what a message is remembered under: its sender, whose name begins in another way than a hash does, and its payload. */
const keysOf = ({ sender, payloadHash }: CompletedMessage): string[] =>
  ['', payloadHash].map((begin) => begin + senderKey(sender))

/** The complete messages remembered, oldest first; when it is full the oldest goes. */
export class CompletedMessages {
  readonly #max: number
  readonly #messages = new SparseSet<CompletedMessage>()
  /** The same in order, by {@link keysOf}. */
  readonly #groups = new SparseMap<string, Set<CompletedMessage>>()
  /** Senders whose latest message might come once more: where the next one begins is to be known. */
  readonly #open = new SparseSet<SenderIdentity>()

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#messages.size
  }

  /** Those of one payload, which may have been sent more than once, but for what has come in full and tells where it stands. */
  of(sender: SenderIdentity, payloadHash: string): ReadonlySet<CompletedMessage> | undefined {
    return this.#groups.get(payloadHash + senderKey(sender))
  }

  /** Whether a message is to be remembered though nothing more can come of it: it tells where the one before ends. */
  needsEnd(sender: SenderIdentity): boolean {
    return this.#open.has(sender)
  }

  /** Remembers a message. @returns those forgotten for it */
  add(message: CompletedMessage): ForgottenMessage[] {
    const forgotten: ForgottenMessage[] = []
    const { sender } = message
    this.#messages.add(message)
    for (const key of keysOf(message))
      this.#groups.set(key, (this.#groups.get(key) ?? new Set()).add(message))
    this.#leaveIfFull(message)
    if (mayComeAgain(message)) this.#open.add(sender)
    else if (!message.ephemeral) this.#open.delete(sender)
    while (this.#messages.size > this.#max) forgotten.push(this.#forgetOne(sender))
    return forgotten
  }

  /** A segment has come of what was complete without it. */
  came(message: CompletedMessage, place: number, lamport: Uint64 | undefined): void {
    markSeen(message.seen, place)
    message.span = widened(message.span, lamport)
    this.#leaveIfFull(message)
  }

  /** Of what has come in full nothing more comes, and what stands elsewhere is a message of its own. */
  #leaveIfFull(message: CompletedMessage): void {
    const { seen, span, dataCount, parityCount } = message
    if (span.last !== undefined && countSeen(seen) === dataCount + parityCount)
      this.#leave(keysOf(message)[1]!, message)
  }

  #leave(key: string, message: CompletedMessage): void {
    const group = this.#groups.get(key)
    group?.delete(message)
    if (group?.size === 0) this.#groups.delete(key)
  }

  /**
   * Who takes more than half of the room makes room for himself. The newest of a sender that might come once more is
   * spared: what comes of it cannot be told from what he will send next.
   */
  #forgetOne(sender: SenderIdentity): ForgottenMessage {
    const own = this.#groups.get(senderKey(sender))!
    const candidates = sender !== undefined && own.size > this.#max / 2 ? own : this.#messages
    let oldest: CompletedMessage | undefined
    for (const message of candidates) {
      oldest ??= message
      if (!mayComeAgain(message)) return this.#forget(message)
      const next = this.#nextOf(message)
      if (next !== undefined) return this.#forget(message, next)
    }
    return this.#forget(oldest!, afterLast(oldest!))
  }

  /** Where the next message of the same sender begins. */
  #nextOf({ sender, ephemeral, span: { last = 0 } }: CompletedMessage): Uint64 | undefined {
    let next: Uint64 | undefined
    for (const { span, ephemeral: other } of this.#groups.get(senderKey(sender))!) {
      const { first } = span
      // What is not known is neither before nor after.
      if (other === ephemeral && first! > last && !(first! >= next!)) next = first
    }
    return next
  }

  #forget(message: CompletedMessage, below?: Uint64): ForgottenMessage {
    const { sender } = message
    this.#messages.delete(message)
    for (const key of keysOf(message)) this.#leave(key, message)
    if (!this.#groups.has(senderKey(sender))) this.#open.delete(sender)
    return { message, below }
  }
}

/** Whether what has not come of a message makes it once more, and that can be told by where it stands. */
function mayComeAgain({ parityCount, seen, span }: CompletedMessage): boolean {
  return countSeen(seen) <= parityCount && span.last !== undefined
}

function afterLast(message: CompletedMessage): Uint64 {
  return above(message.span.last ?? 0, reachOf(message))
}

/** Segments of one message are stamped one after the other, by the clock where that is further: so far apart at most. */
const APART = 100

/** How far from the others a segment of a message may stand. */
export const reachOf = ({
  dataCount,
  parityCount,
}: Pick<CompletedMessage, 'dataCount' | 'parityCount'>): number => APART + 2 * (dataCount + parityCount)

/** Whether the segment at this place has come. */
export function hasSeen(message: CompletedMessage, place: number): boolean {
  return ((message.seen[place >> 3] ?? 0) & (1 << (place & 7))) !== 0
}

/** How many segments have come. */
export function countSeen(seen: Uint8Array): number {
  let count = 0
  for (let byte of seen) for (; byte !== 0; byte &= byte - 1) count++
  return count
}

/** Notes that the segment at this place has come. */
export function markSeen(seen: Uint8Array, place: number): void {
  seen[place >> 3]! |= 1 << (place & 7)
}
