import { ensure } from './ensure.ts'
import { QueueMap } from './queue-map.ts'

/** Own messages for which it is remembered who has them. @limit The oldest is forgotten. */
const MOST_REMEMBERED = 10_000
/** Participants remembered for one message. @limit Further ones are not. */
const MOST_PARTICIPANTS = 1_000

/** An own message that somebody has, or that was given up. */
interface Settled {
  /** Its number among own messages; see `OwnLog`. */
  readonly number: number
  readonly by: readonly string[]
}

/** Who has acknowledged own messages, the newest so many of them. */
export class Acknowledgements {
  readonly #byId = new QueueMap<string, Settled>()

  /** How many are remembered. */
  get size(): number {
    return this.#byId.size
  }

  /** Whether somebody has acknowledged it, or it was given up. */
  has(messageId: string): boolean {
    return this.#byId.has(messageId)
  }

  check(): void {
    ensure(this.#byId.size <= MOST_REMEMBERED, 6)
  }

  /** Its number, if it is remembered. */
  numberOf(messageId: string): number | undefined {
    return this.#byId.get(messageId)?.number
  }

  /** Who is known to have it. */
  of(messageId: string): readonly string[] {
    return this.#byId.get(messageId)?.by ?? []
  }

  /** Some have it, the first who are known to; or nobody has, and it was given up. */
  begin(messageId: string, number: number, by: readonly string[]): void {
    this.#byId.set(messageId, { number, by })
    if (this.#byId.size > MOST_REMEMBERED) this.#byId.takeOldest()
  }

  /** Yet another has it. Returns whether that is news, and of a message that is remembered. */
  add(messageId: string, by: string): boolean {
    const known = this.#byId.get(messageId)
    if (known === undefined || known.by.length >= MOST_PARTICIPANTS || known.by.includes(by)) return false
    this.#byId.set(messageId, { number: known.number, by: [...known.by, by] })
    return true
  }
}
