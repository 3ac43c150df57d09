/** Counters of the whole page. */
export interface Totals {
  said: number
  /** Messages that are to reach an application, one for each receiver. */
  expected: number
  /** Those that have. */
  heard: number
  /** Messages that an application got a second time. */
  doubled: number
  /** Messages that came after a later one of the same author. */
  disordered: number
  frames: number
  retransmissions: number
  repairs: number
  /** Messages that no frame brought: they came from the network's memory. */
  fetched: number
  syncs: number
  copies: number
  lostCopies: number
}

export const newTotals = (): Totals => ({
  said: 0,
  expected: 0,
  heard: 0,
  doubled: 0,
  disordered: 0,
  frames: 0,
  retransmissions: 0,
  repairs: 0,
  fetched: 0,
  syncs: 0,
  copies: 0,
  lostCopies: 0,
})
