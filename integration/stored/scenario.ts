import { type ChannelEvent, type ReliableChannel, openChannel } from '@reliable-channels/channel'
import {
  type SimulatedPeer,
  type VirtualTime,
  seededRandom,
  simulatedNetwork,
  virtualTime,
} from '@reliable-channels/simulator'
import type { Store } from '@reliable-channels/store'

/** When the records were written, by the clock of the scenario, ms since 1970. */
export const WRITTEN_AT_MS = 1_795_000_000_000
/** Whoever opens them comes a minute later. */
export const OPENED_AT_MS: number = WRITTEN_AT_MS + 60_000

/** What Alice has said when the records are written. Bob has received the first, and handled it. */
export const SAID = ['handled before the end', 'received, and not handled'] as const
/** Bob has a few segments of it, Alice has the rest. */
export const FILE: Uint8Array = Uint8Array.from({ length: 4_000 }, (_, i) => (i * i) >> 3)
/** Accepted, and never sent. */
export const UNSENT = 'accepted while offline'

/** A member of the conversation. */
export interface Member {
  readonly channel: ReliableChannel
  readonly peer: SimulatedPeer
  readonly events: ChannelEvent[]
  /** Payloads that the application was given, and whether each was flagged as given before. */
  readonly received: { readonly payload: Uint8Array; readonly redelivered: boolean }[]
}

/** The conversation, in virtual time from `startMs`. */
export interface Conversation {
  readonly time: VirtualTime
  open(senderId: 'alice' | 'bob', store: Store): Promise<Member>
}

export const text = (payload: Uint8Array): string => new TextDecoder().decode(payload)
export const bytes = (said: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(said)

/** Begins it, with nobody there. */
export function converse(startMs: number): Conversation {
  const time = virtualTime({ startMs })
  const network = simulatedNetwork({ seed: 7, scheduler: time })
  const random = seededRandom(startMs % 1_000_000)
  return {
    time,
    async open(senderId, store) {
      const peer = network.peer(senderId)
      const opening = openChannel({
        channelId: 'stored',
        contentTopic: '/stored/1/records/proto',
        senderId,
        transport: peer,
        scheduler: time,
        store,
        randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256)),
        segmentSizeBytes: 400,
        consume: 'acknowledged',
        rateLimit: { epochMs: 600_000, messagesPerEpoch: 8 },
      })
      // Refused before anybody waits for it.
      opening.catch(() => {})
      await time.run({ maxMs: 0 })
      const channel = await opening
      const events: ChannelEvent[] = []
      const received: Member['received'] = []
      channel.events$.subscribe((event) => events.push(event))
      channel.incoming$.subscribe(({ payload, redelivered, ack }) => {
        received.push({ payload, redelivered })
        if (text(payload) !== SAID[1]) void ack()
      })
      return { channel, peer, events, received }
    },
  }
}
