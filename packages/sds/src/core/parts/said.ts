import { SparseMap } from '@reliable-channels/stage/core'
import type { Due, Timers } from './due-heap.ts'
import type { OutgoingMessage } from './outgoing-message.ts'

/** Falls due when a message has waited for so long that it acknowledges too late. */
export interface Unsay {
  readonly type: 'unsay'
  readonly message: OutgoingMessage
}

/** What is acknowledged by own messages that have not left yet: if they do not leave in time, another has to do it. */
export class Said {
  readonly #timers: Timers<Unsay>
  readonly #byMessage = new SparseMap<
    OutgoingMessage,
    { readonly ids: readonly string[]; readonly timer: Due }
  >()

  constructor(timers: Timers<Unsay>) {
    this.#timers = timers
  }

  /** A message that acknowledges `ids` is to leave by then. */
  hold(message: OutgoingMessage, ids: readonly string[], due: number): void {
    this.#byMessage.set(message, { ids, timer: this.#timers.add(due, { type: 'unsay', message }) })
  }

  /** It has left, or will not in time: what it acknowledges, for the last time. */
  take(message: OutgoingMessage): readonly string[] {
    const said = this.#byMessage.get(message)
    if (said === undefined) return []
    this.#timers.remove(said.timer)
    this.#byMessage.delete(message)
    return said.ids
  }
}
