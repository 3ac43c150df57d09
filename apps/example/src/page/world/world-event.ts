import type { ChannelEvent, ChannelHealth, DispatchedMessage, SendStatus } from '@reliable-channels/channel'
import type { Quota } from '@reliable-channels/rate-limit'
import type { ChatMessage } from './chat-message.ts'
import type { Layers } from './inspect.ts'
import type { PeerName } from './settings.ts'

/** Why a copy did not arrive. */
export type LossReason = 'lost' | 'cut off' | 'away'

/** Everything that the views are told of the world; `atMs` is virtual time. */
export type WorldEvent = { readonly atMs: number } & (
  | {
      readonly type: 'said'
      readonly peer: PeerName
      readonly message: ChatMessage
      readonly requestId: string
      readonly payloadBytes: number
      /** Who is to get it: everybody else who has the same key. */
      readonly readers: readonly PeerName[]
    }
  /** It has its id on the channel: of several segments the hash that they carry, else that of the SDS message. */
  | {
      readonly type: 'named'
      readonly peer: PeerName
      readonly requestId: string
      readonly messageId: string
    }
  /** After a reload: the messages of a peer that its channel still works on. */
  | { readonly type: 'resumed'; readonly peer: PeerName; readonly requestIds: ReadonlySet<string> }
  /** A message could not even be queued. */
  | { readonly type: 'refused'; readonly peer: PeerName; readonly error: string }
  | {
      readonly type: 'status'
      readonly peer: PeerName
      readonly requestId: string
      readonly status: SendStatus
    }
  | {
      readonly type: 'heard'
      readonly peer: PeerName
      readonly messageId: string
      /** It may have been heard before the reload. */
      readonly redelivered: boolean
    }
  | { readonly type: 'channel'; readonly peer: PeerName; readonly event: ChannelEvent }
  /** A frame was handed to the network. */
  | {
      readonly type: 'frame'
      readonly peer: PeerName
      readonly hash: string
      readonly kind: DispatchedMessage['kind']
      readonly messageId: string
      readonly layers: Layers | undefined
    }
  /** A copy of it came to its receiver, or did not. */
  | { readonly type: 'arrived'; readonly hash: string; readonly from: PeerName; readonly to: PeerName }
  | {
      readonly type: 'lost'
      readonly hash: string
      readonly from: PeerName
      readonly to: PeerName
      readonly reason: LossReason
    }
  | { readonly type: 'health'; readonly peer: PeerName; readonly health: ChannelHealth }
  | { readonly type: 'quota'; readonly peer: PeerName; readonly quota: Quota }
  | { readonly type: 'online'; readonly peer: PeerName; readonly online: boolean }
)
