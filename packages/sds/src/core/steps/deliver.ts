import type { LogFields } from '../history/log-entry.ts'
import { type SdsState, report } from '../state.ts'
import { meet, speaksOf } from './met.ts'
import { forgetParked, arriveMet, storeClock, storeEntry } from './store.ts'
import { settleWaivers } from './waive.ts'

/** Where a message goes: on which lane, and with which fields of its frame beside the payload. */
interface Delivery {
  readonly frame?: object | undefined
  readonly lane?: object | undefined
}

/** Delivers a message whose dependencies are met. LIP-109, "Deliver Message". */
export function deliver(state: SdsState, entry: LogFields, { frame, lane }: Delivery, isNew: boolean): void {
  const { settings, history } = state
  const { messageId, senderId } = entry
  const own = senderId === settings.participantId
  const before = arriveMet(state, messageId)
  history.insert(entry)
  if (isNew) storeEntry(state, entry)
  if (state.clock.witness(entry.lamport)) storeClock(state)
  if (!own) state.owed.add(messageId, senderId, state.lifetime.now)
  report(state, { type: 'delivered', messageId, senderId })
  if (!own || settings.ownMessages === 'deliver') {
    state.outputs.put({
      type: 'delivered',
      lane,
      frame,
      payload: state.contents.give(entry.content!),
      messageId,
      senderId,
      lamport: entry.lamport,
      late:
        state.missing.get(messageId)?.isLate ||
        (before ? before.reason !== 'forgotten' && speaksOf(before, senderId) : false),
      own,
      ephemeral: false,
    })
  }
  meet(state, messageId)
  settleWaivers(state, messageId)
}

/**
 * Work of one step: 128 messages delivered, or a MiB of content, or so many looks at what messages come after.
 * @limit The rest is done in the next turn of the event loop: one message may release all that is parked.
 */
const MOST_EFFORT = 16_384
const EFFORT_FOR_MESSAGE = 128
const BYTES_FOR_EFFORT = 64

/**
 * Delivers what is ready, which may make more ready; in the order of the log, because what was waived or given up
 * no longer tells what came before what.
 */
export function deliverReady(state: SdsState): void {
  for (let effort = MOST_EFFORT; effort > 0;) {
    const parked = state.parked.takeReady()
    if (parked === undefined) {
      const looks = state.parked.breakCircle()
      if (looks === 0) return
      effort -= looks
      continue
    }
    effort -= EFFORT_FOR_MESSAGE + parked.entry.contentLength / BYTES_FOR_EFFORT
    forgetParked(state, parked.entry)
    deliver(state, parked.entry, parked, false)
  }
}
