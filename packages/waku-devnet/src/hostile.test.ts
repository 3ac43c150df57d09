import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import { mplex } from '@libp2p/mplex'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { createLibp2p } from 'libp2p'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { Cleanup } from '../test/cleanup.ts'
import { PROTOCOL, RawClient } from '../test/raw-client.ts'
import { Archive } from './core/archive.ts'
import { devnet, type DevnetMessage, type DevnetNode } from './index.ts'
import { answerLightPush } from './light-push.ts'
import { V2, V3 } from './light-push-versions.ts'
import { answerStore } from './store.ts'
import { requestedCluster } from './metadata.ts'
import { until } from './until.ts'

const SHARD = '/waku/2/rs/66/0'
const cleanup = new Cleanup()
const heard: DevnetMessage[] = []
let node: DevnetNode
let client: RawClient

beforeAll(async () => {
  const network = cleanup.add(
    await devnet({ nodes: 2, rateLimits: false, onMessage: (message) => heard.push(message) }),
  )
  node = network.nodes[0] as DevnetNode
  client = cleanup.add(await RawClient.connect(node))
})

afterAll(() => cleanup.run())

/** The node still serves the connection on which it was ill-treated. */
async function expectAlive(): Promise<void> {
  expect((await client.filter('SUBSCRIBER_PING')).statusCode).toBe(404)
}

describe('hostile requests', () => {
  it.each(Object.entries(PROTOCOL).filter(([name]) => name !== 'push'))(
    'on %s: random bytes get a protocol error or the end of the stream',
    async (_name, protocol) => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (request) => {
          // Bytes that happen to name another cluster get the peer cut off, as they should.
          if (requestedCluster(request) === undefined) await client.request(protocol, request)
        }),
        { numRuns: 30 },
      )
      await expectAlive()
    },
  )

  it.each(Object.entries(PROTOCOL).filter(([name]) => name !== 'push'))(
    'on %s: a length prefix of a gigabyte, or one without an end, resets the stream',
    async (_name, protocol) => {
      const gigabyte = new Uint8Array([0x80, 0x80, 0x80, 0x80, 0x04, 1, 2, 3])
      await expect(client.raw(protocol, [gigabyte])).rejects.toThrow()
      await expect(client.raw(protocol, [new Uint8Array(32).fill(0xff)])).rejects.toThrow()
      await expectAlive()
    },
  )

  it('a second request on a stream is not served', async () => {
    const empty = new Uint8Array([0])
    const reply = await client.raw(PROTOCOL.v3, [empty, empty, empty]).catch(() => undefined)
    expect(reply === undefined || reply.length < 200).toBe(true)
    await expectAlive()
  })

  it('streams that are opened and left, or reset half-way, do no harm', async () => {
    for (let count = 0; count < 100; count++) {
      const stream = await client.connection.newStream(PROTOCOL.v3)
      if (count % 2 === 0) {
        void stream.sink([new Uint8Array([200, 1, 1, 2, 3])]).catch(() => {})
        stream.abort(new Error('half-way'))
      }
    }
    await expectAlive()
    for (const stream of client.connection.streams) stream.abort(new Error('left'))
  })
})

describe('the decoders', () => {
  const archive = new Archive({ retentionMs: 1000, maxMessages: 10, maxBytes: 1000 })
  const host = { clusterId: 66, shardCount: 8, nowNs: () => 1n, publish: async () => 1 }

  it('answer whatever comes, and never throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (request) => {
        await answerLightPush(request, V3, host, () => true)
        await answerLightPush(request, V2, host, () => true)
        answerStore(request, archive, 0)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('a hostile relay peer', () => {
  it('is heard when it gossips a message, and not when it gossips anything else', async () => {
    const relay = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [mplex()],
      services: {
        identify: identify(),
        pubsub: (components: Parameters<ReturnType<typeof gossipsub>>[0]) => {
          const pubsub = gossipsub({
            globalSignaturePolicy: 'StrictNoSign',
            msgIdFn: ({ data }) => data.slice(-20),
            heartbeatInterval: 100,
          })(components)
          pubsub.multicodecs.splice(0, Infinity, '/vac/waku/relay/2.0.0')
          return pubsub
        },
      },
    })
    cleanup.add({ close: () => relay.stop() })
    const { pubsub } = relay.services
    const topics = Array.from({ length: 3000 }, (_, index) => `/endless/${index}`)
    for (const topic of [SHARD, ...topics]) pubsub.subscribe(topic)
    await relay.dial(multiaddr(node.multiaddrs.at(-1)))
    await until(() => pubsub.getSubscribers(SHARD).length > 0, 20_000, 'the node to subscribe')

    const topic = [...new TextEncoder().encode('/devnet-test/1/relay/proto')]
    const good = new Uint8Array([0x0a, 0x01, 0x07, 0x12, topic.length, ...topic, 0x50, 0x02])
    await pubsub.publish(SHARD, new Uint8Array([1, 2, 3]))
    await pubsub.publish(SHARD, new Uint8Array(160_000))
    await pubsub.publish(SHARD, new Uint8Array([0x0a, 0x01, 0x07]))
    await pubsub.publish(SHARD, good)
    await until(() => heard.some(({ via }) => via === 'relay'), 20_000, 'the message')
    expect(heard.filter(({ via }) => via === 'relay')).toHaveLength(1)
    expect(heard.find(({ via }) => via === 'relay')).toMatchObject({
      payload: new Uint8Array([7]),
      contentTopic: '/devnet-test/1/relay/proto',
      timestamp: 1n,
      stored: false,
    })
    await expectAlive()
  })
})
