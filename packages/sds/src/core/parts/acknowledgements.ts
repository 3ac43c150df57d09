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
  /** Who has it: the first, and any others. In most groups one is all that is heard of. */
  first: string | undefined
  others: Set<string> | undefined
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
    const { first, others = [] } = this.#byId.get(messageId) ?? NOBODY
    return first === undefined ? [] : [first, ...others]
  }

  /** Whether somebody is known to have it. */
  isByAny(messageId: string): boolean {
    return this.#byId.get(messageId)?.first !== undefined
  }

  /** Whether one is known to have it. */
  isBy(messageId: string, by: string): boolean {
    const known = this.#byId.get(messageId)
    return known !== undefined && isOf(known, by)
  }

  /** Somebody has it, the first who is known to; or nobody has, and it was given up. */
  begin(messageId: string, number: number, by?: string): void {
    this.#byId.set(messageId, { number, first: by, others: undefined })
    if (this.#byId.size > MOST_REMEMBERED) this.#byId.takeOldest()
  }

  /** Yet another has it. Returns whether that is news, and of a message that is remembered. */
  add(messageId: string, by: string): boolean {
    const known = this.#byId.get(messageId)
    if (known === undefined || isOf(known, by)) return false
    if (known.first === undefined) {
      known.first = by
      return true
    }
    known.others ??= new Set()
    if (known.others.size + 1 >= MOST_PARTICIPANTS) return false
    known.others.add(by)
    return true
  }
}

const NOBODY: Partial<Settled> = {}

const isOf = ({ first, others }: Settled, by: string): boolean => first === by || others?.has(by) === true
