import { ensure } from './ensure.ts'

/** Own messages remembered by number. */
const MOST = 10_000
/** Of them, those looked for in what somebody has, at once. */
const MOST_AT_ONCE = 512
/** Members of whom it is remembered how far that went. */
const MOST_MEMBERS = 1_000

/** An own message. */
export interface OwnName {
  readonly messageId: string
  readonly madeAt: number
}

/**
 * Own messages in the order in which they were wrapped. Each comes after all before it, so that whoever has delivered one
 * has all before it that his filter holds too.
 */
export class OwnLog {
  readonly #names: { messageId: string; madeAt: number }[] = []
  readonly #numbers = new Map<string, number>()
  /** By member: the number of the last own message that was looked for in what he has. */
  readonly #lookedUpTo = new Map<string, number>()
  #newest = 0

  /** A message was wrapped. */
  add(messageId: string, number: number, now: number): void {
    const slot = number % MOST
    const before = this.#names[slot]
    if (before !== undefined && this.#numbers.get(before.messageId) === number - MOST)
      this.#numbers.delete(before.messageId)
    this.#names[slot] = { messageId, madeAt: now }
    this.#numbers.set(messageId, number)
    this.#newest = number
  }

  /** Messages were taken back: they will not leave, and their numbers are given again. */
  takenBack(messageIds: readonly string[]): void {
    for (const messageId of messageIds) this.#numbers.delete(messageId)
    this.#newest -= messageIds.length
  }

  /** Its number, if it is remembered. */
  numberOf(messageId: string): number | undefined {
    return this.#numbers.get(messageId)
  }

  /** Ids, up to the one of that number, that were not looked for yet in what a member has; the latest so many. */
  *newTo(memberId: string, upTo: number): Iterable<string> {
    const done = this.#lookedUpTo.get(memberId) ?? 0
    if (upTo <= done) return
    for (let number = Math.max(done + 1, upTo - MOST_AT_ONCE + 1, 1); number <= upTo; number++) {
      yield this.#names[number % MOST]!.messageId
    }
    this.#lookedUpTo.delete(memberId)
    this.#lookedUpTo.set(memberId, upTo)
    if (this.#lookedUpTo.size > MOST_MEMBERS)
      for (const id of this.#lookedUpTo.keys()) return void this.#lookedUpTo.delete(id)
  }

  /** The last so many, the newest first. */
  *latest(count: number): Iterable<OwnName> {
    for (let number = this.#newest; number > Math.max(0, this.#newest - Math.min(count, MOST)); number--)
      yield this.#names[number % MOST]!
  }

  /** The clock was moved. */
  shift(ms: number): void {
    for (const name of this.#names) if (name !== undefined) name.madeAt += ms
  }

  check(): void {
    ensure(this.#numbers.size <= MOST && this.#lookedUpTo.size <= MOST_MEMBERS, 6)
  }
}
