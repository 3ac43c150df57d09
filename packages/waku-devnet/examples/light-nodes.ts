import { devnet } from '@reliable-channels/waku-devnet'
import { createLightNode, type LightNode } from '@waku/sdk'

const network = await devnet({
  nodes: 3,
  onMessage: ({ contentTopic, payload }) => console.log(`${payload.length} bytes on ${contentTopic}`),
})

async function lightNode(address: string | undefined): Promise<LightNode> {
  const node = await createLightNode({
    networkConfig: network.networkConfig,
    defaultBootstrap: false,
    lightPush: { autoRetry: false },
    libp2p: { filterMultiaddrs: false, hideWebSocketInfo: true },
  })
  // A peer is of use once identify has told what it speaks.
  const identified = new Promise((resolve) => {
    node.libp2p.addEventListener('peer:identify', resolve, { once: true })
  })
  await node.start()
  await node.dial(address ?? '')
  await identified
  return node
}

const alice = await lightNode(network.multiaddrs[0])
const bob = await lightNode(network.multiaddrs[2])
const contentTopic = '/example/1/chat/proto'

const received = new Promise<string>((resolve) => {
  void bob.filter.subscribe(bob.createDecoder({ contentTopic }), ({ payload }) => {
    resolve(new TextDecoder().decode(payload))
  })
})
while (network.nodes[2]?.stats().subscribers !== 1) await new Promise((resolve) => setTimeout(resolve, 5))

const payload = new TextEncoder().encode('hello bob')
await alice.lightPush.send(alice.createEncoder({ contentTopic }), { payload, timestamp: new Date() })
console.log('bob received:', await received)

bob.filter.unsubscribeAll()
await alice.stop()
await bob.stop()
await network.close()
