import type { Store } from '@reliable-channels/store'
import type { ChannelEvent } from './truth/receive.ts'

/** What a program received or was told while its store failed, until the store certainly has it. */
export class Unsaved {
  /** By id, how many writes had begun. */
  readonly #ids = new Map<string, number>()
  #writes = 0
  #isDirty = false
  #isInDoubt = false

  get ids(): ReadonlySet<string> {
    return new Set(this.#ids.keys())
  }

  /** The store has failed and has not recovered, or what came meanwhile still waits for it. */
  get isDirty(): boolean {
    return this.#isDirty || this.#ids.size > 0
  }

  /** Some of it may be stored: a write had no answer, or one has succeeded that had begun before. */
  get isInDoubt(): boolean {
    return this.#isInDoubt
  }

  /** The program got a message, or sent one. */
  add(id: string): void {
    if (this.#isDirty) this.#ids.set(id, this.#writes)
  }

  /** Hears how the store is. */
  hear(event: Extract<ChannelEvent, { type: 'diagnostic' }>): void {
    if (event.code === 'store-failed') this.#isDirty = true
    if (event.code === 'gave-up-waiting' && event.detail.what.startsWith('store'))
      this.#isDirty = this.#isInDoubt = true
    if (event.code !== 'store-recovered') return
    this.#isDirty = false
    this.#isInDoubt = this.#ids.size > 0
  }

  /** The same store, whose writes are heard. */
  watch(store: Store): Store {
    return {
      ...store,
      write: async (changes) => {
        const begun = ++this.#writes
        await store.write(changes)
        // Those that ask whether the store answers at all hold nothing.
        if (changes.length > 0) this.#saved(begun)
      },
    }
  }

  /** A write is done: each takes along all that was there when it began. */
  #saved(begun: number): void {
    for (const [id, writes] of this.#ids) if (writes < begun) this.#ids.delete(id)
    if (!this.isDirty) this.#isInDoubt = false
  }
}
