import type { ReliableChannel } from '@reliable-channels/channel'
import { keccak256 } from '@reliable-channels/keccak'
import { type Note, decodeNote, idsOf } from '../note.ts'
import type { Judged } from './judged.ts'
import { hadIt } from './memory.ts'
import { mayComeLater } from './sent.ts'
import type { TruthState } from './state.ts'

export type ChannelEvent = Parameters<Parameters<ReliableChannel['events$']['subscribe']>[0] & object>[0]
export type ReceivedEvent = Extract<ChannelEvent, { type: 'reliable:message:received' }>

/**
 * Until so long after it has joined, holes may come into the order of a newcomer: in the first minute it hears what it waits
 * for up to ten seconds. What of a message comes first decides; the rest may take longer.
 */
const NEWCOMER_MS = 75_000

/** A member got a message. Returns what it says, if it is what was sent, and new to him. */
export function receive(state: TruthState, judged: Judged, event: ReceivedEvent): Note | undefined {
  const { counts } = state
  const { name, memory } = judged
  const { payload, senderId, redelivered, late } = event
  let note: Note
  try {
    note = decodeNote(payload)
  } catch {
    state.violate(`${name} got ${payload.length} bytes of ${senderId} that nobody sent`)
    return undefined
  }
  const { id } = note
  const sent = state.sent.get(id)
  counts.received++
  if (late) counts.late++
  if (sent === undefined || Buffer.compare(sent.payload, payload) !== 0 || sent.author !== senderId) {
    state.violate(`${name} got other bytes than were sent of ${id}`)
    return undefined
  }
  if (sent.author === name) state.violate(`${name} got its own ${id}`)
  if (sent.cancelled) state.violate(`${name} got ${id}, which was cancelled`)
  if (redelivered) counts.redelivered++
  if (memory.has.has(id)) {
    if (!redelivered) state.violate(`${name} got ${id} twice`)
    return undefined
  }
  const isOrdered = !sent.ephemeral && sent.order !== 'none'
  for (const earlier of isOrdered ? idsOf(note.after) : []) {
    if (hadIt(memory, earlier) || memory.sent.has(earlier) || memory.excused.has(earlier)) continue
    const dependency = state.sent.get(earlier)!
    if (dependency.ephemeral || earlier.startsWith(`${name}:`)) continue
    if (dependency.atMs < memory.sinceMs || mayComeLater(dependency, sent)) continue
    // What a newcomer's first messages did without, later ones do without until it comes.
    if (isNewcomer(state, judged, payload)) memory.excused.add(earlier)
    else state.violate(`${name} got ${id} before ${earlier}`)
  }
  memory.has.set(id, state.now())
  state.delaysMs.push(state.now() - sent.atMs)
  state.arrivedBytes += payload.length
  return note
}

const newUntilMs = ({ memory, stoodMs }: Judged): number => memory.sinceMs + stoodMs + NEWCOMER_MS

/** Whether a member has joined just now. */
export const isNew = (state: TruthState, judged: Judged): boolean => state.now() <= newUntilMs(judged)

function isNewcomer(state: TruthState, judged: Judged, payload: Uint8Array): boolean {
  if (isNew(state, judged)) return true
  const { name } = judged
  const untilMs = newUntilMs(judged)
  const begunAt = state.begunAt.get(`${name} ${Buffer.from(keccak256(payload)).toString('hex')}`)
  return begunAt !== undefined && begunAt <= untilMs
}
