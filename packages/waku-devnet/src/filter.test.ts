import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { Cleanup } from '../test/cleanup.ts'
import { PROTOCOL, RawClient } from '../test/raw-client.ts'
import { devnet, type DevnetNode } from './index.ts'
import { until } from './until.ts'

const SHARD = '/waku/2/rs/66/0'
const NOT_FOUND = { requestId: 'f1', statusCode: 404, statusDesc: 'NOT_FOUND: peer has no subscriptions' }
const OK = { requestId: 'f1', statusCode: 200, statusDesc: 'OK' }

const cleanup = new Cleanup()
let node: DevnetNode

beforeAll(async () => {
  const network = cleanup.add(await devnet({ nodes: 2, rateLimits: false }))
  node = network.nodes[0] as DevnetNode
})

afterAll(() => cleanup.run())

async function connect(to: DevnetNode = node): Promise<RawClient> {
  return cleanup.add(await RawClient.connect(to))
}

function topics(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `/devnet-test/1/topic-${from + index}/proto`)
}

let serial = 0
async function publish(client: RawClient, contentTopic: string, pubsubTopic = SHARD): Promise<void> {
  const timestamp = BigInt(Date.now()) * 1_000_000n + BigInt(serial++)
  const message = { payload: new Uint8Array([1]), contentTopic, timestamp }
  expect((await client.pushV3({ pubsubTopic, message })).statusCode).toBe(200)
}

describe('filter answers as the real node does', () => {
  it('subscribes, pings, unsubscribes', async () => {
    const client = await connect()
    expect(await client.filter('SUBSCRIBE', SHARD, topics(1))).toEqual(OK)
    expect(await client.filter('SUBSCRIBE', SHARD, topics(1))).toEqual(OK)
    expect(await client.filter('SUBSCRIBER_PING')).toEqual(OK)
    expect(await client.filter('UNSUBSCRIBE', SHARD, topics(1))).toEqual(OK)
    expect(await client.filter('SUBSCRIBER_PING')).toEqual(NOT_FOUND)
    expect(await client.filter('SUBSCRIBE', SHARD, topics(2))).toEqual(OK)
    expect(await client.filter('UNSUBSCRIBE_ALL')).toEqual(OK)
    expect(await client.filter('SUBSCRIBER_PING')).toEqual(NOT_FOUND)
  })

  it('finds nothing for a peer without subscriptions, nor for a topic not subscribed to', async () => {
    const client = await connect()
    expect(await client.filter('SUBSCRIBER_PING')).toEqual(NOT_FOUND)
    expect(await client.filter('UNSUBSCRIBE', SHARD, topics(1))).toEqual(NOT_FOUND)
    expect(await client.filter('UNSUBSCRIBE_ALL')).toEqual(NOT_FOUND)
    await client.filter('SUBSCRIBE', SHARD, topics(1))
    expect(await client.filter('UNSUBSCRIBE', SHARD, topics(1, 5))).toEqual(NOT_FOUND)
  })

  it.each<[string, string | undefined, string[], string]>([
    ['no pubsub topic', undefined, topics(1), 'pubsubTopic and contentTopics must be specified'],
    ['no content topics', SHARD, [], 'pubsubTopic and contentTopics must be specified'],
    ['101 content topics', SHARD, topics(101), 'exceeds maximum content topics: 100'],
    ['an endless content topic', SHARD, ['/'.repeat(1025)], 'exceeds maximum topic length: 1024'],
    ['an endless pubsub topic', '/'.repeat(1025), topics(1), 'exceeds maximum topic length: 1024'],
  ])('refuses %s', async (_name, pubsubTopic, contentTopics, reason) => {
    const client = await connect()
    const refusal = { requestId: 'f1', statusCode: 400, statusDesc: `BAD_REQUEST: ${reason}` }
    expect(await client.filter('SUBSCRIBE', pubsubTopic, contentTopics)).toEqual(refusal)
    expect(await client.filter('UNSUBSCRIBE', pubsubTopic, contentTopics)).toEqual(refusal)
  })

  it('takes a topic of a foreign shard or cluster, and a bad content topic', async () => {
    const client = await connect()
    expect(await client.filter('SUBSCRIBE', '/waku/2/rs/66/9', topics(1))).toEqual(OK)
    expect(await client.filter('SUBSCRIBE', '/waku/2/rs/1/0', topics(1))).toEqual(OK)
    expect(await client.filter('SUBSCRIBE', SHARD, ['nope'])).toEqual(OK)
  })

  it('takes a thousand criteria of a peer and not one more', async () => {
    const client = await connect()
    for (let from = 0; from < 1000; from += 100) {
      expect(await client.filter('SUBSCRIBE', SHARD, topics(100, from))).toEqual(OK)
    }
    const full = {
      requestId: 'f1',
      statusCode: 503,
      statusDesc: 'SERVICE_UNAVAILABLE: peer has reached maximum number of filter criteria',
    }
    expect(await client.filter('SUBSCRIBE', SHARD, topics(1, 1000))).toEqual(full)
    expect(await client.filter('SUBSCRIBE', SHARD, topics(1))).toEqual(full)
  })

  it('serves so many peers and no more', async () => {
    const small = cleanup.add(await devnet({ nodes: 1, filter: { maxPeers: 2 } }))
    const only = small.nodes[0] as DevnetNode
    const [first, second, third] = [await connect(only), await connect(only), await connect(only)]
    expect(await first.filter('SUBSCRIBE', SHARD, topics(1))).toEqual(OK)
    expect(await second.filter('SUBSCRIBE', SHARD, topics(1))).toEqual(OK)
    expect(await third.filter('SUBSCRIBE', SHARD, topics(1))).toEqual({
      requestId: 'f1',
      statusCode: 503,
      statusDesc: 'SERVICE_UNAVAILABLE: node has reached maximum number of subscriptions: 2',
    })
  })

  it('closes the stream without a reply on garbage', async () => {
    const client = await connect()
    expect(await client.request(PROTOCOL.filter, new Uint8Array([0xff, 0xff, 0xff]))).toBeUndefined()
    expect(await client.filter('SUBSCRIBE', SHARD, topics(1))).toEqual(OK)
  })
})

