import type { Transport } from '@reliable-channels/transport'
import type { TransportPair } from '@reliable-channels/transport/testing'
import { type Devnet, type DevnetOptions, devnet } from '@reliable-channels/waku-devnet'

import {
  type CreateWakuTransportOptions,
  type OwnedWakuTransport,
  createWakuTransport,
} from '../src/index.ts'

/** A transport of a light node of its own on some nodes of the network. */
export function join(
  network: Devnet,
  { nodes = [0, 1], ...options }: { nodes?: readonly number[] } & CreateWakuTransportOptions = {},
): Promise<OwnedWakuTransport> {
  return createWakuTransport({
    bootstrapPeers: nodes.map((index) => network.nodes[index]!.multiaddrs[0]!),
    networkConfig: network.networkConfig,
    pushesPerSecond: Infinity,
    ...options,
  })
}

/** Resolves when the transport says that it is connected. */
export function connected(transport: Transport): Promise<void> {
  return new Promise((resolve) => {
    const subscription = transport.connection$.subscribe((state) => {
      if (state !== 'connected') return
      resolve()
      queueMicrotask(() => subscription.unsubscribe())
    })
  })
}

/** Resolves once the condition holds; asked every few milliseconds for so long at most. */
export async function until(condition: () => boolean, what: string, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Two connected transports on a network of their own. */
export async function createPair(options: DevnetOptions = {}): Promise<TransportPair> {
  const network = await devnet({ nodes: 2, rateLimits: false, ...options })
  const [a, b] = await Promise.all([join(network), join(network, { nodes: [1, 0] })])
  await Promise.all([connected(a), connected(b)])
  return {
    a,
    b,
    settle: () => new Promise((resolve) => setTimeout(resolve, 40)),
    disconnect: async () => {
      await Promise.all(network.nodes.map((node) => node.stop()))
    },
    reconnect: async () => {
      await Promise.all(network.nodes.map((node) => node.start()))
    },
    close: async () => {
      await Promise.all([a.close(), b.close()])
      await network.close()
    },
  }
}
