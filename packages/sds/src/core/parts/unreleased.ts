import type { Lamport } from '../wire/lamport.ts'
import type { HistoryEntry } from '../wire/message.ts'

/** An own message, with what does not change until it is acknowledged. */
export interface OwnMessage {
  readonly messageId: string
  readonly lamport: Lamport
  readonly causalHistory: readonly HistoryEntry[]
  readonly content: Uint8Array
}

/** Own content that was wrapped and has not been released yet, where messages are encoded when they leave. */
export class Unreleased {
  readonly #messages = new Map<string, OwnMessage>()
  /** Ids of content that is not tracked, and so is encoded already. */
  readonly #untracked = new Set<string>()

  /** How much is to be encoded. */
  get size(): number {
    return this.#messages.size
  }

  has(messageId: string): boolean {
    return this.#messages.has(messageId)
  }

  messageIds(): Iterable<string> {
    return this.#messages.keys()
  }

  /** A message is to be encoded when it leaves. */
  hold(message: OwnMessage): void {
    this.#messages.set(message.messageId, message)
  }

  /** It is encoded now, or never. */
  take(messageId: string): OwnMessage | undefined {
    const message = this.#messages.get(messageId)
    if (message !== undefined) this.#messages.delete(messageId)
    return message
  }

  /** Forgets the messages that wait: they will never be encoded. */
  clear(): void {
    this.#messages.clear()
  }

  holdUntracked(messageId: string): void {
    this.#untracked.add(messageId)
  }

  /** Returns whether it was held. */
  takeUntracked(messageId: string): boolean {
    return this.#untracked.delete(messageId)
  }
}
