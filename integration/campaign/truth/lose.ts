import { decodeNote, idsOf } from '../note.ts'
import type { Judged } from './judged.ts'
import type { Memory } from './memory.ts'
import type { TruthState } from './state.ts'

/** Where a holder must have been within reach for so long, nothing may be given up. */
const REACH_MS = 600_000

/**
 * It counts as from before the member's time. That is so where it was, or may have been by the clocks of both: of an author
 * who was not heard nobody knows how far his is behind. What nothing else names is done without too.
 */
export function leave(state: TruthState, { name, memory, clockMs }: Judged, messageId: string): void {
  excuse(state, memory, messageId)
  const id = state.carriers.idOf(messageId)
  const sent = id === undefined ? undefined : state.sent.get(id)
  if (sent === undefined || sent.author === name) return
  const behindMs = clockMs.most - state.members.get(sent.author)!.clockMs.least
  const afterMs = sent.atMs - memory.sinceMs
  if (afterMs > Math.max(0, behindMs))
    state.violate(`${name} does without ${id}, sent ${(afterMs / 1000).toFixed(0)} s after its time began`)
  else for (const earlier of state.carriers.before(messageId)) memory.past.add(earlier)
}

/**
 * It may come late, and so may what it comes after, which nothing else need name: by what its author had, and by what his
 * message names, which is more if he has lost his store.
 */
export function excuse({ carriers, sent }: TruthState, memory: Memory, messageId: string): void {
  for (const id of carriers.before(messageId)) memory.excused.add(id)
  const lost = sent.get(carriers.idOf(messageId) ?? '')
  if (lost === undefined) return
  for (const earlier of idsOf(decodeNote(lost.payload).after)) memory.excused.add(earlier)
}

/** Whom parity has helped has the message without that part of it, which he cannot give: then its author alone has all. */
export function judgeLostSegment(state: TruthState, judged: Judged, messageId: string): void {
  const id = state.carriers.idOf(messageId)
  if (id !== undefined)
    judgeLost(state, judged, id, state.options.hasParity ? state.sent.get(id)!.author : undefined)
}

export function judgeLost(state: TruthState, { name }: Judged, id: string, onlyHolder?: string): void {
  const me = state.members.get(name)!
  if (me.reachableSinceMs === undefined) return
  const sent = state.sent.get(id)!
  // It is not owed what nobody keeps, what it has, wrote itself, or what is older than its memory.
  if (sent.ephemeral) return
  if (sent.author === name || sent.atMs < me.memory.sinceMs || me.memory.has.has(id)) return
  for (const holder of state.holders(id)) {
    if (holder.name === name || holder.reachableSinceMs === undefined) continue
    if (onlyHolder !== undefined && holder.name !== onlyHolder) continue
    const hasMs = holder.memory.has.get(id) ?? sent.atMs
    const togetherMs = state.now() - Math.max(holder.reachableSinceMs, me.reachableSinceMs, hasMs)
    if (togetherMs > REACH_MS)
      state.violate(
        `${name} was told that ${id} is lost, which ${holder.name} has, ${(togetherMs / 1000).toFixed(0)} s within reach`,
      )
  }
}
