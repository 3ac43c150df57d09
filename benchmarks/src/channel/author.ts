import type { Transport, TransportMessage } from '@reliable-channels/transport'
import type { HistoryEntry } from '@reliable-channels/sds/core'
import type { Library } from './checkout.ts'
import { numbered } from './topics.ts'
import { createWire } from './wire.ts'

/** Writes messages as a member would who never hears anything: each names the two before it. */
export interface Author {
  /** The next message arrives. */
  say(payload: Uint8Array): void
  /** It is written, and does not. */
  lose(payload: Uint8Array): void
}

/** A transport that brings what authors write. */
export interface Hearing {
  readonly transport: Transport
  author(senderId: string): Author
}

/** Makes authors of the first channel, and the transport of whoever hears them. */
export function hearing(library: Library): Hearing {
  const { channel, rxjs, sds, segmentation } = library
  const messages = new rxjs.Subject<TransportMessage>()
  const { channelId, contentTopic } = numbered(0)
  const meta = new TextEncoder().encode(channel.lip.marker)
  const from = Date.now()
  let written = 0

  const write = (
    senderId: string,
    causalHistory: readonly HistoryEntry[],
    bytes: Uint8Array,
  ): TransportMessage => {
    const segments = segmentation.segmentAll(bytes)
    if (!Array.isArray(segments)) throw new TypeError('a payload that is cut in turns')
    const hash = (++written).toString(16).padStart(64, '0')
    const message = {
      senderId,
      messageId: hash,
      channelId,
      lamport: from + written,
      causalHistory: [...causalHistory],
    }
    const payload = sds.encodeMessage({ ...message, repairRequest: [], content: segments[0]!.payload }, 'lip')
    return { hash, contentTopic, payload, ephemeral: false, meta, timestampMs: Date.now() }
  }

  return {
    transport: { ...createWire(library).peer(), messages$: messages.asObservable() },
    author(senderId) {
      let causalHistory: readonly HistoryEntry[] = []
      const next = (bytes: Uint8Array): TransportMessage => {
        const message = write(senderId, causalHistory, bytes)
        causalHistory = [...causalHistory.slice(-1), { messageId: message.hash, senderId }]
        return message
      }
      return { say: (payload) => messages.next(next(payload)), lose: (payload) => void next(payload) }
    },
  }
}
