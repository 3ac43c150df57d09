import { createDecoder, createEncoder, createLightNode, utils } from '@waku/sdk'

/** What the page offers to the test. */
export interface DevnetPage {
  /** Connects a light node, sends, and returns what came back by filter and what the store has of it. */
  exchange(options: ExchangeOptions): Promise<{ readonly received: string[]; readonly stored: string[] }>
}

/** Where to connect to, and what to say there. */
export interface ExchangeOptions {
  readonly address: string
  readonly networkConfig: { clusterId: number; numShardsInCluster: number }
  readonly contentTopic: string
  readonly say: readonly string[]
  /** How many messages to wait for. */
  readonly expect: number
}

declare global {
  var devnetPage: DevnetPage
}

globalThis.devnetPage = {
  async exchange({ address, networkConfig, contentTopic, say, expect }) {
    const node = await createLightNode({
      networkConfig,
      defaultBootstrap: false,
      lightPush: { autoRetry: false },
      libp2p: { filterMultiaddrs: false, hideWebSocketInfo: true },
    })
    await node.start()
    await node.dial(address)
    // A peer is of use once identify has told all that it speaks; dialling tells some of it.
    const isIdentified = async (): Promise<boolean> =>
      (await node.getConnectedPeers()).some(({ protocols }) => protocols.includes('/vac/waku/metadata/1.0.0'))
    while (!(await isIdentified())) await new Promise((resolve) => setTimeout(resolve, 5))
    const routingInfo = utils.createRoutingInfo(networkConfig, { contentTopic })
    const encoder = createEncoder({ contentTopic, routingInfo })
    const decoder = createDecoder(contentTopic, routingInfo)
    const received: string[] = []
    const stored: string[] = []
    let heardAll: () => void = () => {}
    const all = new Promise<void>((resolve) => (heardAll = resolve))
    await node.filter.subscribe(decoder, (message) => {
      received.push(new TextDecoder().decode(message.payload))
      if (received.length === expect) heardAll()
    })
    for (const words of say) {
      const payload = new TextEncoder().encode(words)
      const { failures } = await node.lightPush.send(encoder, { payload, timestamp: new Date() })
      if (failures.length > 0) throw new Error(`not sent: ${failures[0]?.error}`)
    }
    await all
    await node.store.queryWithOrderedCallback([decoder], (message) => {
      stored.push(new TextDecoder().decode(message.payload))
    })
    node.filter.unsubscribeAll()
    await node.stop()
    return { received, stored }
  },
}
