import { SparseMap } from '@reliable-channels/stage/core'
import type { RequestOutput } from '../core/request-outcome.ts'

/**
 * Segments of messages that were delivered, of which it is still noticed that somebody loses them.
 * @limit Of the oldest message it is not any more.
 */
const MOST_SEGMENTS = 1_024

/** A message that was delivered. */
export interface DeliveredRequest {
  readonly requestId: string
  readonly messageIds: readonly string[]
  /** So many segments make it whole. */
  readonly dataCount: number
  /** Who was named to have it whole. */
  readonly deliveredTo: readonly string[]
}

interface Kept extends DeliveredRequest {
  deliveredTo: readonly string[]
}

/** What becomes of messages whose delivery has ended: a receipt goes back when its member has lost the message. */
export class DeliveredRequests {
  readonly #acknowledgedBy: (messageId: string) => readonly string[]
  readonly #bySegment = new SparseMap<string, Kept>()
  /** Kept and reused: a new iterator would pass over all deleted entries again. */
  #oldest: MapIterator<Kept> | undefined

  /** @param acknowledgedBy Who is known to have a segment. */
  constructor(acknowledgedBy: (messageId: string) => readonly string[]) {
    this.#acknowledgedBy = acknowledgedBy
  }

  /** A message is delivered, and nothing more happens to it as a rule. */
  keep(request: DeliveredRequest): void {
    const kept = { ...request }
    for (const messageId of kept.messageIds) this.#bySegment.set(messageId, kept)
    while (this.#bySegment.size > MOST_SEGMENTS) {
      this.#oldest ??= this.#bySegment.values()
      for (const messageId of this.#oldest.next().value!.messageIds) this.#bySegment.delete(messageId)
    }
  }

  /** Somebody does not have a segment any more. Returns what that means, if he was named. */
  withdrawn(messageId: string, by: string): RequestOutput | undefined {
    const kept = this.#bySegment.get(messageId)
    if (kept === undefined || !kept.deliveredTo.includes(by)) return undefined
    const holders = this.#holders(kept)
    // Parity may make up for it.
    if (holders.includes(by)) return undefined
    kept.deliveredTo = holders
    return { type: 'receipt-withdrawn', requestId: kept.requestId, by, deliveredTo: holders }
  }

  /** Somebody has a segment. Returns what that means, if nobody had all of it any more. */
  acknowledged(messageId: string): RequestOutput | undefined {
    const kept = this.#bySegment.get(messageId)
    if (kept === undefined || kept.deliveredTo.length > 0) return undefined
    kept.deliveredTo = this.#holders(kept)
    const { requestId, deliveredTo } = kept
    return deliveredTo.length === 0 ? undefined : { type: 'delivered', requestId, deliveredTo, again: true }
  }

  #holders({ messageIds, dataCount }: Kept): string[] {
    const counts = new Map<string, number>()
    for (const messageId of messageIds)
      for (const name of this.#acknowledgedBy(messageId)) counts.set(name, (counts.get(name) ?? 0) + 1)
    return [...counts].filter(([, count]) => count >= dataCount).map(([name]) => name)
  }
}
