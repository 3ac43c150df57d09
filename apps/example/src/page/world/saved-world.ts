import type { BareCounts } from './bare.ts'
import type { PeerName, Settings } from './settings.ts'

/** What a world that goes on must know of itself; what its channels know is in their stores. */
export interface SavedWorld {
  /** How often it went on already. */
  readonly run: number
  /** Virtual time since the beginning, ms. */
  readonly elapsedMs: number
  readonly settings: Settings
  readonly online: readonly PeerName[]
  readonly bare: BareCounts
}
