import { areConcurrent } from '@reliable-channels/stage/core'
import type { Entry } from '@reliable-channels/store'
import { comesBefore, type LogEntry } from '../history/log-entry.ts'
import { type SdsState, report } from '../state.ts'
import { isMet } from '../steps/met.ts'
import { findMissing, parkStored } from '../steps/park.ts'
import { retransmit } from '../steps/retransmit.ts'
import { forgetEntry, forgetMet, forgetOutgoing, forgetParked } from '../steps/store.ts'
import { MalformedMessage } from '../wire/malformed-message.ts'
import { type Stored, mend, keyPartsOf } from './mend.ts'
import {
  type MissingRecord,
  decodeAnswer,
  decodeClock,
  decodeHorizon,
  decodeLife,
  decodeMet,
  decodeMissing,
  decodeOutgoing,
  decodeParked,
  decodeShared,
} from './records.ts'
import { CLOCK_KEY, LIFE_KEY, SHARED_KEY, isHorizon } from './stored-keys.ts'
import { decodeLogEntry } from './log-record.ts'
import type { StoredJournal } from './stored-journal.ts'

/**
 * Brings back what was stored. An entry that cannot be read is reported, and the others are used. Returns what starts the
 * timers of what was restored, and shows what is parked.
 *
 * @param journal Where what is mended goes, if anything is to be stored.
 */
export function restore(
  state: SdsState,
  entries: Iterable<Entry>,
  journal: StoredJournal | undefined,
): (now: number) => void {
  const stored: Stored = {
    log: [],
    parked: new Map(),
    outgoing: new Map(),
    met: [],
    missing: [],
    answers: [],
    probes: undefined,
    toldUpTo: [],
    damaged: [],
  }
  journal?.knowsHints(state.settings.retrievalHint)
  for (const { key, value } of entries) {
    state.lifetime.goOn()
    try {
      read(state, stored, key, value, journal)
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error
      state.settings.onCorrupt(key, error.message)
      stored.damaged.push(key)
    }
  }
  mend(state, stored, journal)
  for (const id of stored.met.toSorted((a, b) => a.sequence - b.sequence)) {
    const forgotten = state.met.restore(id)
    if (forgotten !== undefined) forgetMet(state, forgotten)
    // A message without a sender was from before this participant's time, who does not have it.
    if (id.reason === 'waived' && id.senderId !== undefined) state.filter.insert(id.messageId)
  }
  const parked = restoreLog(state, stored, journal)
  let left: Stored | undefined = stored
  return (now) => {
    if (left !== undefined) start(state, left, parked, now)
    // Nobody needs what was stored any more.
    left = undefined
    parked.length = 0
  }
}

function read(
  state: SdsState,
  stored: Stored,
  key: string,
  value: Uint8Array,
  journal: StoredJournal | undefined,
): void {
  if (key === CLOCK_KEY) return state.clock.restore(decodeClock(value))
  if (key === LIFE_KEY) {
    const { lived: ms, joinedAt, probes } = decodeLife(value)
    if (joinedAt !== undefined) state.lifetime.restoreJoined(joinedAt)
    state.lifetime.restoreLived(ms)
    stored.probes = probes
    return
  }
  if (isHorizon(key)) {
    return state.horizons[key].restore({ ...decodeHorizon(value), sequence: 0, senderId: undefined })
  }
  if (key === SHARED_KEY) return void stored.toldUpTo.push(decodeShared(value))
  const { kind, sequence, id, inKey } = keyPartsOf(key)
  if (!Number.isSafeInteger(sequence) || sequence < 0) throw new MalformedMessage('the key has no number')
  state.numbers.restore(sequence)
  if (kind === 'log' || kind === 'met') journal?.restoreId(sequence, id, inKey)
  if (kind === 'log') {
    const { entry, lastId } = decodeLogEntry(value, sequence, id, state.settings.retrievalHint)
    stored.log.push(entry)
    if (lastId !== undefined) state.clock.restore({ lamport: 0, lastId })
  } else if (kind === 'parked') stored.parked.set(sequence, lived(state, decodeParked(value)))
  else if (kind === 'out') {
    const record = decodeOutgoing(value)
    lived(state, record.leftAt)
    stored.outgoing.set(sequence, record)
  } else if (kind === 'missing') {
    const record = decodeMissing(value)
    lived(state, record.since)
    stored.missing.push({ sequence, record })
  } else if (kind === 'answer') stored.answers.push({ sequence, record: decodeAnswer(value) })
  else if (kind === 'met') stored.met.push({ sequence, ...decodeMet(value, id) })
  else if (isHorizon(kind)) {
    const { senderId = '', ...place } = decodeHorizon(value)
    state.horizons[kind].restore({ ...place, senderId, sequence })
  } else throw new MalformedMessage('the key is of no known kind')
}

