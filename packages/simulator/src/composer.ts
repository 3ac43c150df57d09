import type { Envelope, TransportMessage } from '@reliable-channels/transport'
import { messageHash } from './message-hash.ts'

/** The topic that hashes are made with; the simulator has no shards. */
const PUBSUB_TOPIC = '/waku/2/rs/0/0'

const NS_PER_MS = 1_000_000n

/** A message that was sent, and how many its sender has sent with it. */
export interface Composed {
  readonly message: TransportMessage
  readonly number: number
}

/** Makes messages of envelopes. What it knows of a name outlasts the peers that had it. */
export class Composer {
  readonly #senders = new Map<string, { count: number; lastNs: bigint }>()

  /** Equal bytes sent again are another message: the timestamps of a sender increase strictly. */
  compose(name: string, envelope: Envelope, nowMs: number): Composed {
    const sender = this.#senders.get(name) ?? { count: 0, lastNs: -1n }
    this.#senders.set(name, sender)
    const { contentTopic, ephemeral, meta } = envelope
    const timestampMs = Math.floor(nowMs)
    const nowNs = BigInt(timestampMs) * NS_PER_MS
    sender.lastNs = nowNs > sender.lastNs ? nowNs : sender.lastNs + 1n
    // Not `slice`, which shares the memory of a Buffer.
    const payload = new Uint8Array(envelope.payload)
    const content = { contentTopic, payload, ...(meta && { meta: new Uint8Array(meta) }) }
    const hash = messageHash({ pubsubTopic: PUBSUB_TOPIC, timestampNs: sender.lastNs, ...content })
    return { message: { hash, ephemeral, timestampMs, ...content }, number: ++sender.count }
  }
}
