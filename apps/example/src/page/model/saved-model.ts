import type { PeerName } from '../world/settings.ts'
import type { Arriving, PeerView } from './peer-view.ts'
import type { Entry } from './entry.ts'
import type { Totals } from './totals.ts'

/** What the model is made of again after a reload, beside its entries. */
export interface SavedModel {
  readonly totals: Totals
  readonly delaysMs: readonly number[]
  readonly peers: Readonly<Record<PeerName, SavedPeer>>
}

interface SavedPeer {
  readonly order: readonly string[]
  readonly arriving: readonly Arriving[]
  readonly unreadable: number
  readonly sent: number
  readonly arrived: number
  readonly lost: number
}

/** What of the entries is not saved yet. */
export interface EntryChanges {
  readonly changed: readonly Entry[]
  /** Ids of those that were forgotten. */
  readonly gone: readonly string[]
}

/** What of a peer's view is saved: the rest is told anew. */
export const savedPeer = ({ order, arriving, unreadable, sent, arrived, lost }: PeerView): SavedPeer => ({
  order,
  arriving: [...arriving.values()],
  unreadable,
  sent,
  arrived,
  lost,
})
