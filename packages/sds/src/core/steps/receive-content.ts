import type { Arrival } from '../input.ts'
import { SMALL } from '../history/content-store.ts'
import { deliver } from './deliver.ts'
import { canRemember, horizonBeyond } from './again.ts'
import { isMet, isPast, leavePast } from './met.ts'
import { park } from './park.ts'
import { refuse } from './refuse.ts'
import { LogEntry, type LogFields } from '../history/log-entry.ts'
import type { SdsMessage } from '../wire/message.ts'
import { type SdsState, reject } from '../state.ts'
import { storeClock } from './store.ts'
import { keptHistory } from './kept-history.ts'
import { compareCopy, isCopy } from './copy.ts'
import { turnAwayAsOld } from './turn-away.ts'

export function receiveContent(
  state: SdsState,
  message: SdsMessage,
  arrival: Arrival,
  own: boolean,
  now: number,
): void {
  const { settings, history, parked, acknowledgements } = state
  const { messageId, senderId, lamport } = message
  const held = history.get(messageId)
  if (held !== undefined) {
    if (!isCopy(state, message, held)) return
    // Sent again (a repair has no filter): the sender may have missed that it is acknowledged.
    if (!own && message.bloomFilter !== undefined) {
      state.owed.addAgain(messageId, senderId, now)
      state.syncPlan.press()
    }
    return
  }
  if (parked.has(messageId)) {
    compareCopy(state, message)
    if (message.bloomFilter !== undefined) state.syncPlan.noteFilterNews()
    return
  }
  if (state.met.isForgotten(messageId)) return
  const found = state.missing.get(messageId)
  const horizon = horizonBeyond(state, message, found)
  if (horizon !== undefined) return turnAwayAsOld(state, message, arrival, horizon, found)
  if (!canRemember(state, message.lamport!, now)) {
    const detail = `timestamp ${message.lamport}, the time is ${now}, and there are too many like it`
    return reject(state, arrival.frame, 'future-lamport', detail)
  }
  if (found !== undefined && isPast(state, message)) return leavePast(state, found)
  const refusal = own
    ? undefined
    : settings.refuses?.({ messageId, senderId, lamport, content: message.content! })
  if (refusal !== undefined) return refuse(state, message, arrival.frame, refusal, found, now)
  const causalHistory = keptHistory(message, settings.maxHintLength)
  const missing = isPastAgain(state, message)
    ? []
    : causalHistory.filter(
        (before) =>
          // An id that somebody has acknowledged is that of an own message, which need not be looked for.
          !acknowledgements.has(before.messageId) && !isMet(state, before.messageId, before.senderId),
      )
  const content = message.content!
  const waits = missing.length > 0
  // The content of a message that is delivered at once is copied into the history.
  const taken: LogFields = {
    sequence: state.numbers.next,
    messageId,
    senderId: own ? settings.participantId : senderId,
    lamport: message.lamport!,
    causalHistory,
    content: waits || content.length > SMALL ? state.contents.keep(content) : content,
  }
  if (!own) state.arrivals.came(now, !waits && found === undefined)
  if (waits && !park(state, new LogEntry(taken), missing, arrival, now)) return
  state.numbers.take()
  if (found !== undefined) {
    state.repairRequests.cancel(found)
    state.repairRequests.came(found, now)
  }
  state.filter.insert(messageId)
  if (settings.dialect === 'nim') {
    state.clock.overtake(taken.lamport)
    storeClock(state)
  }
  if (!waits) deliver(state, taken, arrival, true)
}

/**
 * Whether it is another repair of what was left as from before this participant's time: that is late, whatever it comes
 * after, and nobody needs to look for what came before it. Its author, who sends with a filter, is still waited for.
 */
function isPastAgain(state: SdsState, message: SdsMessage): boolean {
  if (message.bloomFilter !== undefined) return false
  const before = state.met.get(message.messageId)
  return before?.reason === 'waived' && before.senderId === undefined && isPast(state, message)
}
