import { type ReliableChannel, openChannel } from '@reliable-channels/channel'
import { xchacha } from '@reliable-channels/encryption'
import type { RateLimiter } from '@reliable-channels/rate-limit'
import { type CreateWakuTransportOptions, createWakuTransport } from '@reliable-channels/transport-waku'
import { filter, firstValueFrom, timeout } from 'rxjs'
import type { DemoOptions } from '../options.ts'
import { StartError } from '../outcome.ts'

/** Options with which a member takes part; they pass between processes. */
export interface MemberOptions {
  readonly senderId: string
  /** Addresses of service nodes. */
  readonly bootstrapPeers: readonly string[]
  readonly networkConfig: NonNullable<CreateWakuTransportOptions['networkConfig']>
  /** Messages pushed to each service node a second; absent for the transport's own pace. */
  readonly pushesPerSecond?: number
  /** The members' common key, 32 bytes. */
  readonly key: Uint8Array
  readonly segmentSizeBytes: number
  readonly rate: DemoOptions['rate']
}

/** Options of a member of this process. */
interface OwnOptions extends MemberOptions {
  /** In place of one for `rate`. */
  readonly limiter?: RateLimiter
}

/** A member of the channel, on a light node of its own; closing it closes both. */
export interface Member extends AsyncDisposable {
  readonly channel: ReliableChannel
}

const CONNECT_MS = 30_000

/** Starts a light node, waits until it can send and receive, and opens the channel. */
export async function openMember({
  senderId,
  bootstrapPeers,
  networkConfig,
  pushesPerSecond,
  key,
  segmentSizeBytes,
  rate,
  limiter,
}: OwnOptions): Promise<Member> {
  await using opened = new AsyncDisposableStack()
  const transport = opened.use(
    await createWakuTransport({
      bootstrapPeers,
      networkConfig,
      // One by one, so that there is something to see on the way.
      ...(pushesPerSecond !== undefined && { pushesPerSecond, pushBurst: 1 }),
    }),
  )
  const connected$ = transport.connection$.pipe(
    filter((state) => state === 'connected'),
    timeout({
      first: CONNECT_MS,
      with: () => {
        throw new StartError(`${senderId} found no service node within ${CONNECT_MS / 1000} s`)
      },
    }),
  )
  await firstValueFrom(connected$)
  const channel = opened.use(
    await openChannel({
      channelId: 'demo',
      contentTopic: '/reliable-channels-demo/1/file/proto',
      senderId,
      transport,
      segmentSizeBytes,
      ...(rate && {
        rateLimit: limiter ?? { enabled: true, messagesPerEpoch: rate.messages, epochMs: rate.periodMs },
      }),
      cipher: xchacha({ key }),
    }),
  )
  const kept = opened.move()
  return { channel, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}
