import type { ChannelHealth } from '@reliable-channels/channel'
import type { Quota } from '@reliable-channels/rate-limit'

/** A message of several segments that is arriving. */
export interface Arriving {
  readonly payloadHash: string
  readonly held: number
  readonly needed: number
}

/** What one peer shows. */
export interface PeerView {
  online: boolean
  health: ChannelHealth | undefined
  quota: Quota | undefined
  /** Ids of the messages in the order in which this peer has them. */
  readonly order: string[]
  readonly arriving: Map<string, Arriving>
  /** Frames that it could not open. */
  unreadable: number
  /** Frames that it has sent; copies that came to it, and those that were lost on their way to it. */
  sent: number
  arrived: number
  lost: number
}

export function newPeerView(): PeerView {
  return {
    online: true,
    health: undefined,
    quota: undefined,
    order: [],
    arriving: new Map(),
    unreadable: 0,
    sent: 0,
    arrived: 0,
    lost: 0,
  }
}

/** The state of a peer in a few words, and whether it is as it should be. */
export function healthText({ online, health }: PeerView): { readonly text: string; readonly good: boolean } {
  if (!online) return { text: 'offline', good: false }
  switch (health?.state) {
    case 'missing':
      return { text: `asking for ${health.missing} missing`, good: false }
    case 'incomplete':
      return { text: 'receiving', good: false }
    case 'catching-up':
      return { text: 'catching up', good: false }
    case 'unreadable':
      return { text: 'cannot read: wrong key?', good: false }
    case 'offline':
      return { text: 'offline', good: false }
    default:
      return { text: 'up to date', good: true }
  }
}
