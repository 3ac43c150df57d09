import { areConcurrent } from '@reliable-channels/stage/core'
import type { Entry } from '@reliable-channels/store'
import { isMet } from './met.ts'
import { findMissing, parkStored } from './park.ts'
import { comesBefore, type LogEntry } from '../history/log-entry.ts'
import {
  CLOCK_KEY,
  HORIZON_KEY,
  LIFE_KEY,
  SHARED_KEY,
  PASSED_KEY,
  type MissingRecord,
  decodeAnswer,
  decodeClock,
  decodeHorizon,
  decodeLife,
  decodeLogEntry,
  decodeMet,
  decodeMissing,
  decodeOutgoing,
  decodeParked,
  missingKey,
  decodeShared,
  encodeShared,
} from '../parts/records.ts'
import { retransmit } from './retransmit.ts'
import { type SdsState, report } from '../state.ts'
import { type Stored, horizonsOf, mend, keyPartsOf } from './mend.ts'
import { forgetEntry, forgetMet, forgetOutgoing, forgetParked } from './store.ts'
import { MalformedMessage } from '../wire/malformed-message.ts'

/** Brings back what was stored. An entry that cannot be read is reported, and the others are used. */
export function restore(state: SdsState, entries: Iterable<Entry>): void {
  const stored: Stored = {
    log: [],
    parked: new Map(),
    outgoing: new Map(),
    met: [],
    toldUpTo: [],
    damaged: [],
  }
  for (const { key, value } of entries) {
    state.lifetime.goOn()
    try {
      read(state, stored, key, value)
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error
      state.settings.onCorrupt(key, error.message)
      stored.damaged.push(key)
    }
  }
  mend(state, stored)
  for (const id of stored.met.toSorted((a, b) => a.sequence - b.sequence)) {
    const forgotten = state.met.restore(id)
    if (forgotten !== undefined) forgetMet(state, forgotten)
    // A message without a sender was from before this participant's time, who does not have it.
    if (id.reason === 'waived' && id.senderId !== undefined) state.filter.insert(id.messageId)
  }
  restoreLog(state, stored)
}

function read(state: SdsState, stored: Stored, key: string, value: Uint8Array): void {
  if (key === CLOCK_KEY) return state.clock.restore(decodeClock(value))
  if (key === LIFE_KEY) {
    const { lived: ms, joinedAt, probes } = decodeLife(value)
    if (joinedAt !== undefined) state.lifetime.restoreJoined(joinedAt)
    state.lifetime.restoreLived(ms)
    state.probes.restore(probes)
    return
  }
  if (key === HORIZON_KEY || key === PASSED_KEY) {
    return horizonsOf(state, key).restore({ ...decodeHorizon(value), sequence: 0, senderId: undefined })
  }
  if (key === SHARED_KEY) return void stored.toldUpTo.push(decodeShared(value))
  const { kind, sequence, id } = keyPartsOf(key)
  if (!Number.isSafeInteger(sequence) || sequence < 0) throw new MalformedMessage('the key has no number')
  state.journal.restore(sequence)
  if (id === '' && (kind === 'log' || kind === 'met')) state.journal.restoreUnnamed(sequence)
  if (kind === 'log') stored.log.push(decodeLogEntry(value, sequence, id))
  else if (kind === 'parked') stored.parked.set(sequence, lived(state, decodeParked(value)))
  else if (kind === 'out') {
    const record = decodeOutgoing(value)
    lived(state, record.leftAt)
    stored.outgoing.set(sequence, record)
  } else if (kind === 'missing') {
    const record = decodeMissing(value)
    lived(state, record.since)
    state.parked.restoreMissing(sequence, record)
  } else if (kind === 'answer') state.repairs.restore(sequence, decodeAnswer(value))
  else if (kind === 'met') stored.met.push({ sequence, ...decodeMet(value, id) })
  else if (kind === HORIZON_KEY || kind === PASSED_KEY) {
    const { senderId = '', ...place } = decodeHorizon(value)
    horizonsOf(state, kind).restore({ ...place, senderId, sequence })
  } else throw new MalformedMessage('the key is of no known kind')
}

