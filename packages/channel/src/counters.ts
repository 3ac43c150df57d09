import type { SdsEvent } from '@reliable-channels/sds'
import type { Drops } from './drops.ts'
import type { ChannelEvent } from './events.ts'
import type { DispatchEvent } from './pipeline/dispatch.ts'
import type { AddressedFrame } from './pipeline/frames.ts'

/** What a channel has done since it was opened, and what waits in it now. All are counts but for those that say bytes. */
export interface ChannelStats {
  /** Messages of the application. */
  readonly messages: {
    /** Taken in by `send`. */
    readonly taken: number
    /** The network took them whole, or did not; one that failed may be sent late, and counts in both. */
    readonly sent: number
    readonly sendFailed: number
    /** Somebody has them whole, or nobody acknowledged them; one that failed may be delivered late, and counts in both. */
    readonly delivered: number
    readonly deliveryFailed: number
    /** Handed out, also those that came again after a restart. */
    readonly received: number
    /** Of several segments, some of which came, and given up. */
    readonly lost: number
  }
  /** Frames that were handed to the network: what the quota counts. */
  readonly out: {
    /** Segments of messages. */
    readonly content: number
    readonly retransmission: number
    readonly repair: number
    readonly sync: number
    /** Of their envelopes' payloads, sealed. */
    readonly bytes: number
    /** The network has them, or could not be brought to take them. */
    readonly confirmed: number
    readonly failed: number
  }
  /** What came from the network for this channel's layer and topic. */
  readonly in: {
    readonly frames: number
    /** Of their payloads. */
    readonly bytes: number
    /** Segments that SDS delivered: once each, in causal order. */
    readonly segments: number
    readonly sync: number
  }
  /** What SDS did. */
  readonly sds: {
    /** Members that acknowledged a segment: one for each member and segment. */
    readonly acknowledgements: number
    /** Messages that were found to be missing, and those given up. */
    readonly missing: number
    readonly lost: number
    /** Messages that others were asked for. */
    readonly repairRequests: number
  }
  /** What waits now. */
  readonly waiting: {
    /** Requests whose dispatch is not over, and the bytes of their payloads. */
    readonly requests: number
    readonly requestBytes: number
    /** Frames in the rate limit, of all channels of the node. */
    readonly rateLimit: number
    /** Own segments that are not acknowledged, and the bytes of their contents. */
    readonly unacknowledged: number
    readonly unacknowledgedBytes: number
    /** Messages that others refer to and that have not come. */
    readonly missing: number
    /** Messages of which some segments have come, and the bytes that are held for them. */
    readonly incomplete: number
    readonly incompleteBytes: number
  }
  /** The node's quota in the running epoch; `Infinity` without a rate limit. */
  readonly quota: { readonly limit: number; readonly used: number; readonly left: number }
  /** How often something was dropped or refused, by reason; as {@link ReliableChannel.drops}. */
  readonly drops: Drops
}

/** What is counted; the rest of the stats is read where it is. */
export type Counts = Pick<ChannelStats, 'messages' | 'out' | 'in' | 'sds'>

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Counts what passes. One addition for each thing that happens. */
export class Counters {
  readonly #messages: Mutable<ChannelStats['messages']> = {
    taken: 0,
    sent: 0,
    sendFailed: 0,
    delivered: 0,
    deliveryFailed: 0,
    received: 0,
    lost: 0,
  }
  readonly #out: Mutable<ChannelStats['out']> = {
    content: 0,
    retransmission: 0,
    repair: 0,
    sync: 0,
    bytes: 0,
    confirmed: 0,
    failed: 0,
  }
  readonly #in: Mutable<ChannelStats['in']> = { frames: 0, bytes: 0, segments: 0, sync: 0 }
  readonly #sds: Mutable<ChannelStats['sds']> = {
    acknowledgements: 0,
    missing: 0,
    lost: 0,
    repairRequests: 0,
  }

  /** `send` took a message in. */
  taken(): void {
    this.#messages.taken++
  }

  /** A frame is handed to the network. */
  leaving({ kind, envelope }: Pick<AddressedFrame, 'kind' | 'envelope'>): void {
    this.#out[kind]++
    this.#out.bytes += envelope.payload.length
  }

  /** Something became of it. */
  dispatched({ type }: Pick<DispatchEvent<unknown>, 'type'>): void {
    if (type === 'confirmed') this.#out.confirmed++
    else if (type === 'failed') this.#out.failed++
  }

  /** A message of the network is let in. */
  came(payload: Uint8Array): void {
    this.#in.frames++
    this.#in.bytes += payload.length
  }

  /** SDS tells something. */
  heardOf(event: SdsEvent): void {
    const { type } = event
    if (type === 'delivered') this.#in.segments++
    else if (type === 'sync-received') this.#in.sync++
    else if (type === 'acknowledged') this.#sds.acknowledgements++
    else if (type === 'missing') this.#sds.missing += event.entries.length
    else if (type === 'lost') this.#sds.lost += event.entries.length
    else if (type === 'repair-requested') this.#sds.repairRequests += event.messageIds.length
  }

  /** The channel tells something; what happened before a restart was counted then. */
  told(event: ChannelEvent): void {
    if (event.type === 'reliable:message:received') this.#messages.received++
    else if (event.type === 'reliable:message:lost') this.#messages.lost++
    else if ('redelivered' in event && !event.redelivered) {
      const name = OUTCOMES[event.type]
      this.#messages[name]++
    }
  }

  counts(): Counts {
    return {
      messages: { ...this.#messages },
      out: { ...this.#out },
      in: { ...this.#in },
      sds: { ...this.#sds },
    }
  }
}

const OUTCOMES = {
  'reliable:message:sent': 'sent',
  'reliable:message:send-error': 'sendFailed',
  'reliable:message:delivered': 'delivered',
  'reliable:message:delivery-error': 'deliveryFailed',
} as const
