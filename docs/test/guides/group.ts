import {
  type ChannelOptions,
  type NodeOptions,
  type ReliableChannel,
  openChannel,
} from '@reliable-channels/channel'
import {
  type SimulatedNetwork,
  type SimulatedNetworkOptions,
  type VirtualTime,
  simulatedNetwork,
  virtualTime,
} from '@reliable-channels/simulator'

/** Members of one channel on a simulated network, in virtual time. */
export interface Group {
  readonly scheduler: VirtualTime
  readonly network: SimulatedNetwork
  open(senderId: string, options?: Partial<NodeOptions & ChannelOptions>): Promise<ReliableChannel>
  /** Closes all members. */
  close(): Promise<void>
}

export function group(conditions: SimulatedNetworkOptions = {}): Group {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 1, ...conditions, scheduler })
  const members: ReliableChannel[] = []
  return {
    scheduler,
    network,
    async open(senderId, options = {}) {
      const member = await openChannel({
        channelId: 'friends',
        contentTopic: '/my-app/1/friends/proto',
        senderId,
        transport: network.peer(senderId),
        scheduler,
        ...options,
      })
      members.push(member)
      return member
    },
    async close() {
      const closing = Promise.all(members.map((member) => member.close()))
      await scheduler.advance(10_000)
      await closing
    },
  }
}

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
