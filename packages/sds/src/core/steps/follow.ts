import { type BloomBits, type Gist, bloomHas } from '../filter/bloom.ts'
import type { FollowedMessage } from '../input.ts'
import type { Evidence } from '../parts/evidence.ts'
import type { SdsState } from '../state.ts'
import { expectOf } from './remind.ts'
import { alsoAcknowledged } from './also-acknowledged.ts'

/**
 * It is to be told who else has own messages that were acknowledged before a restart, and who does not any more; or by whom
 * one is to be acknowledged.
 */
export function follow(state: SdsState, messages: readonly FollowedMessage[], now: number): void {
  const { acknowledgements, followed, history, unacknowledged } = state
  for (const { messageId, acknowledgedBy, isAwaited } of messages) {
    const outgoing = unacknowledged.get(messageId)
    const number = outgoing?.number ?? acknowledgements.numberOf(messageId) ?? 0
    for (const by of acknowledgedBy) expectOf(state, by, number - 1, now)
    if (isAwaited || outgoing !== undefined) continue
    // It comes before all that this process sends.
    if (!acknowledgements.has(messageId)) acknowledgements.begin(messageId, 0)
    const lamport = history.nameOf(messageId)?.lamport ?? 0
    for (const by of acknowledgedBy) {
      acknowledgements.add(messageId, by)
      // What he wrote before it may come again, and does not show that he has lost it.
      acknowledgements.words(by).restore(lamport)
    }
    followed.add(messageId)
  }
}

/** A filter that holds fewer of all ids by mistake shows one that whoever had it has lost. */
const CERTAIN = 1e-6

/**
 * Looks for those messages in somebody's filter. It does not show them by chance where he has delivered one that was sent
 * later, or comes after them, unless they are loose; nor where it holds few ids, which tells who else has what somebody has
 * lost: he may have nothing new to say, and so no other filter.
 */
export function reviewFollowed(
  state: SdsState,
  filter: BloomBits,
  { mistaken, digest }: Gist,
  evidence: Evidence,
): void {
  const { acknowledgements, followed, history } = state
  const { by, newest } = evidence
  if (followed.size === 0) return
  for (const messageId of followed.messageIds()) {
    if (acknowledgements.isBy(messageId, by) || !bloomHas(filter, messageId)) continue
    if (acknowledgements.isOutdated(messageId, evidence)) continue
    const isSure =
      (newest > 0 && history.nameOf(messageId)?.isLoose !== true) ||
      evidence.isEarlier(messageId, history) ||
      (mistaken < CERTAIN && acknowledgements.wasWithdrawn(messageId))
    if (isSure) alsoAcknowledged(state, messageId, by)
    else if (followed.hit(messageId, by, digest)) alsoAcknowledged(state, messageId, by, 'bloom-filter')
  }
}
