import { comesBefore } from '../history/log-entry.ts'
import type { Horizon } from '../parts/horizons.ts'
import type { MissingMessage } from '../parts/parked.ts'
import type { SdsState } from '../state.ts'
import type { Lamport } from '../wire/lamport.ts'
import type { SdsMessage } from '../wire/message.ts'
import { forgetMet } from './store.ts'

/* Whether a message of which nothing is remembered was here before. Nobody can tell beyond the horizon of memory. */

/**
 * Where memory ends, if a message is beyond that. What is known to be missing was not here when it was found missing, if
 * memory reached as far then; nor since.
 *
 * @param found As what it is missing, if it is.
 */
export function horizonBeyond(
  { horizons }: SdsState,
  { messageId, senderId, lamport = 0 }: SdsMessage,
  found: MissingMessage | undefined,
): Horizon | undefined {
  const horizon = horizons.of(senderId)
  if (horizon === undefined) return undefined
  const namedSender = found?.entry.senderId ?? senderId
  const then = found === undefined || namedSender !== senderId ? horizon : found.horizon
  return then === undefined || comesBefore(then, { lamport, messageId }) ? undefined : horizon
}

/** The same of an ephemeral message, whose time is that of its sending. */
export function horizonPassed(
  { passedHorizons }: SdsState,
  { messageId, senderId }: SdsMessage,
  sentAt: Lamport,
): Horizon | undefined {
  const horizon = passedHorizons.of(senderId)
  return horizon === undefined || comesBefore(horizon, { lamport: sentAt, messageId }) ? undefined : horizon
}

/** Clocks differ by so much, ms. */
export const CLOCKS_DIFFER_MS = 60_000

/** Whether a message is stamped later than participants of this kind stamp theirs; see {@link Clock.advance}. */
export const isFarAhead = ({ settings }: SdsState, lamport: Lamport, now: number): boolean =>
  settings.dialect === 'lip' && lamport > now + settings.maxFutureSkewMs / 2 + CLOCKS_DIFFER_MS

/** Whether a message that is stamped far ahead could be remembered for as long as it is ahead. */
export function canRemember(state: SdsState, lamport: Lamport, now: number): boolean {
  const { met } = state
  if (!met.isFullAhead || !isFarAhead(state, lamport, now)) return true
  for (const id of met.takeOvertaken(now)) forgetMet(state, id)
  return !met.isFullAhead
}
