import { markSeen, type CompletedMessage, type ForgottenMessage } from '../completed-messages.ts'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ReassemblyFrame } from '../reassembly-frame.ts'
import { encodeCompletedRecord, encodeHorizonRecord } from '../records.ts'
import type { SegmentSet } from '../segment-set.ts'

/** Remembers a message that is complete, where that is needed, with the places of its segments that have come. */
export function rememberComplete(
  state: ReassemblyState,
  set: Pick<SegmentSet, 'sender' | 'payloadHash' | 'shape' | 'span'>,
  places: Iterable<number>,
  { ephemeral = false, messageId }: ReassemblyFrame,
): void {
  const { sender, payloadHash, shape, span } = set
  const { dataCount, parityCount } = shape
  state.ledger.came(set)
  // Of one that came as one segment with an id, whoever made the id knows whether it has been here.
  const isKnown = messageId !== undefined && dataCount + parityCount === 1
  if (isKnown && !state.completed.needsEnd(sender)) return
  const seen = new Uint8Array(Math.ceil((dataCount + parityCount) / 8))
  for (const place of places) markSeen(seen, place)
  const message: CompletedMessage = {
    sender,
    payloadHash,
    dataCount,
    parityCount,
    seen,
    span,
    ephemeral,
    recordKey: isKnown ? undefined : state.ledger.newKey('c'),
  }
  storeCompleted(state, message)
  forgetComplete(state, state.completed.add(message))
}

/** Stores what is remembered of a complete message, or has changed of it. */
export function storeCompleted(state: ReassemblyState, message: CompletedMessage): void {
  const { recordKey } = message
  if (recordKey !== undefined) state.ledger.store(recordKey, () => encodeCompletedRecord(message))
}

/** Complete messages are forgotten; where they might come once more, memory ends there. */
export function forgetComplete(state: ReassemblyState, forgotten: readonly ForgottenMessage[]): void {
  for (const { message, below } of forgotten) {
    const { sender, ephemeral, recordKey } = message
    if (recordKey !== undefined) state.ledger.forget(recordKey)
    if (below === undefined) continue
    const newKey = (): string => state.ledger.newKey('h')
    const { stored, gone } = state.horizons.raise({ sender, ephemeral, below }, newKey)
    for (const each of stored) state.ledger.store(each.recordKey, () => encodeHorizonRecord(each))
    for (const each of gone) state.ledger.forget(each.recordKey)
  }
}
