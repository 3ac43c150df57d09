import type { Arrival } from '../input.ts'
import { horizonPassed } from './again.ts'
import { pass } from './met.ts'
import type { SdsMessage } from '../wire/message.ts'
import type { SdsState } from '../state.ts'
import { turnAwayAsOld } from './turn-away.ts'

export function receiveEphemeral(state: SdsState, message: SdsMessage, arrival: Arrival, own: boolean): void {
  const { messageId, senderId, content, sentAt } = message
  const { frame, lane } = arrival
  if (own || state.met.isPassing(messageId)) return
  if (sentAt !== undefined) {
    const horizon = horizonPassed(state, message, sentAt)
    if (horizon !== undefined)
      return turnAwayAsOld(state, { ...message, lamport: sentAt }, arrival, horizon, undefined)
  }
  pass(state, messageId, senderId, sentAt)
  state.outputs.put({
    type: 'delivered',
    lane,
    frame,
    payload: content!.slice(),
    messageId,
    senderId,
    lamport: sentAt,
    late: false,
    own: false,
    ephemeral: true,
  })
}
