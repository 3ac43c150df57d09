import { SparseMap } from '@reliable-channels/stage/core'

/**
 * A line in which each member has a line of its own, and they take turns: who puts in a thousand does not make the one of
 * another wait behind them.
 */
export class FairLine<T> {
  /** The lines, the one whose turn it is first. */
  readonly #lines = new SparseMap<string, Set<T>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  has(member: string, item: T): boolean {
    return this.#lines.get(member)?.has(item) === true
  }

  /** How many a member has in it. */
  countOf(member: string): number {
    return this.#lines.get(member)?.size ?? 0
  }

  add(member: string, item: T): void {
    const line = this.#lines.get(member)
    if (line === undefined) this.#lines.set(member, new Set([item]))
    else if (line.has(item)) return
    else line.add(item)
    this.#size++
  }

  /** Takes one out: it is the turn of the others. */
  delete(member: string, item: T): boolean {
    const line = this.#lines.get(member)
    if (line?.delete(item) !== true) return false
    this.#size--
    this.#lines.delete(member)
    if (line.size > 0) this.#lines.set(member, line)
    return true
  }

  /** Whose turn it is, and the item that has waited longest of his. */
  get first(): T | undefined {
    const [line] = this.#lines.values()
    return line?.values().next().value
  }

  /** All of them, one of each member in turn. */
  *[Symbol.iterator](): Generator<T> {
    let lines = Array.from(this.#lines.values(), (line) => line.values())
    while (lines.length > 0) {
      const left: typeof lines = []
      for (const line of lines) {
        const { value, done } = line.next()
        if (done === true) continue
        yield value
        left.push(line)
      }
      lines = left
    }
  }
}
