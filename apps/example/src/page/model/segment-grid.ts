import { PEERS, type PeerName } from '../world/settings.ts'
import type { Entry } from './entry.ts'

/** What became of one segment for one receiver, so far. */
export type Cell = 'waiting' | 'arrived' | 'lost' | 'recovered'

/** The segments of a message, data first, and what became of each for each receiver. */
export interface SegmentGrid {
  readonly total: number
  readonly dataCount: number
  readonly rows: readonly { readonly peer: PeerName; readonly cells: readonly Cell[] }[]
}

/** Makes the grid of what happened to the frames of a message. */
export function segmentGrid({ status, frames, author, heardAtMs }: Entry): SegmentGrid {
  const total = Math.max(1, status?.segments.total ?? 1)
  const dataCount = Math.max(1, status?.segments.data ?? 1)
  const rows = PEERS.filter((peer) => peer !== author).map((peer) => {
    const cells = Array.from({ length: total }, (): Cell => 'waiting')
    for (const { place, copies } of frames) {
      for (const { to, fate } of copies) {
        if (to !== peer || place >= total || cells[place] === 'arrived') continue
        cells[place] = fate === 'arrived' ? 'arrived' : 'lost'
      }
    }
    // Who has the message has all of its data, however it came: from spare segments, or from the network's memory.
    if (heardAtMs.has(peer))
      for (let i = 0; i < dataCount; i++) if (cells[i] !== 'arrived') cells[i] = 'recovered'
    return { peer, cells }
  })
  return { total, dataCount, rows }
}
