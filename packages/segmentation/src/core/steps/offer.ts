import type { ParkedGroup } from '../parked-segments.ts'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ParkedSegment } from '../reassembly-types.ts'
import { rebuiltEvent } from '../rebuilt-event.ts'
import { arrived } from './invite.ts'

/** Looks at segments that SDS has parked: parity may do without what they wait for. */
export function offer(state: ReassemblyState, offered: readonly ParkedSegment[], now: number): void {
  const touched = new Set<ParkedGroup>()
  for (const segment of offered) {
    const group = state.parked.add(segment, state.limits.maxSegmentBytes, now)
    if (group === undefined) continue
    touched.add(group)
    arrived(state, group.key)
  }
  for (const group of touched) consider(state, group)
}

/** Sees whether parked segments of a payload need not wait any longer. */
export function consider(state: ReassemblyState, group: ParkedGroup | undefined): void {
  if (group === undefined) return
  const set = state.pool.get(group.key)
  const completed = state.completed.get(group.senderId, group.payloadHash)
  const event = rebuiltEvent(group, set, completed, state.parked.all(), {
    newHasher: state.newHasher,
    causalHistoryLength: state.limits.causalHistoryLength,
  })
  if (event !== undefined) state.ledger.put(event)
}
