import { type LogEntry, comesBefore } from '../history/log-entry.ts'
import type { MetId } from '../parts/met-ids.ts'
import type { SdsState } from '../state.ts'
import { type AnswerRecord, type MissingRecord, type OutgoingRecord, type ProbesRecord } from './records.ts'
import { type HorizonKind, PASSED_KEY, isHorizon } from './stored-keys.ts'
import { idFromKey } from './id-in-key.ts'
import type { StoredJournal } from './stored-journal.ts'

/** What was stored; most of it by sequence number. */
export interface Stored {
  readonly log: LogEntry[]
  /** And since when. */
  readonly parked: Map<number, number | undefined>
  readonly outgoing: Map<number, OutgoingRecord>
  readonly met: MetId[]
  /** Messages that sync messages alone have named. */
  readonly missing: { readonly sequence: number; readonly record: MissingRecord }[]
  readonly answers: { readonly sequence: number; readonly record: AnswerRecord }[]
  probes: ProbesRecord | undefined
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
  /** How the key writes it. */
  readonly inKey: string
}

export function keyPartsOf(key: string): KeyParts {
  const [kind = '', number = ''] = key.split('/', 2)
  const inKey = key.slice(kind.length + number.length + 2)
  return { kind, sequence: Number.parseInt(number, 36), id: idFromKey(inKey), inKey }
}

/**
 * Makes the best of entries that cannot be read: nothing is delivered twice for it, or counts as delivered that was not.
 * What was parked is missing again, and what was unacknowledged is sent again.
 */
export function mend(state: SdsState, stored: Stored, journal: StoredJournal | undefined): void {
  for (const key of stored.damaged) {
    const { kind, sequence } = keyPartsOf(key)
    if (kind === 'parked') stored.parked.set(sequence, undefined)
    if (kind === 'out') stored.outgoing.set(sequence, { retransmissions: 0, left: true, ephemeral: false })
  }
  for (const key of stored.damaged) {
    const { kind, sequence, id } = keyPartsOf(key)
    if (isHorizon(kind)) mendHorizon(state, stored, key, kind, journal)
    if (id === '') continue
    if (kind === 'log') mendMessage(state, stored, sequence, id, journal)
    if (kind === 'met') meetAgain(stored, sequence, id, journal)
  }
}

/** Of a message nothing is left but its id. */
function mendMessage(
  { lifetime, filter }: SdsState,
  stored: Stored,
  sequence: number,
  id: string,
  journal: StoredJournal | undefined,
): void {
  const { parked, outgoing, missing } = stored
  journal?.forgetNamed('log', { sequence, messageId: id })
  if (outgoing.delete(sequence)) journal?.forget('out', sequence)
  if (!parked.delete(sequence)) {
    meetAgain(stored, sequence, id, journal)
    filter.insert(id)
    return
  }
  journal?.forget('parked', sequence)
  const entry = { messageId: id, retrievalHint: undefined, senderId: undefined }
  const record = { entry, dependent: id, namedBy: '', since: lifetime.lived }
  journal?.missing(sequence, record)
  missing.push({ sequence, record })
}

/** It was here, whatever else was known of it. */
function meetAgain(
  { met }: Stored,
  sequence: number,
  messageId: string,
  journal: StoredJournal | undefined,
): void {
  const id = { sequence, messageId, reason: 'forgotten' as const }
  met.push(id)
  journal?.met(id)
}

/** Whose horizon it was is lost: what was here of anybody, and is forgotten, is older than all that is remembered. */
function mendHorizon(
  state: SdsState,
  { log }: Stored,
  key: string,
  kind: HorizonKind,
  journal: StoredJournal | undefined,
): void {
  const { clock } = state
  if (key !== kind) journal?.forgetKey(key)
  const [first, ...others] = log
  let place = { lamport: clock.lamport, messageId: '' }
  if (kind === PASSED_KEY) place = { lamport: clock.lastId.ms, messageId: '' }
  else if (first !== undefined) {
    const { lamport, messageId } = others.reduce((a, b) => (comesBefore(a, b) ? a : b), first)
    place = { lamport, messageId }
  }
  const horizon = { ...place, sequence: 0, senderId: undefined }
  state.horizons[kind].restore(horizon)
  journal?.horizon(kind, horizon)
}
