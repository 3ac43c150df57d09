import { SparseSet } from '@reliable-channels/stage/core'
/** Entries remembered as named by no other. @limit The oldest is none any more: it was listed often enough. */
const MOST_HEADS = 1_000

/**
 * Ids that no other entry names as before it, in the order in which they came. In a conversation there is one, and each
 * message takes the place of the one before: a set in which that happens is laid out anew every few messages, so a single
 * id is kept beside it.
 */
export class Heads {
  /** The one id there is; `undefined` where there are none, or several. */
  #only: string | undefined
  /** All, where there are several. */
  readonly #several = new SparseSet<string>()

  get size(): number {
    return this.#only === undefined ? this.#several.size : 1
  }

  /** The only one there is. */
  get only(): string | undefined {
    return this.#only
  }

  add(messageId: string): void {
    const several = this.#several
    if (this.size === 0 || this.#only === messageId) {
      this.#only = messageId
      return
    }
    if (this.#only !== undefined) several.add(this.#only)
    this.#only = undefined
    several.add(messageId)
    if (several.size > MOST_HEADS) several.delete(several.values().next().value!)
  }

  delete(messageId: string): void {
    const several = this.#several
    if (this.#only === messageId) this.#only = undefined
    else if (several.delete(messageId) && several.size === 1) {
      this.#only = several.values().next().value
      several.clear()
    }
  }

  /** The newest `count`. */
  last(count: number): string[] {
    if (count <= 0) return []
    const all = this.#only === undefined ? [...this.#several] : [this.#only]
    return all.slice(Math.max(0, all.length - count))
  }
}
