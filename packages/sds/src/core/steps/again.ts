import { comesBefore } from '../history/log-entry.ts'
import type { Horizon, Horizons } from '../parts/horizons.ts'
import type { MissingMessage } from '../parts/missing-message.ts'
import type { SdsState } from '../state.ts'
import { type Lamport, isMadeUp } from '../wire/lamport.ts'
import type { SdsMessage } from '../wire/message.ts'
import { forgetMet } from './store.ts'

/* Whether a message of which nothing is remembered was here before. Nobody can tell beyond the horizon of memory. */

/** Where the memory of content messages ends: of those with made-up timestamps apart, since they are later than all others. */
const horizonsFor = ({ horizons }: SdsState, lamport: Lamport): Horizons =>
  horizons[isMadeUp(lamport) ? 'made-up' : 'horizon']

/**
 * Where memory ends, if a message is beyond that. What is known to be missing was not here when it was found missing, if
 * memory reached as far then; nor since.
 *
 * @param found As what it is missing, if it is.
 */
export function horizonBeyond(
  state: SdsState,
  { messageId, senderId, lamport = 0 }: SdsMessage,
  found: MissingMessage | undefined,
): Horizon | undefined {
  const horizon = horizonsFor(state, lamport).of(senderId)
  if (horizon === undefined) return undefined
  const namedSender = found?.entry.senderId ?? senderId
  const isAsNamed = found !== undefined && namedSender === senderId && !isMadeUp(lamport)
  const then = isAsNamed ? found.horizon : horizon
  return then === undefined || comesBefore(then, { lamport, messageId }) ? undefined : horizon
}

/** The same of an ephemeral message, whose time is that of its sending. */
export function horizonPassed(
  { horizons }: SdsState,
  { messageId, senderId }: SdsMessage,
  sentAt: Lamport,
): Horizon | undefined {
  const horizon = horizons.passed.of(senderId)
  return horizon === undefined || comesBefore(horizon, { lamport: sentAt, messageId }) ? undefined : horizon
}

/** Clocks differ by so much, ms. */
export const CLOCKS_DIFFER_MS = 60_000

/** Whether a message is stamped later than participants of this kind stamp theirs; see {@link Clock.advance}. */
export const isFarAhead = ({ settings }: SdsState, lamport: Lamport, now: number): boolean =>
  settings.dialect === 'lip'
    ? lamport > now + settings.maxFutureSkewMs / 2 + CLOCKS_DIFFER_MS
    : isMadeUp(lamport)

/** Whether no more of those can be remembered until their time; that of a made-up timestamp never comes. */
export const isFullAhead = ({ met, settings }: SdsState): boolean =>
  settings.dialect === 'lip' && met.isFullAhead

/** Whether a message that is stamped far ahead could be remembered for as long as it is ahead. */
export function canRemember(state: SdsState, lamport: Lamport, now: number): boolean {
  if (!isFullAhead(state) || !isFarAhead(state, lamport, now)) return true
  for (const id of state.met.takeOvertaken(now)) forgetMet(state, id)
  return !isFullAhead(state)
}
