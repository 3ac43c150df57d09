import { ensure } from './ensure.ts'
import { QueueMap } from './queue-map.ts'

/** Own messages for which it is remembered who has them. @limit The oldest is forgotten. */
const MOST_REMEMBERED = 10_000
/** Participants remembered for one message. @limit Further ones are not. */
const MOST_PARTICIPANTS = 1_000

/** Who has acknowledged own messages, the newest so many of them. */
export class Acknowledgements {
  readonly #byId = new QueueMap<string, readonly string[]>()

  /** Whether somebody has acknowledged it, or it was given up. */
  has(messageId: string): boolean {
    return this.#byId.has(messageId)
  }

  check(): void {
    ensure(this.#byId.size <= MOST_REMEMBERED, 6)
  }

  /** Who is known to have it. */
  of(messageId: string): readonly string[] {
    return this.#byId.get(messageId) ?? []
  }

  /** Somebody has a message, the first that is known to. */
  begin(messageId: string, by: string): void {
    this.#byId.set(messageId, [by])
    if (this.#byId.size > MOST_REMEMBERED) this.#byId.takeOldest()
  }

  /** It was given up, and nobody is known to have it. */
  giveUp(messageId: string): void {
    this.#byId.set(messageId, [])
    if (this.#byId.size > MOST_REMEMBERED) this.#byId.takeOldest()
  }

  /** Yet another has it. Returns whether that is news, and of a message that is remembered. */
  add(messageId: string, by: string): boolean {
    const known = this.#byId.get(messageId)
    if (known === undefined || known.length >= MOST_PARTICIPANTS || known.includes(by)) return false
    this.#byId.set(messageId, [...known, by])
    return true
  }
}
