import { type SenderIdentity, senderKey } from './segment-set.ts'

/** A message that is complete, and which of its segments have come. */
export interface CompletedMessage {
  readonly sender: SenderIdentity
  readonly payloadHash: string
  readonly dataCount: number
  readonly parityCount: number
  /** One bit for each place in wire order. */
  readonly seen: Uint8Array
  /** Where it is stored. */
  readonly recordKey: string
}

/** The complete messages remembered, oldest first; when it is full the oldest goes. */
export class CompletedMessages {
  readonly #max: number
  readonly #messages = new Map<string, CompletedMessage>()
  readonly #counts = new Map<SenderIdentity, number>()

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#messages.size
  }

  get(sender: SenderIdentity, payloadHash: string): CompletedMessage | undefined {
    return this.#messages.get(payloadHash + senderKey(sender))
  }

  /** Remembers a message, in place of an earlier one with the same payload. @returns those forgotten for it */
  add(message: CompletedMessage): CompletedMessage[] {
    const forgotten: CompletedMessage[] = []
    const earlier = this.get(message.sender, message.payloadHash)
    if (earlier !== undefined) forgotten.push(this.#forget(earlier))
    this.#messages.set(message.payloadHash + senderKey(message.sender), message)
    this.#counts.set(message.sender, (this.#counts.get(message.sender) ?? 0) + 1)
    while (this.#messages.size > this.#max) forgotten.push(this.#forget(this.#oldest(message.sender)))
    return forgotten
  }

  /** Who takes more than half of the room makes room for himself. */
  #oldest(sender: SenderIdentity): CompletedMessage {
    const [oldest] = this.#messages.values()
    const tooMany = sender !== undefined && this.#counts.get(sender)! > this.#max / 2
    if (!tooMany) return oldest!
    for (const message of this.#messages.values()) if (message.sender === sender) return message
    return oldest!
  }

  #forget(message: CompletedMessage): CompletedMessage {
    this.#messages.delete(message.payloadHash + senderKey(message.sender))
    const left = this.#counts.get(message.sender)! - 1
    if (left === 0) this.#counts.delete(message.sender)
    else this.#counts.set(message.sender, left)
    return message
  }
}

/** Whether the segment at this place has come. */
export function hasSeen(message: CompletedMessage, place: number): boolean {
  return ((message.seen[place >> 3] ?? 0) & (1 << (place & 7))) !== 0
}

/** Notes that the segment at this place has come. */
export function markSeen(seen: Uint8Array, place: number): void {
  seen[place >> 3]! |= 1 << (place & 7)
}
