import {
  type ChannelOptions,
  type NodeOptions,
  type ReliableChannel,
  openChannel,
} from '@reliable-channels/channel'
import {
  type CreateWakuTransportOptions,
  type OwnedWakuTransport,
  createWakuTransport,
} from '@reliable-channels/transport-waku'
import { type Devnet, type DevnetOptions, devnet } from '@reliable-channels/waku-devnet'

/** Where a member's light node connects to. */
export interface Whereabouts extends Omit<CreateWakuTransportOptions, 'node'> {
  /** Indices of service nodes. */
  readonly at?: readonly number[]
}

/** A network, with what was opened on it; closing it closes all. */
export interface TestNetwork extends AsyncDisposable {
  readonly devnet: Devnet
  /** A transport of a light node of its own, as fast as it goes unless told otherwise. */
  transport(where?: Whereabouts): Promise<OwnedWakuTransport>
  /** A member of a channel, on a light node of its own. */
  member(
    senderId: string,
    where?: Whereabouts,
    options?: Partial<ChannelOptions & NodeOptions>,
  ): Promise<ReliableChannel>
  /** Has something closed with the network. */
  closing(one: { close(): Promise<unknown> }): void
}

/** Content topic and channel id of the tests. */
export const ROOM = { channelId: 'room', contentTopic: '/waku-test/1/room/proto' } as const

/** Starts a network without rate limits, unless told otherwise. */
export async function startNetwork(options: DevnetOptions = {}): Promise<TestNetwork> {
  const network = await devnet({ nodes: 3, rateLimits: false, ...options })
  const open: { close(): Promise<unknown> }[] = []
  const test: TestNetwork = {
    devnet: network,
    async transport({ at = [0, 1], ...more } = {}) {
      const transport = await createWakuTransport({
        bootstrapPeers: at.map((index) => network.nodes[index]!.multiaddrs[0]!),
        networkConfig: network.networkConfig,
        pushesPerSecond: Infinity,
        ...more,
      })
      open.push(transport)
      return transport
    },
    async member(senderId, where = {}, channelOptions = {}) {
      const transport = await test.transport(where)
      await until(() => stateOf(transport) === 'connected', `${senderId} to be connected`)
      const channel = await openChannel({ ...ROOM, senderId, transport, ...channelOptions })
      open.push(channel)
      return channel
    },
    closing: (one) => void open.push(one),
    async [Symbol.asyncDispose]() {
      for (const one of open.toReversed()) await one.close()
      await network.close()
    },
  }
  return test
}

/** The present state of the connection. */
export function stateOf({ connection$ }: Pick<OwnedWakuTransport, 'connection$'>): string {
  let state = ''
  connection$.subscribe((latest) => (state = latest)).unsubscribe()
  return state
}

/** Longest wait, ms: it only ends a test that hangs, however slow the machine is. */
const HANGING_MS = 280_000

/** Waits for a condition, for so long at most. */
export async function until(condition: () => boolean, what: string, timeoutMs = HANGING_MS): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The payloads that a channel delivers, as text. */
export function texts(channel: ReliableChannel): string[] {
  const seen: string[] = []
  channel.incoming$.subscribe(({ payload }) => seen.push(new TextDecoder().decode(payload)))
  return seen
}

/** Bytes that differ from message to message and place to place. */
export function content(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 0xff)
}

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
