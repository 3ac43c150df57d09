import type { Candidates } from '../choice.ts'
import type { ParkedGroup } from '../parked-segments.ts'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ParkedSegment } from '../reassembly-input.ts'
import { rebuild } from '../rebuild.ts'
import { candidatesOf, isOfGroup, rebuiltEvent } from '../rebuilt-event.ts'
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
  const { senderId, payloadHash, shape } = group
  const candidates = candidatesOf(group, state.pool.get(group.key))
  const completed = state.completed.get(senderId, payloadHash)
  if (group.verified || isOfGroup(group, completed)) return tellRebuilt(state, group, candidates, false)
  if (candidates.size < shape.dataCount || state.jobs.has(group)) return
  const count = countOf(candidates)
  state.jobs.begin({
    owner: group,
    pieces: rebuild(shape, candidates, group.budget, state.newHasher),
    isWanted: () => state.parked.group(group.key) === group,
    done: (assembled) => {
      const present = candidatesOf(group, state.pool.get(group.key))
      if (assembled !== undefined) {
        group.verified = true
        tellRebuilt(state, group, present, true)
      } else if (countOf(present) > count) consider(state, group)
    },
  })
}

const countOf = (candidates: Candidates): number =>
  [...candidates.values()].reduce((sum, copies) => sum + copies.length, 0)

/** Tells which messages the parked segments of a payload that can be made need not wait for. */
function tellRebuilt(
  state: ReassemblyState,
  group: ParkedGroup,
  candidates: Candidates,
  isNews: boolean,
): void {
  const completed = state.completed.get(group.senderId, group.payloadHash)
  const event = rebuiltEvent(group, state.parked.all(), {
    held: candidates.keys(),
    completed: isOfGroup(group, completed) ? completed : undefined,
    isNews,
    causalHistoryLength: state.limits.causalHistoryLength,
  })
  if (event !== undefined) state.ledger.put(event)
}
