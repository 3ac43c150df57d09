import { wakuTransport } from '@reliable-channels/transport-waku'
import { devnet } from '@reliable-channels/waku-devnet'
import { createLightNode } from '@waku/sdk'

const network = await devnet({ nodes: 2 })
const node = await createLightNode({
  networkConfig: network.networkConfig,
  defaultBootstrap: false,
  // Without it a message that failed once is sent again and again, as another message each time.
  lightPush: { autoRetry: false },
  // Addresses without TLS, as on a laptop.
  libp2p: { filterMultiaddrs: false, hideWebSocketInfo: true },
})

const transport = wakuTransport(node, { confirm: 'store', confirmPeers: 2 })
const ended = new Promise<string>((resolve) => {
  transport.events$.subscribe(({ type }) => {
    console.log(type)
    if (type !== 'message-propagated') resolve(type)
  })
})

// A message that is sent before there is a service node waits for one.
const contentTopic = '/example/1/chat/proto'
await transport.send({ contentTopic, payload: Uint8Array.of(1, 2, 3), ephemeral: false })
for (const address of network.multiaddrs) await node.dial(address)
await ended

// The transport lets go of the node, which is yours to stop.
await transport.close()
await node.stop()
await network.close()
