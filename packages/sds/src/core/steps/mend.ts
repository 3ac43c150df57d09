import { type LogEntry, comesBefore } from '../history/log-entry.ts'
import type { Horizons } from '../parts/horizons.ts'
import type { MetId } from '../parts/met-ids.ts'
import {
  HORIZON_KEY,
  PASSED_KEY,
  type OutgoingRecord,
  encodeHorizon,
  encodeMissing,
  missingKey,
  outgoingKey,
  parkedKey,
} from '../parts/records.ts'
import type { SdsState } from '../state.ts'
import { storeMet } from './store.ts'

/** What was stored; most of it by sequence number. */
export interface Stored {
  readonly log: LogEntry[]
  /** And since when. */
  readonly parked: Map<number, number | undefined>
  readonly outgoing: Map<number, OutgoingRecord>
  readonly met: MetId[]
  /** Up to which entry it was told that two wrote at once. */
  readonly toldUpTo: number[]
  /** Keys of entries that cannot be read. */
  readonly damaged: string[]
}

/** What a key says. */
interface KeyParts {
  readonly kind: string
  readonly sequence: number
  /** Empty where the key does not name it. */
  readonly id: string
}

export function keyPartsOf(key: string): KeyParts {
  const [kind = '', number = ''] = key.split('/', 2)
  return { kind, sequence: Number.parseInt(number, 36), id: key.slice(kind.length + number.length + 2) }
}

export const horizonsOf = (state: SdsState, kind: string): Horizons =>
  kind === PASSED_KEY ? state.passedHorizons : state.horizons

/**
 * Makes the best of entries that cannot be read: nothing is delivered twice for it, or counts as delivered that was not.
 * What was parked is missing again, and what was unacknowledged is sent again.
 */
export function mend(state: SdsState, stored: Stored): void {
  for (const key of stored.damaged) {
    const { kind, sequence } = keyPartsOf(key)
    if (kind === 'parked') stored.parked.set(sequence, undefined)
    if (kind === 'out') stored.outgoing.set(sequence, { retransmissions: 0, left: true, ephemeral: false })
  }
  for (const key of stored.damaged) {
    const { kind, sequence, id } = keyPartsOf(key)
    if (kind === HORIZON_KEY || kind === PASSED_KEY) mendHorizon(state, stored, key, kind)
    if (id === '') continue
    if (kind === 'log') mendMessage(state, stored, sequence, id)
    if (kind === 'met') meetAgain(state, stored, sequence, id)
  }
}

/** Of a message nothing is left but its id. */
function mendMessage(
  state: SdsState,
  { parked, outgoing, ...stored }: Stored,
  sequence: number,
  id: string,
): void {
  const { journal, lifetime } = state
  journal.put(journal.keyOf('log', { sequence, messageId: id }), undefined)
  if (outgoing.delete(sequence)) journal.put(outgoingKey(sequence), undefined)
  if (!parked.delete(sequence)) {
    meetAgain(state, stored, sequence, id)
    state.filter.insert(id)
    return
  }
  journal.put(parkedKey(sequence), undefined)
  const entry = { messageId: id, retrievalHint: undefined, senderId: undefined }
  const record = { entry, dependent: id, namedBy: '', since: lifetime.lived }
  journal.put(missingKey(sequence), encodeMissing(record))
  state.parked.restoreMissing(sequence, record)
}

/** It was here, whatever else was known of it. */
function meetAgain(state: SdsState, { met }: Pick<Stored, 'met'>, sequence: number, messageId: string): void {
  const id = { sequence, messageId, reason: 'forgotten' as const }
  met.push(id)
  storeMet(state, id)
}

/** Whose horizon it was is lost: what was here of anybody, and is forgotten, is older than all that is remembered. */
function mendHorizon(state: SdsState, { log }: Stored, key: string, kind: string): void {
  const { journal, clock } = state
  if (key !== kind) journal.put(key, undefined)
  const [first, ...others] = log
  let place = { lamport: clock.lamport, messageId: '' }
  if (kind === PASSED_KEY) place = { lamport: clock.lastId.ms, messageId: '' }
  else if (first !== undefined) {
    const { lamport, messageId } = others.reduce((a, b) => (comesBefore(a, b) ? a : b), first)
    place = { lamport, messageId }
  }
  horizonsOf(state, kind).restore({ ...place, sequence: 0, senderId: undefined })
  journal.put(kind, encodeHorizon({ ...place, senderId: undefined }))
}
