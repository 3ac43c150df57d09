import type { SdsState } from '../state.ts'
import { openAgain } from './reopen.ts'
import { answerOwn } from './respond.ts'
import { resendLacked } from './retransmit.ts'

/**
 * Own messages that somebody has lost are sent to him again: until they are acknowledged, where nobody else has them. One that
 * cannot be sent, as it is forgotten or there is no room, is undelivered.
 */
export function sendAgain(state: SdsState, messageIds: readonly string[], by: string, now: number): void {
  const { unacknowledged, acknowledgements, history, outputs } = state
  for (const messageId of messageIds) {
    if (unacknowledged.get(messageId) !== undefined) continue
    if (acknowledgements.isByAny(messageId)) answerOwn(state, messageId, by, now)
    else {
      const message = openAgain(state, messageId, now)
      if (message !== undefined) resendLacked(state, message, by, now, true)
      else {
        const forgotten = (history.get(messageId)?.contentLength ?? 0) === 0
        outputs.report({ type: 'delivery-failed', messageId, retransmissions: 0, forgotten })
      }
    }
  }
}
