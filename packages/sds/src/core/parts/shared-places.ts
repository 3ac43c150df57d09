import { SparseMap } from '@reliable-channels/stage/core'

/** Who holds how many of a limited number of places, and what is in them. */
export class SharedPlaces<T> {
  readonly #most: number
  readonly #held = new SparseMap<string, Set<T>>()
  /** The members who hold as many as the index says. */
  readonly #byCount: Set<string>[] = []
  #size = 0

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#size
  }

  get isFull(): boolean {
    return this.#size >= this.#most
  }

  countOf(member: string): number {
    return this.#held.get(member)?.size ?? 0
  }

  take(member: string, item: T): void {
    let held = this.#held.get(member)
    if (held === undefined) this.#held.set(member, (held = new Set()))
    if (held.has(item)) return
    held.add(item)
    this.#move(member, held.size - 1, held.size)
    this.#size++
  }

  giveBack(member: string, item: T): void {
    const held = this.#held.get(member)
    if (held?.delete(item) !== true) return
    this.#move(member, held.size + 1, held.size)
    if (held.size === 0) this.#held.delete(member)
    this.#size--
  }

  /**
   * The item that is to make room for one of `member`'s where all places are taken: the oldest of whoever holds most, if
   * that is so many more that it does not go back and forth.
   */
  toMakeRoomFor(member: string): T | undefined {
    const [richest] = this.#byCount.at(-1) ?? []
    if (richest === undefined || this.#byCount.length - 1 <= this.countOf(member) + 1) return undefined
    return this.#held.get(richest)!.values().next().value
  }

  #move(member: string, from: number, to: number): void {
    this.#byCount[from]?.delete(member)
    if (to > 0) {
      while (this.#byCount.length <= to) this.#byCount.push(new Set())
      this.#byCount[to]!.add(member)
    }
    while (this.#byCount.length > 0 && this.#byCount.at(-1)!.size === 0) this.#byCount.pop()
  }
}
