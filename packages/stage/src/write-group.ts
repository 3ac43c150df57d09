import type { Change } from '@reliable-channels/store'

/** Somebody who waits until all that was added before is truly stored. */
export interface StoredWaiter {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Kept for the next ones. */
const FEW = 64

/** Callbacks in order, in memory that is used again: each message has a dozen of them. */
export class Effects {
  #list: ((() => void) | undefined)[] = []
  #taken = 0
  #size = 0

  get isEmpty(): boolean {
    return this.#taken === this.#size
  }

  push(effect: () => void): void {
    this.#list[this.#size++] = effect
  }

  /** Takes out the next; there is one. */
  take(): () => void {
    const effect = this.#list[this.#taken]!
    this.#list[this.#taken++] = undefined
    if (this.#taken === this.#size) {
      this.#taken = this.#size = 0
      if (this.#list.length > FEW) this.#list = []
    }
    return effect
  }

  moveTo(other: Effects): void {
    while (!this.isEmpty) other.push(this.take())
  }
}

/** Changes that are written together, by key, and all that waits for them. */
export interface WriteGroup {
  readonly changes: Map<string, Uint8Array | undefined>
  /** Called once they are written, or once nobody waits for that any more. */
  readonly effects: Effects
  readonly stored: Set<StoredWaiter>
}

/** Makes an empty group. */
export function newGroup(): WriteGroup {
  return { changes: new Map(), effects: new Effects(), stored: new Set() }
}

/** Moves the changes of `from`, and who waits for them, to `to`. Effects stay where they are. */
export function moveChanges(from: WriteGroup, to: WriteGroup): void {
  for (const [key, value] of from.changes) to.changes.set(key, value)
  for (const waiter of from.stored) to.stored.add(waiter)
  from.changes.clear()
  from.stored.clear()
}

/** The changes of a group, as a store takes them. */
export function changesOf({ changes }: WriteGroup): Change[] {
  const list: Change[] = []
  for (const [key, value] of changes) list.push({ key, value })
  return list
}

/** Takes out of a group what has been written after all: changes that nothing has replaced meanwhile, and who waited. */
export function dropWritten(
  { changes, stored }: WriteGroup,
  written: readonly Change[],
  waiters: Iterable<StoredWaiter>,
): void {
  for (const { key, value } of written) {
    if (changes.has(key) && changes.get(key) === value) changes.delete(key)
  }
  for (const waiter of waiters) if (stored.delete(waiter)) waiter.resolve()
}