function restoreLog(state: SdsState, stored: Stored): void {
  const all = stored.log.toSorted((a, b) => a.sequence - b.sequence)
  noteShared(state, all, stored.toldUpTo[0] ?? 0)
  const arrived = onceEach(state, all, stored)
  // Mostly the same order, so that little is left to sort.
  for (const entry of arrived.toSorted((a, b) => (comesBefore(a, b) ? -1 : 1))) {
    if (stored.parked.has(entry.sequence)) continue
    state.history.insert(entry)
    state.clock.witness(entry.lamport)
    if (entry.senderId === state.settings.participantId) state.ownLog.restoreLatest(entry.messageId)
  }
  // The filter takes ids in the order in which they came; it would forget those before the newest.
  const remembered = arrived.length - state.filter.most
  for (const [index, entry] of arrived.entries()) {
    if (index >= remembered) state.filter.insert(entry.messageId)
    if (stored.parked.has(entry.sequence)) state.parked.restore(entry, stored.parked.get(entry.sequence))
    const record = stored.outgoing.get(entry.sequence)
    if (record?.givenUp) {
      state.givenUp.add({ ...record, sequence: entry.sequence, messageId: entry.messageId })
      state.acknowledgements.begin(entry.messageId, 0)
      continue
    }
    if (record === undefined || entry.content === undefined) continue
    state.unacknowledged.restore(entry, record)
  }
}

/** Counts what two wrote who did not know of each other. */
function noteShared(state: SdsState, all: readonly LogEntry[], toldUpTo: number): void {
  const isConcurrent = ({ sequence }: LogEntry, index: number): boolean =>
    index > 0 && sequence > toldUpTo && areConcurrent(all[index - 1]!.sequence, sequence)
  const entries = all.filter(isConcurrent)
  const last = entries.at(-1)
  if (last === undefined) return
  state.journal.put(SHARED_KEY, encodeShared(last.sequence))
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
export function startRestored(state: SdsState, now: number): void {
  if (state.unacknowledged.size > 0) state.probes.allow()
  const at = (livedAt: number | undefined): number => now - state.lifetime.since(livedAt)
  state.probes.start(at)
  state.repairs.start(now)
  for (const message of state.unacknowledged.values()) {
    state.copies.startAgain(message, at(message.leftAt))
    if (message.left) state.retransmissions.arm(message)
    // Stored, but perhaps never sent.
    else retransmit(state, message, now)
  }
  const parked = state.parked.takeRestored()
  for (const { entry } of parked) state.group.restore(entry.senderId)
  for (const { entry, since } of parked) {
    const missing = entry.causalHistory.filter(
      ({ messageId, senderId }) => messageId !== entry.messageId && !isMet(state, messageId, senderId),
    )
    const waitedMs = state.lifetime.since(since)
    if (missing.length > 0) parkStored(state, entry, missing, undefined, undefined, now, waitedMs)
    else state.parked.waitFor(state.parked.park(entry, undefined, undefined), [])
  }
  for (const { sequence, record } of state.parked.takeRestoredMissing())
    missAgain(state, sequence, record, now)
}

/** A message that a sync message alone had named is still missing, if it has not come otherwise. */
function missAgain(state: SdsState, sequence: number, record: MissingRecord, now: number): void {
  const { entry, dependent, since } = record
  const { messageId, senderId } = entry
  const met = state.met.get(messageId)
  // Nothing waits for it, and nobody has given his word that it need not come.
  const isExcused = met?.reason === 'waived' && met.senderId === undefined
  const isHere = state.parked.has(messageId) || (isMet(state, messageId, senderId) && !isExcused)
  const [missing] = isHere ? [] : findMissing(state, [entry], dependent, now, state.lifetime.since(since))
  if (missing === undefined) return state.journal.put(missingKey(sequence), undefined)
  if (isExcused) state.parked.excuseAgain(missing)
  state.parked.noteNamedBySyncOnly()
  state.parked.storedAs(missing, sequence)
}

/** Whoever knows a time of the participant's life has lived until then: what noted how long may not be stored. */
function lived({ lifetime }: SdsState, at: number | undefined): number | undefined {
  if (at !== undefined) lifetime.restoreLived(at)
  return at
}
