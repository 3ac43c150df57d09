import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

import { afterEach, describe, expect, it } from 'vitest'

import { Cleanup } from '../test/cleanup.ts'
import { RawClient } from '../test/raw-client.ts'
import { devnet, type DevnetNode } from './index.ts'
import { until } from './until.ts'

const SHARD = '/waku/2/rs/66/0'
const TOPIC = '/devnet-test/1/flow/proto'
const PAYLOAD_BYTES = 150_000
const MEBIBYTE = 1024 * 1024

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

/** Stands between a client and a node, and can stop what comes from the node. */
async function proxy(node: DevnetNode): Promise<{ node: DevnetNode; held: Socket[] }> {
  const port = Number(/\/tcp\/(\d+)/.exec(node.multiaddrs.at(-1) ?? '')?.[1])
  const held: Socket[] = []
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    held.push(upstream)
    for (const socket of [client, upstream]) socket.on('error', () => {})
    client.pipe(upstream)
    upstream.on('data', (chunk) => client.write(chunk))
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanup.add({
    close: () => {
      for (const socket of held) socket.destroy()
      server.close()
    },
  })
  const address = `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}/p2p/${node.peerId}`
  return { node: { ...node, multiaddrs: [address] }, held }
}

describe('a subscriber that does not read', () => {
  it('costs a bounded amount of memory, and gets the rest when it reads again', async () => {
    const network = cleanup.add(await devnet({ nodes: 2, rateLimits: false, store: false }))
    const node = network.nodes[0] as DevnetNode
    const between = await proxy(node)
    const slow = cleanup.add(await RawClient.connect(between.node))
    const sender = cleanup.add(await RawClient.connect(network.nodes[1] as DevnetNode))
    await slow.filter('SUBSCRIBE', SHARD, [TOPIC])

    let sent = 0
    const publish = async (): Promise<void> => {
      const timestamp = BigInt(Date.now()) * 1_000_000n + BigInt(sent++)
      const message = { payload: new Uint8Array(PAYLOAD_BYTES), contentTopic: TOPIC, timestamp }
      expect((await sender.pushV3({ pubsubTopic: SHARD, message })).statusCode).toBe(200)
    }
    await publish()
    await until(() => slow.pushes.length === 1, 20_000, 'the first push')
    for (const socket of between.held) socket.pause()
    for (let tries = 0; tries < 400 && node.stats().unpushed === 0; tries++) await publish()
    // 8 MiB on their way, 16 MiB waiting, and a few messages between the two.
    expect(node.stats().pushed * PAYLOAD_BYTES).toBeLessThan(26 * MEBIBYTE)
    expect(node.stats().unpushed).toBeGreaterThan(0)

    for (const socket of between.held) socket.resume()
    const { pushed } = node.stats()
    await until(() => slow.pushes.length === pushed, 20_000, 'what had waited')
    await publish()
    await until(() => slow.pushes.length === pushed + 1, 20_000, 'the next push')
  })
})
