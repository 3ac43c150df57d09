import {
  type ChannelOptions,
  type NodeOptions,
  type ReliableChannel,
  openChannel,
} from '@reliable-channels/channel'
import {
  type SimulatedNetwork,
  type VirtualTime,
  seededRandom,
  simulatedNetwork,
  virtualTime,
} from '@reliable-channels/simulator'

/** Members of one channel on a simulated network, in virtual time. */
export interface Members {
  readonly scheduler: VirtualTime
  readonly network: SimulatedNetwork
  open(senderId: string, options?: Partial<NodeOptions & ChannelOptions>): Promise<ReliableChannel>
  pass(ms: number): Promise<unknown>
}

export function members({
  seed = 1,
  ...conditions
}: { readonly seed?: number; readonly loss?: number } = {}): Members {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed, ...conditions, scheduler })
  const bytesOf = (senderId: string): ((length: number) => Uint8Array) => {
    const random = seededRandom(seed, senderId)
    return (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256))
  }
  return {
    scheduler,
    network,
    open: (senderId, options) =>
      openChannel({
        channelId: 'friends',
        contentTopic: '/app/1/friends/proto',
        senderId,
        transport: network.peer(senderId),
        scheduler,
        randomBytes: bytesOf(senderId),
        ...options,
      }),
    pass: (ms) => scheduler.run({ maxMs: ms }),
  }
}
