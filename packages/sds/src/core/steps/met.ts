import type { WaivedId } from '../input.ts'
import type { MetId } from '../parts/met-ids.ts'
import type { MissingMessage } from '../parts/missing-message.ts'
import { type SdsState, report } from '../state.ts'
import type { Lamport } from '../wire/lamport.ts'
import { msOfLamport } from '../wire/lamport-ms.ts'
import type { HistoryEntry, SdsMessage } from '../wire/message.ts'
import { CLOCKS_DIFFER_MS } from './again.ts'
import { arriveMet, addMet, forgetMissing, remember, storeLife, storeMissing } from './store.ts'

/**
 * Whether a dependency is met: in the history, or among the ids met without it. Never because it is parked.
 *
 * @param senderId Whose message it is, where that is known: an id waived by another's word, or that of another's sync
 *   message, is not met.
 */
export function isMet({ history, met, missing }: SdsState, messageId: string, senderId?: string): boolean {
  if (history.has(messageId) || missing.isExcused(messageId)) return true
  const id = met.get(messageId)
  return id !== undefined && speaksOf(id, senderId)
}

/** Whether an id was met by the word of its own sender, or of nobody in particular. */
export function speaksOf(id: MetId, senderId: string | undefined): boolean {
  return id.senderId === undefined || senderId === undefined || id.senderId === senderId
}

/** An id is met: nothing waits for it, or asks for it, any more. */
export function meet(state: SdsState, messageId: string): void {
  const found = state.parked.found(messageId)
  if (found === undefined) return
  state.repairRequests.cancel(found)
  forgetMissing(state, found)
}

/** A message that leaves no other trace has come: nothing waits for it any more. */
export function pass(state: SdsState, messageId: string, senderId: string, sentAt?: Lamport): void {
  remember(state, messageId, senderId, sentAt)
  const missing = state.missing.get(messageId)
  if (missing === undefined || missing.isParked) return
  // Nobody's message takes the place of another's content.
  if ((missing.entry.senderId ?? senderId) === senderId) meet(state, messageId)
}

/** Counts ids as met though their messages never arrived. */
export function countAsMet(state: SdsState, messages: readonly WaivedId[]): void {
  state.parked.late(messages)
  for (const { messageId, senderId } of messages) {
    if (isMet(state, messageId) && !state.missing.isExcused(messageId)) continue
    addMet(state, messageId, 'waived', senderId)
    if (!state.parked.has(messageId)) state.filter.insert(messageId)
    meet(state, messageId)
  }
}

/**
 * Gives up messages that have been missing for too long. LIP-109, "irretrievably lost". What a newcomer hears first no
 * longer waits for what came before it, which is asked for all the same. If that never comes, it is lost as any other:
 * nobody can tell that it was from before the newcomer's time.
 */
export function giveUp(state: SdsState, missing: readonly MissingMessage[], now: number): void {
  const lost: HistoryEntry[] = []
  for (const one of missing) {
    if (state.missing.putOffGivingUp(one, now)) continue
    const { messageId } = one.entry
    state.parked.late([one.entry])
    const [first] = one.waiting
    if (state.parked.excuseAll(one, now)) {
      // Should it come, it comes late, after a restart too; and is asked for then as now.
      addMet(state, messageId, 'waived')
      if (first !== undefined) storeMissing(state, one, first.entry.messageId, first.entry.senderId)
      storeLife(state)
      continue
    }
    if (state.met.isLost(messageId)) {
      // Looked for once more, in vain.
      meet(state, messageId)
      continue
    }
    lost.push(one.entry)
    // Until now it was done without.
    if (one.isExcused) arriveMet(state, messageId)
    state.met.lose(messageId)
    addMet(state, messageId, 'lost', one.entry.senderId)
    meet(state, messageId)
  }
  if (lost.length > 0) report(state, { type: 'lost', entries: lost })
}

/** Does without a message that a newcomer's first ones come after: it is from before its time. */
export function leavePast(state: SdsState, { entry }: MissingMessage): void {
  const { messageId } = entry
  // It may have been given up before.
  arriveMet(state, messageId)
  addMet(state, messageId, 'waived')
  meet(state, messageId)
  report(state, { type: 'past', entries: [entry], before: pastEndsAt(state) })
}

/**
 * Whether a message was sent before this participant's time began, by a clock that may differ. Its timestamp is of the
 * dialect in which it was first sent, whoever repairs it.
 */
export const isPast = (state: SdsState, { lamport = 0 }: Pick<SdsMessage, 'lamport'>): boolean =>
  state.lifetime.isNewcomer && msOfLamport(lamport) < pastEndsAt(state)

const pastEndsAt = ({ lifetime, settings }: SdsState): number =>
  lifetime.joinedAt - settings.historyMs - CLOCKS_DIFFER_MS
