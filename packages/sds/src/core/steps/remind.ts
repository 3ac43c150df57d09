import type { SdsState } from '../state.ts'
import { answerOwn } from './respond.ts'

/** With `acknowledge: 'each'`: somebody is there, who is to have own messages after the one of that number. */
export function expectOf(
  { settings, acknowledgements, retransmissions }: SdsState,
  by: string,
  since: number,
  now: number,
): void {
  if (settings.acknowledge === 'each') retransmissions.remindOnce(now, acknowledgements.expect(by, since))
}

/**
 * Sends messages again that somebody has, to those of whom that is not known: whoever has one acknowledges it again, and with
 * it all that came before. While nobody has acknowledged the latest, that is sent again anyway.
 */
export function remind(state: SdsState, now: number): void {
  const { reminders, unacknowledged, acknowledgements, allowance, retransmissions } = state
  reminders.clear()
  if (unacknowledged.size > 0) return
  const all = acknowledgements.remind()
  for (const { messageId, by } of all) {
    // The filter; the rest is paid for as all that is given.
    if (!allowance.spendCopy(0)) continue
    reminders.add(messageId)
    answerOwn(state, messageId, by, now)
  }
  if (all.length > 0) retransmissions.remind(now, Math.min(...all.map(({ tries }) => tries)))
}