describe('filter pushes', () => {
  it('go over one lasting stream, and over a new one after the client has reset it', async () => {
    const client = await connect()
    const [topic] = topics(1, 5000) as [string]
    await client.filter('SUBSCRIBE', SHARD, [topic])
    for (let sent = 0; sent < 120; sent++) await publish(client, topic)
    await until(() => client.pushes.length === 120, 20_000, '120 pushes')
    expect(client.pushStreams).toHaveLength(1)

    client.pushStreams[0]?.abort(new Error('reset by the test'))
    // The node notices the reset sooner or later, and what it pushes until then is lost.
    const deadline = performance.now() + 20_000
    while (client.pushStreams.length < 2 && performance.now() < deadline) await publish(client, topic)
    for (let more = 0; more < 3; more++) await publish(client, topic)
    await until(() => client.pushes.length >= 123, 20_000, 'pushes on a new stream')
    expect(client.pushStreams).toHaveLength(2)
  })

  it('reach the sender itself, and only who asked for the topic', async () => {
    const [sender, other] = [await connect(), await connect()]
    const [wanted, unwanted] = topics(2, 6000) as [string, string]
    await sender.filter('SUBSCRIBE', SHARD, [wanted])
    await other.filter('SUBSCRIBE', SHARD, [unwanted])
    await publish(sender, wanted)
    await publish(sender, unwanted)
    await until(() => sender.pushes.length === 1 && other.pushes.length === 1, 20_000, 'one push each')
    expect(sender.pushes[0]?.wakuMessage?.contentTopic).toBe(wanted)
    expect(other.pushes[0]?.wakuMessage?.contentTopic).toBe(unwanted)
  })

  it('end when the peer does not ping, and go on when it does', async () => {
    const brief = cleanup.add(
      await devnet({ nodes: 2, rateLimits: false, filter: { subscriptionTimeoutMs: 1500 } }),
    )
    const first = brief.nodes[0] as DevnetNode
    const [lively, quiet] = [await connect(first), await connect(first)]
    const [topic] = topics(1, 7000) as [string]
    await lively.filter('SUBSCRIBE', SHARD, [topic])
    await quiet.filter('SUBSCRIBE', SHARD, [topic])
    const deadline = performance.now() + 20_000
    while (first.stats().subscribers === 2 && performance.now() < deadline) {
      expect(await lively.filter('SUBSCRIBER_PING')).toEqual(OK)
      await publish(lively, topic)
    }
    const { length } = quiet.pushes
    await publish(lively, topic)
    const heard = lively.pushes.length
    await until(() => lively.pushes.length > heard || lively.pushes.length > length, 20_000, 'a push')
    expect(await quiet.filter('SUBSCRIBER_PING')).toEqual(NOT_FOUND)
    expect(quiet.pushes).toHaveLength(length)
  })
})
