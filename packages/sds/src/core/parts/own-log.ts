import type { HistoryEntry } from '../wire/message.ts'
import { ensure } from './ensure.ts'
import { QueueMap } from './queue-map.ts'

/** Own messages remembered that do not come after all before them. @limit Of those before the oldest nothing is inferred. */
const MOST_APART = 10_000
/** Own messages remembered by number. */
const MOST = 10_000
/** Of them, those looked for in what somebody has, at once. */
const MOST_AT_ONCE = 512
/** Members of whom it is remembered how far that went. */
const MOST_MEMBERS = 1_000

const NONE: readonly string[] = []

/** In place of a number: a message that comes after no own one, nor any own one after it. */
export const LOOSE: number = -Infinity

/**
 * Own messages in the order in which they were wrapped, by number. Each comes after all before it, so that whoever has
 * delivered one has all before it that his filter holds too; but for those that overtook others, and for loose ones.
 */
export class OwnLog {
  /** Ids of the last so many, and when they were wrapped, by the remainder of their number. */
  readonly #ids: string[] = []
  readonly #madeAt: number[] = []
  /** By member: the number of the last own message that was looked for in what he has. */
  readonly #lookedUpTo = new QueueMap<string, number>(MOST_MEMBERS)
  /** Of those that do not come after all before them: up to which number they do. */
  readonly #after = new QueueMap<number, number>(MOST_APART)
  #oldestAfter = -1
  #urgentUpTo = -1
  #newest = 0
  /** The last one of earlier processes. */
  #earlier: string | undefined
  /** Of those that another message may refer to. */
  #referredTo = 0
  /** The group that is being wrapped, and what its first message came after. */
  #group: { readonly name: string; readonly after: readonly HistoryEntry[] } | undefined

  /** Number of the newest: how many were wrapped and not taken back. */
  get newest(): number {
    return this.#newest
  }

  /**
   * Id of the newest that is not loose, be it an earlier process's.
   *
   * @param before Of those that do not come after the one of that number.
   */
  latest(before: number = Infinity): string | undefined {
    for (let number = this.#newest; number > Math.max(0, this.#newest - MOST); number--) {
      const after = this.after(number)
      if (after !== LOOSE && after < before) return this.idOf(number)
    }
    return this.#earlier
  }

  /** An earlier process wrapped that one last. */
  restoreLatest(messageId: string): void {
    this.#earlier = messageId
  }

  /**
   * A message was wrapped. Returns its number.
   *
   * @param after Up to which number it comes after own ones, if that is not all; {@link LOOSE} of one that does after none.
   */
  add(messageId: string, now: number, after?: number): number {
    const number = ++this.#newest
    const place = number % MOST
    this.#ids[place] = messageId
    this.#madeAt[place] = now
    // It may have been that of a message that was taken back.
    if (after === undefined) this.#after.delete(number)
    else this.#oldestAfter = this.#after.put(number, after)?.key ?? this.#oldestAfter
    return number
  }

  /** Up to which number all own messages come before one. */
  after(number: number): number {
    return this.#after.get(number) ?? (number <= this.#oldestAfter ? LOOSE : number)
  }

  /** An urgent message was wrapped: what is lost of those that come before it holds it up. */
  urge(number: number): void {
    this.#urgentUpTo = Math.max(this.#urgentUpTo, this.after(number))
  }

  /** Whether an urgent message comes after one. */
  isUrged(number: number): boolean {
    return number <= this.#urgentUpTo
  }

  /**
   * The causal history of a group's first message, if another one of the group is being wrapped now. Else `undefined`:
   * a group begins, whose first message has the causal history `after`.
   */
  joinGroup(name: string | undefined, after: readonly HistoryEntry[]): readonly HistoryEntry[] | undefined {
    if (name !== undefined && this.#group?.name === name) return this.#group.after
    this.#group = name === undefined ? undefined : { name, after }
    return undefined
  }

  /** Another message that leaves may refer to all that were wrapped. */
  refer(): void {
    this.#referredTo = this.#newest
  }

  /** Whether those of these numbers are the newest, and nothing may refer to them. */
  areFree(numbers: ReadonlySet<number>): boolean {
    const after = Math.max(this.#newest - numbers.size, this.#referredTo)
    for (const number of numbers) if (number <= after) return false
    return numbers.size > 0
  }

  /** The newest were taken back: they will not leave, and their numbers are given again. */
  takenBack(messageIds: readonly string[]): void {
    this.#newest -= messageIds.length
    if (this.#group?.after.some(({ messageId }) => messageIds.includes(messageId))) this.#group = undefined
  }

  /** Ids, up to the one of that number, that were not looked for yet in what a member has; the latest so many. */
  newTo(memberId: string, upTo: number): readonly string[] {
    const done = this.#lookedUpTo.get(memberId) ?? 0
    if (upTo <= done) return NONE
    const first = Math.max(done, upTo - MOST_AT_ONCE, this.#newest - MOST) + 1
    const ids: string[] = []
    for (let number = first; number <= upTo; number++)
      if (this.after(number) !== LOOSE) ids.push(this.idOf(number))
    this.#lookedUpTo.put(memberId, upTo)
    return ids
  }

  /** The id of one of the last so many. */
  idOf(number: number): string {
    return this.#ids[number % MOST]!
  }

  /** When one of the last so many was wrapped. */
  madeAt(number: number): number {
    return this.#madeAt[number % MOST]!
  }

  /** The clock was moved. */
  shift(ms: number): void {
    for (const [place, at] of this.#madeAt.entries()) this.#madeAt[place] = at + ms
  }

  check(): void {
    ensure(this.#ids.length <= MOST, 6)
  }
}
