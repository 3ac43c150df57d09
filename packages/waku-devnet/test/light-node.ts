import { createEncoder, type Encoder } from '@waku/core'
import { createDecoder, createLightNode, utils, type LightNode, type IDecodedMessage } from '@waku/sdk'

import type { Devnet } from '../src/index.ts'
import { until } from '../src/until.ts'
import type { Cleanup } from './cleanup.ts'

/** A light node of the unmodified SDK, connected to some nodes of a devnet. */
export async function connectLightNode(
  network: Devnet,
  cleanup: Cleanup,
  nodes: readonly number[] = [0],
  discovery: { readonly peerExchange?: boolean } = {},
): Promise<LightNode> {
  const node = await createLightNode({
    networkConfig: network.networkConfig,
    defaultBootstrap: false,
    discovery,
    lightPush: { autoRetry: false },
    filter: { keepAliveIntervalMs: 300, pingsBeforePeerRenewed: 1 },
    connectionManager: { dialCooldown: 1, failedDialCooldown: 1 },
    // vitest's NODE_ENV=test would let ws:// pass by itself.
    libp2p: { filterMultiaddrs: false, hideWebSocketInfo: true },
  })
  cleanup.add({
    close: async () => {
      node.filter.unsubscribeAll()
      await node.stop()
    },
  })
  await node.start()
  for (const index of nodes) await node.dial(network.nodes[index]?.multiaddrs[0] as string)
  await until(() => node.libp2p.getConnections().length >= nodes.length, 20_000, 'the light node to connect')
  await identified(node)
  return node
}

/** Peers are of use once identify has told all that they speak; dialling tells some of it. */
async function identified(node: LightNode): Promise<void> {
  let known = false
  const look = async (): Promise<void> => {
    const peers = await node.getConnectedPeers()
    known = peers.length > 0 && peers.every(({ protocols }) => protocols.includes('/vac/waku/metadata/1.0.0'))
  }
  await until(
    () => {
      void look()
      return known
    },
    20_000,
    'identify',
  )
}

/** An encoder and a decoder for one content topic of a devnet. */
export function codecs(
  network: Devnet,
  contentTopic: string,
  ephemeral = false,
): { encoder: Encoder; decoder: ReturnType<typeof createDecoder> } {
  const routingInfo = utils.createRoutingInfo(network.networkConfig, { contentTopic, shardId: 0 })
  return {
    encoder: createEncoder({ contentTopic, routingInfo, ephemeral }),
    decoder: createDecoder(contentTopic, routingInfo),
  }
}

/** The text of a message. */
export function text({ payload }: Pick<IDecodedMessage, 'payload'>): string {
  return new TextDecoder().decode(payload)
}
