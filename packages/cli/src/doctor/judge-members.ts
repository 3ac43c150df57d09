import { agoText } from '../ago-text.ts'
import { printable } from '../inspect/show.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { Heard } from './heard-frames.ts'

/** Who else is there. */
export function judgeMembers({ members, sealed }: Heard, now: number, place: string): Diagnosis {
  const check = 'members'
  if (members.length > 0) {
    const latestFirst = members.toSorted((a, b) => (b.lastMs ?? 0) - (a.lastMs ?? 0))
    const names = latestFirst.map(
      ({ senderId, lastMs }) => `${printable(senderId)} (${agoText(lastMs, now)})`,
    )
    return { check, verdict: 'ok', message: `heard: ${names.join(', ')}` }
  }
  if (sealed.size > 0)
    return { check, verdict: 'unknown', message: 'somebody is there, whom the key does not show' }
  return {
    check,
    verdict: 'warning',
    message: `nobody was heard on ${place}`,
    hint: 'Have the others say something; all must name the same channel, network and topic.',
  }
}
