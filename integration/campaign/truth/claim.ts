import type { Judged } from './judged.ts'
import { hadIt } from './memory.ts'
import type { TruthState } from './state.ts'

/** A member was told that another has a message: whoever is named has it by then, or has lost it since. */
export function claim(state: TruthState, judged: Judged, id: string, to: Judged): void {
  if (!hadIt(to.memory, id) && !state.forgetful.has(to.name))
    state.violate(`${judged.name} was told that ${to.name} has ${id}, who has not got it yet`)
  state.claims.add(judged, id, to, state.now())
}
