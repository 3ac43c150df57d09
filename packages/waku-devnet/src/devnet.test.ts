import { createDecoder, createLightNode, utils, type LightNode } from '@waku/sdk'
import { createEncoder } from '@waku/core'
import { afterEach, describe, expect, it } from 'vitest'

import { devnet, type Devnet } from './index.ts'
import { until } from './until.ts'

const TOPIC = '/devnet-test/1/chat/proto'
const open: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close()
})

async function lightNode(network: Devnet, indices: readonly number[] = [0]): Promise<LightNode> {
  const node = await createLightNode({
    networkConfig: network.networkConfig,
    defaultBootstrap: false,
    lightPush: { autoRetry: false },
    libp2p: { filterMultiaddrs: false, hideWebSocketInfo: true },
  })
  open.push({
    close: async () => {
      node.filter.unsubscribeAll()
      await node.stop()
    },
  })
  for (const index of indices) await node.dial(network.multiaddrs[index] as string)
  await until(() => node.libp2p.getConnections().length >= indices.length, 5000, 'connections')
  await node.waitForPeers(undefined, 5000)
  return node
}

describe('a devnet with an unmodified light node', () => {
  it('carries a message from light push through three nodes to filter and store', async () => {
    const network = await devnet({ nodes: 3, topology: 'line' })
    open.push(network)
    const alice = await lightNode(network, [0])
    const bob = await lightNode(network, [2])
    const routingInfo = utils.createRoutingInfo(network.networkConfig, { contentTopic: TOPIC })
    const decoder = createDecoder(TOPIC, routingInfo)
    const encoder = createEncoder({ contentTopic: TOPIC, routingInfo })
    const received: string[] = []
    await bob.filter.subscribe([decoder], (message) => {
      received.push(new TextDecoder().decode(message.payload))
    })
    await until(() => network.nodes[2]?.stats().subscribers === 1, 5000, 'subscription')
    const result = await alice.lightPush.send(encoder, {
      payload: new TextEncoder().encode('hello'),
      timestamp: new Date(),
    })
    expect(result.failures).toEqual([])
    await until(() => received.length === 1, 5000, 'message')
    expect(received).toEqual(['hello'])
  })
})
