import type { HistoryEntry, SdsMessage } from '../wire/message.ts'
import { isLonger } from '@reliable-channels/wire'

/** Says what is wrong with the ids of a message, if anything is. */
export function flawOf(message: SdsMessage, maxLength: number): string | undefined {
  const { messageId, senderId, causalHistory, repairRequest } = message
  if (messageId === '') return 'no message id'
  if (isLonger(messageId, maxLength) || isLonger(senderId, maxLength)) return 'an overlong id'
  return (
    flawIn(causalHistory, 'the causal history', maxLength) ??
    flawIn(repairRequest, 'the repair requests', maxLength)
  )
}

function flawIn(entries: readonly HistoryEntry[], where: string, maxLength: number): string | undefined {
  for (const { messageId, senderId = '' } of entries) {
    if (messageId === '') return `an empty id in ${where}`
    if (isLonger(messageId, maxLength) || isLonger(senderId, maxLength)) return `an overlong id in ${where}`
  }
  return undefined
}
