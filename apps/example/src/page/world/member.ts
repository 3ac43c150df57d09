import {
  type ChannelEvent,
  type ChannelHealth,
  type ChannelMessageReceivedEvent,
  type ReliableChannel,
  type SendStatus,
  openChannel,
} from '@reliable-channels/channel'
import { type Cipher, xchacha } from '@reliable-channels/encryption'
import { type Quota, createRateLimiter } from '@reliable-channels/rate-limit'
import type { VirtualTime } from '@reliable-channels/simulator'
import type { Store } from '@reliable-channels/store'
import type { Transport } from '@reliable-channels/transport'
import { Subscription } from 'rxjs'
import { type PeerName, QUOTA_EPOCH_MS, type Settings } from './settings.ts'

export const CHANNEL = { channelId: 'hike', contentTopic: '/reliable-channels-demo/1/chat/proto' } as const

/** The key that the peers share, and the one of who has a wrong one. */
export const CIPHERS: Readonly<Record<'right' | 'wrong', Cipher>> = {
  right: xchacha({ key: new Uint8Array(32).fill(7) }),
  wrong: xchacha({ key: new Uint8Array(32).fill(8) }),
}

/** What the world wants to know of a member. */
export interface MemberReports {
  readonly event: (event: ChannelEvent) => void
  readonly heard: (message: ChannelMessageReceivedEvent) => void
  readonly health: (health: ChannelHealth) => void
  readonly quota: (quota: Quota) => void
  readonly status: (requestId: string, status: SendStatus) => void
  /** The message of a request has its id on the channel. */
  readonly named: (requestId: string, messageId: string) => void
  readonly dispatched: (channel: ReliableChannel) => Subscription
}

/** One peer's end of the channel, which can be closed and opened again with other options, and knows what it knew. */
export interface Member {
  readonly channel: ReliableChannel
  /** Sends, says under which id, and follows what becomes of it. @throws what `send` of a channel throws */
  send(payload: Uint8Array, taken: (requestId: string) => void): void
  reopen(settings: Settings): Promise<void>
  close(): Promise<void>
}

/** Where a member lives. */
export interface MemberPlace {
  readonly name: PeerName
  readonly transport: Transport
  readonly time: VirtualTime
  readonly random: () => number
  /** Opens its store, again whenever its channel is opened again. */
  readonly store: () => Store
}

/** Opens a member with the library's defaults and what the settings say. */
export async function openMember(
  { name, transport, time, random, store: openStore }: MemberPlace,
  settings: Settings,
  reports: MemberReports,
): Promise<Member> {
  const randomBytes = (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => Math.floor(random() * 256))

  const open = async (now: Settings): Promise<{ channel: ReliableChannel; close: () => Promise<void> }> => {
    const { quota, parityRate, segmentSizeBytes, wrongKey } = now
    const limiter = createRateLimiter({
      scheduler: time,
      ...(quota > 0 && { messagesPerEpoch: quota, epochMs: QUOTA_EPOCH_MS }),
    })
    const store = openStore()
    const channel = await openChannel({
      ...CHANNEL,
      senderId: name,
      transport,
      store,
      cipher: CIPHERS[wrongKey === name ? 'wrong' : 'right'],
      rateLimit: limiter,
      parityRate,
      segmentSizeBytes,
      scheduler: time,
      randomBytes,
    })
    const subscription = new Subscription()
    subscription.add(channel.events$.subscribe(reports.event))
    subscription.add(channel.incoming$.subscribe(reports.heard))
    subscription.add(channel.health$.subscribe(reports.health))
    subscription.add(limiter.quota$.subscribe(reports.quota))
    subscription.add(reports.dispatched(channel))
    for (const { requestId, status$ } of channel.requests)
      subscription.add(status$.subscribe((status) => reports.status(requestId, status)))
    return {
      channel,
      async close() {
        subscription.unsubscribe()
        await channel.close()
        await store.close()
      },
    }
  }

  let current = await open(settings)
  return {
    get channel() {
      return current.channel
    },
    send(payload, taken) {
      const handle = current.channel.send(payload)
      const { requestId, status$ } = handle
      taken(requestId)
      handle.wrapped().then(
        (messageId) => reports.named(requestId, messageId),
        // Its status says so.
        () => {},
      )
      status$.subscribe((status) => reports.status(requestId, status))
    },
    async reopen(next) {
      await current.close()
      current = await open(next)
    },
    close: () => current.close(),
  }
}
