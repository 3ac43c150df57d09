import { QueueMap } from './queue-map.ts'

/**
 * Bytes of questions without an answer, a second, for what one member has named; and for what all have.
 * @limit Further ones wait until that has come in, but for what they carry of others.
 */
const BYTES_PER_SECOND = 1_024
const BYTES_PER_SECOND_OF_ALL = 4_096
/** So long a time's bytes may be spent at once: 4 MiB for each, 16 MiB for all. */
const BURST_MS = 4_096_000
/** Members of whom it is remembered. @limit That of the oldest is forgotten; that of all is not. */
const MOST_MEMBERS = 256

/**
 * What asking for missing messages costs, paid by whoever has named them until they come: who names what does not exist
 * makes others ask in vain, and each question carries a filter.
 */
export class Questions {
  /** When what a member has caused is paid for. */
  readonly #paidUntil = new QueueMap<string, number>(MOST_MEMBERS)
  #allPaidUntil = -Infinity

  /** A question for something that a member has named takes so many bytes, or, if less than 0, has been answered. */
  spend(member: string, bytes: number, now: number): void {
    const paidUntil = this.#paidUntil.get(member) ?? now
    this.#paidUntil.put(member, Math.max(paidUntil, now) + (1_000 * bytes) / BYTES_PER_SECOND)
    this.#allPaidUntil = Math.max(this.#allPaidUntil, now) + (1_000 * bytes) / BYTES_PER_SECOND_OF_ALL
  }

  /** From when on something that a member has named may be asked for. */
  freeAt(member: string): number {
    return Math.max(this.#paidUntil.get(member) ?? -Infinity, this.#allPaidUntil) - BURST_MS
  }

  /** The clock was moved. */
  shift(ms: number): void {
    for (const [member, until] of this.#paidUntil) this.#paidUntil.set(member, until + ms)
    this.#allPaidUntil += ms
  }
}
