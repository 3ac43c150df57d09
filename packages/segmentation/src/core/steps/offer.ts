import type { Candidates } from '../choice.ts'
import type { CompletedMessage } from '../completed-messages.ts'
import type { ParkedGroup } from '../parked-segments.ts'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ParkedSegment } from '../reassembly-input.ts'
import { rebuild } from '../rebuild.ts'
import { candidatesOf, rebuiltEvent } from '../rebuilt-event.ts'
import { strayedFrom } from './again.ts'
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
  const { shape } = group
  const candidates = candidatesOf(group, state.pool.get(group.key))
  if (group.verified || completedOf(state, group)) return tellRebuilt(state, group, candidates, false)
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

/** The complete message that all that is parked of its payload belongs to. */
function completedOf(
  state: ReassemblyState,
  { payloadHash, shape, members }: ParkedGroup,
): CompletedMessage | undefined {
  let found: CompletedMessage | undefined
  for (const { place, segment } of members.values()) {
    found = strayedFrom(state, segment, payloadHash, shape, place)
    if (found === undefined) return undefined
  }
  return found
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
  const event = rebuiltEvent(group, state.parked.all(), {
    held: candidates.keys(),
    completed: completedOf(state, group),
    isNews,
    causalHistoryLength: state.limits.causalHistoryLength,
  })
  if (event !== undefined) state.ledger.put(event)
}
