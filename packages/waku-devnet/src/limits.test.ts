import type { WakuMessage } from '@waku/proto'
import { proto_lightpush } from '@waku/proto'
import { afterEach, describe, expect, it } from 'vitest'

import { Cleanup } from '../test/cleanup.ts'
import { codecs, connectLightNode } from '../test/light-node.ts'
import { PROTOCOL, RawClient } from '../test/raw-client.ts'
import { devnet, type DevnetNode } from './index.ts'
import { until } from './until.ts'

const SHARD = '/waku/2/rs/66/0'
const TOPIC = '/devnet-test/1/limits/proto'
const TOO_MANY = {
  requestId: 'N/A',
  statusCode: 429,
  statusDesc: 'Request rejected due to too many requests',
}

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

let serial = 0
function message(): WakuMessage {
  return {
    payload: new Uint8Array([1]),
    contentTopic: TOPIC,
    timestamp: BigInt(Date.now()) * 1_000_000n + BigInt(serial++),
  }
}

/** Two pushes to begin with, for all peers together, and no more for half a minute. */
const STRICT = { lightPush: { volume: 2, periodMs: 60_000 } }

describe('rate limits', () => {
  it('answer 429 to one light push too many, and the connection lives on if it came in one piece', async () => {
    const network = cleanup.add(await devnet({ nodes: 2, rateLimits: STRICT }))
    const client = cleanup.add(await RawClient.connect(network.nodes[0] as DevnetNode))
    const push = (): Promise<unknown> => client.pushV3({ pubsubTopic: SHARD, message: message() })
    expect(await push()).toMatchObject({ statusCode: 200 })
    expect(await push()).toMatchObject({ statusCode: 200 })
    expect(await push()).toEqual(TOO_MANY)
    expect(await push()).toEqual(TOO_MANY)
    expect(await client.filter('SUBSCRIBE', SHARD, [TOPIC])).toMatchObject({ statusCode: 200 })
  })

  it('cost a client that sends in two pieces its connection, and keep the same peer out afterwards', async () => {
    const network = cleanup.add(await devnet({ nodes: 2, rateLimits: STRICT }))
    const node = network.nodes[0] as DevnetNode
    const client = cleanup.add(await RawClient.connect(node))
    const request = proto_lightpush.LightPushRequestV3.encode({
      requestId: 'r1',
      pubsubTopic: SHARD,
      message: message(),
    })
    for (let count = 0; count < 2; count++) await client.request(PROTOCOL.v3, request, 2)
    const reply = await client.request(PROTOCOL.v3, request, 2)
    expect(proto_lightpush.LightPushResponseV3.decode(reply as Uint8Array)).toEqual(TOO_MANY)

    const stream = await client.connection.newStream(PROTOCOL.filter)
    await stream.sink([new Uint8Array([1, 0])])
    let ended = false
    const read = async (): Promise<void> => {
      for await (const _ of stream.source);
      ended = true
    }
    read().catch(() => {
      ended = true
    })
    const fresh = cleanup.add(await RawClient.connect(node))
    expect(await fresh.filter('SUBSCRIBE', SHARD, [TOPIC])).toMatchObject({ statusCode: 200 })
    expect(ended).toBe(false)

    await client.connection.close()
    const again = await client.libp2p.dial(client.connection.remoteAddr)
    await until(() => again.status !== 'open', 20_000, 'the new connection to be dropped')
  })

  it('leave connections alone when told to', async () => {
    const network = cleanup.add(
      await devnet({ nodes: 2, rateLimits: { ...STRICT, breakConnections: false } }),
    )
    const client = cleanup.add(await RawClient.connect(network.nodes[0] as DevnetNode))
    const request = proto_lightpush.LightPushRequestV3.encode({ requestId: 'r1', message: message() })
    for (let count = 0; count < 5; count++) await client.request(PROTOCOL.v3, request, 2)
    expect(await client.filter('SUBSCRIBE', SHARD, [TOPIC])).toMatchObject({ statusCode: 200 })
  })

  it('are on by default: js-waku gets nowhere on its connection after a burst', async () => {
    const network = cleanup.add(await devnet({ nodes: 2 }))
    const alice = await connectLightNode(network, cleanup)
    const { encoder } = codecs(network, TOPIC)
    let rejected = 0
    let sent = 0
    while (rejected === 0 && sent < 60) {
      sent++
      const result = await alice.lightPush.send(encoder, {
        payload: new Uint8Array([sent]),
        timestamp: new Date(),
      })
      rejected = result.failures.length
    }
    expect(rejected).toBe(1)
    expect(sent).toBeLessThan(40)
    const client = cleanup.add(await RawClient.connect(network.nodes[0] as DevnetNode))
    expect((await client.filter('SUBSCRIBER_PING')).statusCode).toBe(404)
  })

  it('answer 429 to filter and store requests as well', async () => {
    const limit = { volume: 1, periodMs: 60_000 }
    const network = cleanup.add(await devnet({ nodes: 1, rateLimits: { filter: limit, store: limit } }))
    const client = cleanup.add(await RawClient.connect(network.nodes[0] as DevnetNode))
    expect((await client.filter('SUBSCRIBE', SHARD, [TOPIC])).statusCode).toBe(200)
    expect(await client.filter('SUBSCRIBE', SHARD, [TOPIC])).toEqual({
      requestId: 'N/A',
      statusCode: 429,
      statusDesc: 'filter request rejected due rate limit exceeded',
    })
    expect((await client.query({})).statusCode).toBe(200)
    expect((await client.query({})).statusCode).toBe(429)
  })
})

describe('the epoch quota', () => {
  it('lets each peer send so many messages and then answers 504', async () => {
    const quota = { messages: 3, epochMs: 86_400_000 }
    const network = cleanup.add(await devnet({ nodes: 2, rateLimits: false, quota }))
    const [first, second] = [
      cleanup.add(await RawClient.connect(network.nodes[0] as DevnetNode)),
      cleanup.add(await RawClient.connect(network.nodes[0] as DevnetNode)),
    ]
    const statuses = async (client: RawClient): Promise<number[]> => {
      const all: number[] = []
      for (let count = 0; count < 4; count++) {
        all.push((await client.pushV3({ pubsubTopic: SHARD, message: message() })).statusCode)
      }
      return all
    }
    expect(await statuses(first)).toEqual([200, 200, 200, 504])
    expect(await statuses(second)).toEqual([200, 200, 200, 504])
  })
})
