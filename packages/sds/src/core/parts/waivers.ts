import { SparseMap } from '@reliable-channels/stage/core'
import type { WaivedId } from '../input.ts'

/** Ids that some parked messages need not wait for, and that are met once those are delivered. */
interface Waiver {
  readonly messages: readonly WaivedId[]
  /** Dependents that are not delivered yet. */
  pending: number
}

/** The missing messages that were waived, by the parked messages for which they were. */
export class Waivers {
  /** By the id of the parked message. */
  readonly #byDependent = new SparseMap<string, Waiver[]>()

  /** Waives messages for dependents, at least one, that are not delivered yet. */
  add(messages: readonly WaivedId[], dependents: ReadonlySet<string>): void {
    const waiver = { messages, pending: dependents.size }
    for (const messageId of dependents) {
      const others = this.#byDependent.get(messageId)
      if (others === undefined) this.#byDependent.set(messageId, [waiver])
      else others.push(waiver)
    }
  }

  /** A message is delivered: returns what was waived for it, and for no other that is not. */
  settle(messageId: string): readonly (readonly WaivedId[])[] | undefined {
    const waivers = this.#byDependent.get(messageId)
    if (waivers === undefined) return undefined
    this.#byDependent.delete(messageId)
    return waivers.filter((waiver) => --waiver.pending === 0).map(({ messages }) => messages)
  }
}
