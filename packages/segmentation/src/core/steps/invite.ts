import type { ReassemblyState } from '../reassembly-state.ts'
import { type ShelvedSet, messageIdsOf } from '../shelf.ts'

/** Gives messages that wait the places that have become free. */
export function settleQueue(state: ReassemblyState, now: number): void {
  if (state.queue.size === 0) return
  const isAwaited = ({ sender, payloadHash }: ShelvedSet): boolean =>
    state.isAwaited({ senderId: sender, payloadHash })
  const { invited, lost } = state.queue.settle(now, isAwaited)
  for (const set of lost) state.ledger.lose(set, 'not-sent-again')
  for (const set of invited) lack(state, set, messageIdsOf(set))
}

/** A segment of a message is here: if it waited, the others are asked for. */
export function arrived(state: ReassemblyState, key: string): void {
  const waited = state.queue.size === 0 ? undefined : state.queue.arrived(key)
  if (waited !== undefined) lack(state, waited, messageIdsOf(waited))
}

/** Asks for segments of a message. */
export function lack(
  state: ReassemblyState,
  { sender, payloadHash }: Pick<ShelvedSet, 'sender' | 'payloadHash'>,
  messageIds: readonly string[],
): void {
  state.ledger.put({ type: 'lacking', payloadHash, senderId: sender, messageIds })
}
