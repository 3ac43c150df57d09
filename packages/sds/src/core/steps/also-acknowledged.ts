import type { AcknowledgedVia } from '../event.ts'
import { type SdsState, report } from '../state.ts'
import { forgetGivenUp } from './store.ts'

/** Yet another participant has an own message, or the first has one that was given up. */
export function alsoAcknowledged(
  state: SdsState,
  messageId: string,
  by: string,
  via: AcknowledgedVia = 'causal-history',
): void {
  const first = !state.acknowledgements.isByAny(messageId)
  if (!state.acknowledgements.add(messageId, by)) return
  if (first) forgetGivenUp(state, messageId)
  report(state, { type: 'acknowledged', messageId, by, via, first })
}
