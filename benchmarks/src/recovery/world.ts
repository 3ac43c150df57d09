import {
  type ChannelOptions,
  type NodeOptions,
  type ReliableChannel,
  ReliableChannelManager,
} from '@reliable-channels/channel'
import { decodeMessage, kindOf } from '@reliable-channels/sds/core'
import {
  type SimulatedNetwork,
  type SimulatedNetworkOptions,
  type VirtualTime,
  seededRandom,
  simulatedNetwork,
  virtualTime,
} from '@reliable-channels/simulator'
import type { Transport } from '@reliable-channels/transport'
import { rewired } from './rewired.ts'
import { type Traced, createTracer } from './trace.ts'

/** Is told of everything that happens. */
export type Say = (traced: Traced) => void

/** Where a case takes place. */
export interface WorldOptions {
  readonly seed: number
  /** Share of copies lost on the way to each receiver. @default 0 */
  readonly loss?: number
  /** Further options of the network. */
  readonly network?: SimulatedNetworkOptions
  readonly say?: Say | undefined
}

/** Options of a member that differ from the defaults. */
export interface MemberOptions extends Partial<Omit<ChannelOptions, 'senderId'>> {
  /** Options of its node that differ. */
  readonly node?: Partial<NodeOptions>
}

/** How much was handed to the network: in sync messages, and in those with content, first copies and others. */
export type Traffic = Record<'content' | 'sync', { frames: number; bytes: number }>

/** A channel's members on a simulated network in virtual time, with default options. */
export interface World {
  readonly time: VirtualTime
  readonly network: SimulatedNetwork
  /** Frames and bytes so far, all members together. */
  readonly traffic: Traffic
  /** Time since the world began, s. */
  seconds(): number
  /** Numbers in [0, 1) of the case's own. */
  readonly random: () => number
  /** Opens the channel for a member. */
  join(senderId: string, options?: MemberOptions): Promise<ReliableChannel>
  /** Runs until something is so, or for so many seconds; returns whether it is. */
  until(done: () => boolean, maxS: number): Promise<boolean>
  /** Closes everything. */
  close(): Promise<void>
}

/** From 50 to 150 ms from each to each. */
export const LATENCY = { latencyMs: 50, jitterMs: 100 } as const

/** Makes a world; equal seeds make equal ones. */
export function createWorld({ seed, loss = 0, network: more = {}, say }: WorldOptions): World {
  const time = virtualTime()
  const startMs = time.now()
  const network = simulatedNetwork({ ...LATENCY, loss, ...more, seed, scheduler: time })
  const tracer = say && createTracer({ time, network, say })
  const traffic: Traffic = { content: none(), sync: none() }
  /** Counts what is handed to the network as anybody could who listens there: no option of a channel is needed for it. */
  const counted = (transport: Transport): Transport =>
    rewired(transport, {
      send(envelope) {
        const { message } = decodeMessage(envelope.payload)
        const tally = traffic[message !== undefined && kindOf(message) === 'sync' ? 'sync' : 'content']
        tally.frames++
        tally.bytes += envelope.payload.length
        return transport.send(envelope)
      },
    })
  const managers: ReliableChannelManager[] = []
  return {
    time,
    network,
    traffic,
    random: seededRandom(seed, 'case'),
    seconds: () => (time.now() - startMs) / 1000,
    async join(senderId, { node, ...options } = {}) {
      const transport = node?.transport ?? network.peer(senderId)
      const random = seededRandom(seed, senderId)
      const manager = new ReliableChannelManager({
        scheduler: time,
        randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256)),
        ...node,
        transport: counted(tracer?.transport(senderId, transport) ?? transport),
      })
      managers.push(manager)
      const channel = await manager.create({
        channelId: 'bench',
        contentTopic: '/bench/1/recovery/proto',
        ...options,
        senderId,
      })
      tracer?.channel(channel)
      return channel
    },
    until: (done, maxS) => time.run({ until: done, maxMs: maxS * 1000 }),
    async close() {
      await Promise.all(managers.map((manager) => manager.closeAll()))
      network.close()
    },
  }
}

/** All that was handed to the network so far, by anybody and whatever for. */
export function framesOf({ network }: World): number {
  return network.stats.sent
}

const none = (): Traffic['content'] => ({ frames: 0, bytes: 0 })
