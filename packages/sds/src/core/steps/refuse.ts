import type { Frame } from '@reliable-channels/stage'
import type { ContentRefusal } from '../options.ts'
import type { MissingMessage } from '../parts/missing-message.ts'
import { type SdsState, report } from '../state.ts'
import type { SdsMessage } from '../wire/message.ts'
import { meet } from './met.ts'
import { hearsFirst } from './park.ts'
import { addMet } from './store.ts'

/** Of a large message, whose segments come at once. @limit What comes after further ones waits for them for seconds. */
const MOST_FIRST = 512

/**
 * Content that whoever uses it cannot hold is not taken in, as if it had been lost: nobody is told that it is here. What
 * comes after it waits for it, unless it never can be held.
 */
export function refuse(
  state: SdsState,
  { messageId, senderId, content }: SdsMessage,
  frame: Frame,
  refusal: ContentRefusal,
  found: MissingMessage | undefined,
  now: number,
): void {
  report(state, { type: 'refused', messageId, senderId, content: content!, frame, refusal })
  if (refusal === 'never') {
    // By nobody's word, so that no filter has it.
    addMet(state, messageId, 'waived')
    meet(state, messageId)
    return
  }
  const { refusedFirst } = state
  if (hearsFirst(state, now) && refusedFirst.size < MOST_FIRST) refusedFirst.add(messageId)
  if (found !== undefined) state.repairRequests.putOff(found, now)
}
