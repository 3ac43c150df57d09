import type { Life } from './life.ts'
import { type Memory, copyMemory, newMemory } from './truth.ts'

/** What a member remembers, what is on its disk, and a copy of both. */
export class Past {
  memory: Memory
  /** What is on the disk. */
  readonly medium = new Map<string, Uint8Array>()
  /** The disk knows nothing: the next process begins anew. */
  hasForgotten = true
  readonly #now: () => number
  readonly #hasStore: boolean
  #copy: { readonly medium: Map<string, Uint8Array>; readonly memory: Memory } | undefined

  constructor(now: () => number, hasStore: boolean) {
    this.#now = now
    this.#hasStore = hasStore
    this.memory = newMemory(now())
  }

  get hasCopy(): boolean {
    return this.#copy !== undefined
  }

  /** Its memory begins now. */
  forget(): void {
    this.memory = newMemory(this.#now())
  }

  /** Takes out of the memory what was not stored, since that may come again. */
  forgetUnsaved(life: Life): void {
    if (this.#hasStore) this.memory = this.#saved(life)
    // Whose store knows nothing is new again.
    const { has, accepted } = this.memory
    if (has.size + accepted.size === 0) this.hasForgotten = true
  }

  backUp(life: Life): void {
    this.#copy = { medium: new Map(this.medium), memory: this.#saved(life) }
  }

  /** Puts the copy in its place. */
  rollBack(): void {
    if (this.#copy === undefined) return
    this.medium.clear()
    for (const [key, value] of this.#copy.medium) this.medium.set(key, value)
    this.memory = copyMemory(this.#copy.memory, new Set<string>())
    // Though it was lost before.
    this.hasForgotten = false
  }

  /** Empties the disk. */
  lose(): void {
    this.medium.clear()
    this.hasForgotten = true
    this.forget()
  }

  #saved({ unsaved }: Life): Memory {
    return copyMemory(this.memory, unsaved.ids, unsaved.isInDoubt)
  }
}
