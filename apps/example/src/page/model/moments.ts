import { type PeerName, TITLES } from '../world/settings.ts'
import type { Entry, FrameRecord } from './entry.ts'

/** Things that happened to one message. @limit Further ones are not told. */
const MAX_MOMENTS = 200

/** How a copy of a frame was lost, in words. */
export const LOSSES = {
  lost: 'lost on the way',
  'cut off': 'lost, the network is split',
  away: 'lost, nobody was there',
} as const

/** What becomes of a message that no channel knows of. */
export const NOT_STORED = 'Not sent: the page was left just when it was written'

export const titleOf = (peer: string): string => TITLES[peer as PeerName] ?? peer

/** What of a message a frame carries, in words. */
export function partOf({ place, isParity }: FrameRecord, { status }: Entry): string {
  const total = status?.segments.total ?? 1
  return total === 1 ? 'the message' : `${isParity ? 'spare segment' : 'segment'} ${place + 1}`
}

/** Notes what happened to a message. */
export function note(entry: Entry, atMs: number, text: string): void {
  if (entry.moments.length < MAX_MOMENTS)
    entry.moments.push({ atMs, text: text[0]!.toUpperCase() + text.slice(1) })
}
