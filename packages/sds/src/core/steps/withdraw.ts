import type { Evidence } from '../parts/evidence.ts'
import { type SdsState, report } from '../state.ts'
import type { SdsMessage } from '../wire/message.ts'

/*
 * Whoever has acknowledged a message may lose it: his store is gone, or an old copy of it came back. What he says then
 * shows it, as far as he wrote it after what he had said before: its timestamp is later, or it has something new. An older
 * message that comes late shows nothing.
 */

/** Own messages looked for in the filter of somebody who has lost some. @limit Older ones are not. */
const MOST = 2_000
/** A filter that holds fewer ids than this share of its capacity has never begun anew: it holds all that came. */
const NEVER_ROLLED = 0.7

/** The filter of somebody, and about how many ids it holds. */
interface Shown {
  readonly has: (messageId: string) => boolean
  readonly ids: number
}

/** Somebody shows what he has, and asks for what he lacks: if he has lost an own message, all are looked for. */
export function withdrawReceipts(
  state: SdsState,
  { repairRequest }: SdsMessage,
  evidence: Evidence,
  shown?: Shown,
): void {
  const { by, shows } = evidence
  if (!shows) return
  const { acknowledgements } = state
  let isLost = shown !== undefined && acknowledgements.show(by, shown.ids, shown.has)
  for (const { messageId } of repairRequest) if (withdraw(state, messageId, evidence)) isLost = true
  if (shown !== undefined) withdrawLacked(state, evidence, shown, isLost)
}

function withdrawLacked(state: SdsState, evidence: Evidence, { has, ids }: Shown, isLost: boolean): void {
  const { by } = evidence
  const { acknowledgements, followed, baseFilter, settings } = state
  // After a restart a filter is made anew of the history.
  if (settings.maxHistory < baseFilter.capacity || ids > NEVER_ROLLED * baseFilter.capacity) return
  const had = isLost
    ? acknowledgements.ofMember(by, MOST)
    : [...followed.messageIds()].filter((messageId) => acknowledgements.isBy(messageId, by))
  for (const messageId of had) if (!has(messageId)) withdraw(state, messageId, evidence)
}

/** Somebody does not have an own message any more. Should he get it again, that is told again. */
function withdraw(state: SdsState, messageId: string, evidence: Evidence): boolean {
  const { acknowledgements, followed } = state
  if (!acknowledgements.withdraw(messageId, evidence)) return false
  followed.add(messageId)
  report(state, {
    type: 'acknowledgement-withdrawn',
    messageId,
    by: evidence.by,
    last: !acknowledgements.isByAny(messageId),
  })
  return true
}
