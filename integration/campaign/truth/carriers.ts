import type { SdsMessage } from '@reliable-channels/sds/core'
import { idInSegment } from '../note.ts'

/** Which message each SDS message carries, and what it comes after. */
export class Carriers {
  /** App ids by the ids of the SDS messages that carry them. */
  readonly #carried = new Map<string, string>()
  /** The SDS messages that each names as those before it. */
  readonly #after = new Map<string, readonly string[]>()

  hear({ messageId, content, causalHistory }: SdsMessage): void {
    if (content === undefined || content.length === 0 || this.#after.has(messageId)) return
    this.#after.set(
      messageId,
      causalHistory.map((before) => before.messageId),
    )
    const id = idInSegment(content)
    if (id !== undefined) this.#carried.set(messageId, id)
  }

  idOf(messageId: string): string | undefined {
    return this.#carried.get(messageId)
  }

  nameOf(messageId: string): string {
    return this.idOf(messageId) ?? messageId
  }

  /** What an SDS message carries, and all that it comes after. */
  *before(messageId: string): Generator<string> {
    const ids = new Set([messageId])
    for (const each of ids) {
      for (const before of this.#after.get(each) ?? []) ids.add(before)
      const id = this.idOf(each)
      if (id !== undefined) yield id
    }
  }
}