/** Returns what is parked, in the order in which it came. */
function restoreLog(state: SdsState, stored: Stored, journal: StoredJournal | undefined): LogEntry[] {
  const all = stored.log.toSorted((a, b) => a.sequence - b.sequence)
  noteShared(state, all, stored.toldUpTo[0] ?? 0, journal)
  const arrived = onceEach(state, all, stored)
  // Mostly the same order, so that little is left to sort.
  for (const entry of arrived.toSorted((a, b) => (comesBefore(a, b) ? -1 : 1))) {
    if (stored.parked.has(entry.sequence)) continue
    state.history.insert(entry)
    state.clock.witness(entry.lamport)
    const isOwn = entry.senderId === state.settings.participantId
    if (!isOwn) state.acknowledgements.words(entry.senderId).restore(entry.lamport)
    else if (!entry.isLoose) state.ownLog.restoreLatest(entry.messageId)
  }
  // The filter takes ids in the order in which they came; it would forget those before the newest.
  const remembered = arrived.length - state.filter.most
  const parked: LogEntry[] = []
  for (const [index, entry] of arrived.entries()) {
    if (index >= remembered) state.filter.insert(entry.messageId)
    if (stored.parked.has(entry.sequence)) parked.push(entry)
    const record = stored.outgoing.get(entry.sequence)
    if (record?.givenUp) {
      state.givenUp.add({ ...record, sequence: entry.sequence, messageId: entry.messageId })
      state.acknowledgements.begin(entry.messageId, 0)
      continue
    }
    if (record === undefined || entry.content === undefined) continue
    const { priority } = state.unacknowledged.restore(entry, record)
    const { messageId, causalHistory } = entry
    if (!record.left)
      state.unreleased.holdDropped({ message: { messageId, causalHistory }, priority, number: 0 })
  }
  return parked
}

/** Counts what two wrote who did not know of each other. */
function noteShared(
  state: SdsState,
  all: readonly LogEntry[],
  toldUpTo: number,
  journal: StoredJournal | undefined,
): void {
  const isConcurrent = ({ sequence }: LogEntry, index: number): boolean =>
    index > 0 && sequence > toldUpTo && areConcurrent(all[index - 1]!.sequence, sequence)
  const entries = all.filter(isConcurrent)
  const last = entries.at(-1)
  if (last === undefined) return
  journal?.shared(last.sequence)
  report(state, { type: 'store-shared', entries: entries.length })
}

/** Each message once: two who wrote at once may both have had it. What is unacknowledged stays, then what was delivered. */
function onceEach(state: SdsState, all: readonly LogEntry[], stored: Stored): readonly LogEntry[] {
  const rank = ({ sequence }: LogEntry): number =>
    stored.outgoing.has(sequence) ? 2 : stored.parked.has(sequence) ? 0 : 1
  const chosen = new Map<string, LogEntry>()
  for (const entry of all) {
    const other = chosen.get(entry.messageId)
    if (other === undefined || rank(entry) > rank(other)) chosen.set(entry.messageId, entry)
  }
  if (chosen.size === all.length) return all
  return all.filter((entry) => {
    if (chosen.get(entry.messageId) === entry) return true
    forgetEntry(state, entry)
    forgetParked(state, entry)
    forgetOutgoing(state, entry)
    return false
  })
}

/** Starts the timers of what was restored, and shows what is parked. */
function start(state: SdsState, stored: Stored, parked: readonly LogEntry[], now: number): void {
  const { unacknowledged, probes, lifetime, copies, retransmissions, group } = state
  if (unacknowledged.size > 0) probes.allow()
  const at = (livedAt: number | undefined): number => now - lifetime.since(livedAt)
  if (stored.probes !== undefined) probes.goOn(stored.probes, at)
  for (const { sequence, record } of stored.answers) state.repairs.goOn(sequence, record, now)
  for (const message of unacknowledged.values()) {
    copies.startAgain(message, at(message.leftAt))
    if (message.left) retransmissions.arm(message)
    // Stored, but perhaps never sent.
    else retransmit(state, message, now)
  }
  for (const { senderId } of parked) group.restore(senderId)
  for (const entry of parked) {
    const missing = entry.causalHistory.filter(
      ({ messageId, senderId }) => messageId !== entry.messageId && !isMet(state, messageId, senderId),
    )
    const waitedMs = lifetime.since(stored.parked.get(entry.sequence))
    if (missing.length > 0) parkStored(state, entry, missing, undefined, undefined, now, waitedMs)
    else state.parked.waitFor(state.parked.park(entry, undefined, undefined), [])
  }
  for (const { sequence, record } of stored.missing) missAgain(state, sequence, record, now)
}

/** A message that a sync message alone had named is still missing, if it has not come otherwise. */
function missAgain(state: SdsState, sequence: number, record: MissingRecord, now: number): void {
  const { entry, dependent, namedBy, since } = record
  const { messageId, senderId } = entry
  const met = state.met.get(messageId)
  // Nothing waits for it, and nobody has given his word that it need not come.
  const isExcused = met?.reason === 'waived' && met.senderId === undefined
  const isHere = state.parked.has(messageId) || (isMet(state, messageId, senderId) && !isExcused)
  const naming = { messageId: dependent, senderId: namedBy }
  const [missing] = isHere ? [] : findMissing(state, [entry], naming, now, state.lifetime.since(since))
  if (missing === undefined) return state.journal?.forget('missing', sequence)
  if (isExcused) state.missing.excuseAgain(missing)
  state.missing.noteNamedBySyncOnly()
  state.missing.storedAs(missing, sequence)
}

/** Whoever knows a time of the participant's life has lived until then: what noted how long may not be stored. */
function lived({ lifetime }: SdsState, at: number | undefined): number | undefined {
  if (at !== undefined) lifetime.restoreLived(at)
  return at
}
