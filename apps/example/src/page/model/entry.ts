import type { SendStatus } from '@reliable-channels/channel'
import type { ChatMessage } from '../world/chat-message.ts'
import type { Layers } from '../world/inspect.ts'
import type { PeerName } from '../world/settings.ts'
import type { LossReason } from '../world/world-event.ts'

/** What the visitor sees behind a message: a clock, one tick, two ticks, or a mark that something is wrong. */
export type Tick = 'queued' | 'sent' | 'delivered' | 'failed'

/** Something that happened to a message. */
export interface Moment {
  readonly atMs: number
  readonly text: string
}

/** What became of one copy of a frame. */
export interface Copy {
  readonly to: PeerName
  readonly fate: 'arrived' | LossReason
}

/** One frame that carried a segment of a message. */
export interface FrameRecord {
  readonly hash: string
  readonly messageId: string
  readonly kind: 'content' | 'retransmission' | 'repair' | 'sync'
  readonly by: PeerName
  readonly atMs: number
  /** Place among all segments of the message, data first. */
  readonly place: number
  readonly isParity: boolean
  readonly copies: Copy[]
  /** Forgotten of old frames. */
  layers: Layers | undefined
}

/** One message of the conversation, as all peers together know it. */
export interface Entry {
  readonly message: ChatMessage
  readonly author: PeerName
  readonly requestId: string
  /** On the channel; `undefined` until it is wrapped. */
  messageId: string | undefined
  readonly payloadBytes: number
  readonly saidAtMs: number
  status: SendStatus | undefined
  /** When it reached the application of each receiver. */
  readonly heardAtMs: Map<PeerName, number>
  readonly frames: FrameRecord[]
  readonly moments: Moment[]
  /** Another number whenever what a bubble shows of it has changed. */
  version: number
}

/** The tick of a message. */
export function tickOf({ status }: Pick<Entry, 'status'>): Tick {
  switch (status?.state) {
    case 'sent':
      return 'sent'
    case 'delivered':
      return 'delivered'
    case 'send-failed':
    case 'delivery-failed':
    case 'cancelled':
      return 'failed'
    default:
      return 'queued'
  }
}

/** What the tick means, in words. */
export function tickText(entry: Pick<Entry, 'status' | 'heardAtMs'>, name: (peer: string) => string): string {
  const { status } = entry
  const has = [...entry.heardAtMs.keys()].map(name)
  switch (tickOf(entry)) {
    case 'queued': {
      const { released = 0, total = 1 } = status?.segments ?? {}
      return total > 1 ? `Sending, ${released} of ${total} segments` : 'Queued'
    }
    case 'sent': {
      const { acknowledged = 0, data = 1 } = status?.segments ?? {}
      return data > 1 ? `Sent, ${acknowledged} of ${data} segments confirmed` : 'Sent'
    }
    case 'delivered':
      return has.length > 0 ? `Delivered to ${has.join(' and ')}` : 'Delivered'
    case 'failed':
      // SDS sends it again.
      return status?.state === 'send-failed' && status.segments.failed > 0
        ? 'Not sent yet, will be tried again'
        : (status?.error ?? 'Not sent')
  }
}
