import { comesBefore } from '../history/log-entry.ts'
import type { Parked } from './parked-message.ts'

/**
 * Messages looked at to find a circle of those that wait for each other.
 * @limit A larger one is not found: it is released when its members are given up.
 */
const MOST_IN_CIRCLE = 64

/** What was found, after so many looks. */
interface Found<T> {
  /** The first message of the circle, in the order of the log, if there is one. */
  readonly first?: T
  readonly looks: number
}

/**
 * Looks for messages that wait for each other and for nothing that may still come: ids that are hashes of contents come
 * twice. The message `suspect` may be one of them.
 */
export function findCircle<T extends Parked>(
  suspect: T,
  all: { get(messageId: string): T | undefined },
  missing: { has(messageId: string): boolean },
): Found<T> {
  let looks = 1
  if (suspect.waitsFor === 0 || all.get(suspect.entry.messageId) !== suspect) return { looks }
  let first = suspect
  const seen = new Set([suspect])
  for (const parked of seen) {
    if (comesBefore(parked.entry, first.entry)) first = parked
    for (const { messageId } of parked.entry.causalHistory) {
      looks++
      if (!missing.has(messageId)) continue
      const before = all.get(messageId)
      // It may come; or it is about to be delivered.
      if (before === undefined || before.waitsFor === 0) return { looks }
      seen.add(before)
      if (seen.size > MOST_IN_CIRCLE) return { looks }
    }
  }
  return { first, looks }
}
