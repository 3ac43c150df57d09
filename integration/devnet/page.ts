import { createDecoder, createEncoder, createLightNode, utils } from '@waku/sdk'

/** What the page offers to the test. */
export interface DevnetPage {
  /** Whether a service node has agreed to deliver. */
  listening: boolean
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
  listening: false,
  async exchange({ address, networkConfig, contentTopic, say, expect }) {
    const node = await createLightNode({
      networkConfig,
      defaultBootstrap: false,
      lightPush: { autoRetry: false },
      libp2p: { filterMultiaddrs: false, hideWebSocketInfo: true },
    })
    await node.start()
    // A peer is of use once identify has told all that it speaks; dialling tells some of it.
    const identified = new Promise((resolve) => {
      node.libp2p.addEventListener('peer:identify', resolve, { once: true })
    })
    await node.dial(address)
    await identified
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
    this.listening = true
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
