import { proto_lightpush, type WakuMessage } from '@waku/proto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { Cleanup } from '../test/cleanup.ts'
import { RawClient } from '../test/raw-client.ts'
import { devnet, type Devnet, type DevnetMessage, type DevnetNode } from './index.ts'
import { until } from './until.ts'

const CONTENT_TOPIC = '/devnet-test/1/light-push/proto'
const SHARD = '/waku/2/rs/66/0'
const SECOND = 1_000_000_000n
const LIMIT = 153_600
const { LightPushRequestV3 } = proto_lightpush

const cleanup = new Cleanup()
let network: Devnet
let near: DevnetNode
let far: DevnetNode
let client: RawClient
let subscriber: RawClient
const heard: DevnetMessage[] = []
let serial = 0

beforeAll(async () => {
  network = cleanup.add(
    await devnet({ nodes: 2, rateLimits: false, onMessage: (message) => heard.push(message) }),
  )
  near = network.nodes[0] as DevnetNode
  far = network.nodes[1] as DevnetNode
  client = cleanup.add(await RawClient.connect(near))
  subscriber = cleanup.add(await RawClient.connect(far))
  expect((await client.filter('SUBSCRIBE', SHARD, [CONTENT_TOPIC])).statusCode).toBe(200)
  expect((await subscriber.filter('SUBSCRIBE', SHARD, [CONTENT_TOPIC])).statusCode).toBe(200)
})

afterAll(() => cleanup.run())

function now(): bigint {
  return BigInt(Date.now()) * 1_000_000n + BigInt(serial++)
}

function message(change: Partial<WakuMessage> = {}): WakuMessage {
  return {
    payload: new Uint8Array([serial & 255, 2, 3]),
    contentTopic: CONTENT_TOPIC,
    timestamp: now(),
    ...change,
  }
}

/** Pushes, and says what became of it: on each node, pushed to its subscriber and kept in its store. */
async function effect(pushed: WakuMessage, pubsubTopic = SHARD): Promise<Effect> {
  const before = counts()
  const reply = await client.pushV3({ pubsubTopic, message: pushed })
  // A message sent last arrives last: when it is here, what was sent before it is here or nowhere.
  const marker = message({ ephemeral: true })
  await client.pushV3({ pubsubTopic: SHARD, message: marker })
  const arrived = (one: RawClient): boolean =>
    one.pushes.some(({ wakuMessage }) => wakuMessage?.timestamp === marker.timestamp)
  await until(() => arrived(client) && arrived(subscriber), 20_000, 'the marker')
  const after = counts()
  return {
    status: reply.statusCode,
    text: reply.statusDesc,
    relayPeers: reply.relayPeerCount,
    pushed: [after.nearPushes - before.nearPushes - 1, after.farPushes - before.farPushes - 1],
    stored: [after.nearStored - before.nearStored, after.farStored - before.farStored],
  }
}

interface Effect {
  readonly status: number
  readonly text: string | undefined
  readonly relayPeers: number | undefined
  readonly pushed: readonly number[]
  readonly stored: readonly number[]
}

function counts(): Record<'nearPushes' | 'farPushes' | 'nearStored' | 'farStored', number> {
  return {
    nearPushes: client.pushes.length,
    farPushes: subscriber.pushes.length,
    nearStored: near.stats().stored,
    farStored: far.stats().stored,
  }
}

const EVERYWHERE = { status: 200, text: undefined, relayPeers: 1, pushed: [1, 1], stored: [1, 1] }
const UNSTORED = { ...EVERYWHERE, stored: [0, 0] }
const NOWHERE = { relayPeers: undefined, pushed: [0, 0], stored: [0, 0] }
const NO_PEERS = { ...NOWHERE, status: 505, text: 'No peers for topic, skipping publish' }

describe('light push v3 answers as the real node does', () => {
  it.each<[string, Partial<WakuMessage>, Effect]>([
    ['an ordinary message', {}, EVERYWHERE],
    ['meta of 64 bytes', { meta: new Uint8Array(64).fill(7) }, EVERYWHERE],
    ['an ephemeral message', { ephemeral: true }, UNSTORED],
    ['version 1', { version: 1 }, EVERYWHERE],
    ['version 99', { version: 99 }, EVERYWHERE],
    ['a timestamp of 0', { timestamp: 0n }, EVERYWHERE],
    ['a negative timestamp', { timestamp: -1n }, UNSTORED],
  ])('takes %s', async (_name, change, expected) => {
    expect(await effect(message(change))).toEqual(expected)
  })

  it.each<[string, bigint, Effect]>([
    ['15 s in the past', -15n, EVERYWHERE],
    ['15 s in the future', 15n, EVERYWHERE],
    ['30 s in the past', -30n, UNSTORED],
    ['30 days in the past', -2_592_000n, UNSTORED],
    ['an hour in the future', 3600n, UNSTORED],
  ])('takes a message from %s, and stores it if that is near enough', async (_name, seconds, expected) => {
    expect(await effect(message({ timestamp: now() + seconds * SECOND }))).toEqual(expected)
  })

  it('answers a duplicate with 505 and does nothing again, on the same node and on another', async () => {
    const once = message()
    expect(await effect(once)).toEqual(EVERYWHERE)
    expect(await effect(once)).toEqual(NO_PEERS)
    expect(await subscriber.pushV3({ pubsubTopic: SHARD, message: once })).toMatchObject({ statusCode: 505 })
    expect(await effect({ ...once, timestamp: (once.timestamp ?? 0n) + 1n })).toEqual(EVERYWHERE)
  })

  it.each(['/waku/2/rs/66/8', '/waku/2/rs/1/0', 'foo'])('has no peers for the topic %s', async (topic) => {
    expect(await effect(message(), topic)).toEqual(NO_PEERS)
  })

  it.each<[string, Partial<proto_lightpush.LightPushRequestV3>, number, string]>([
    [
      'a bad content topic to derive a shard from',
      { message: message({ contentTopic: 'nope' }) },
      420,
      "Invalid content-topic:invalid format: content-topic 'nope' must start with slash",
    ],
    ['an empty topic', { pubsubTopic: '', message: message() }, 400, 'topic must not be empty'],
    ['a blank topic', { pubsubTopic: '  ', message: message() }, 400, 'topic must not be empty'],
  ])('refuses %s', async (_name, request, statusCode, statusDesc) => {
    expect(await client.pushV3(request)).toEqual({ requestId: 'r1', statusCode, statusDesc })
  })

  it('takes an empty payload that is there, and hands it on', async () => {
    const topic = [...new TextEncoder().encode(CONTENT_TOPIC)]
    const bytes = [0x0a, 0x00, 0x12, topic.length, ...topic]
    const before = subscriber.pushes.length
    const [outer, inner] = [[...new TextEncoder().encode(SHARD)], [0xaa, 0x01, bytes.length, ...bytes]]
    const reply = await client.rawV3(
      new Uint8Array([0x0a, 0x01, 0x72, 0xa2, 0x01, outer.length, ...outer, ...inner]),
    )
    expect(reply).toEqual({ requestId: 'r', statusCode: 200, relayPeerCount: 1 })
    await until(() => subscriber.pushes.length > before, 20_000, 'the push')
    expect(subscriber.pushes.at(-1)?.wakuMessage?.payload).toEqual(new Uint8Array())
  })

  it('relays a bad content topic on a named shard', async () => {
    expect(await client.pushV3({ pubsubTopic: SHARD, message: message({ contentTopic: 'nope' }) })).toEqual({
      requestId: 'r1',
      statusCode: 200,
      relayPeerCount: 1,
    })
  })

  it('derives the shard from the content topic', async () => {
    heard.length = 0
    expect(await client.pushV3({ message: message() })).toMatchObject({ statusCode: 200, relayPeerCount: 1 })
    // /devnet-test/1: the last 8 bytes of SHA-256('devnet-test1') modulo 8, as @waku/sdk derives it.
    const { utils } = await import('@waku/sdk')
    const { pubsubTopic } = utils.createRoutingInfo(
      { clusterId: 66, numShardsInCluster: 8 },
      { contentTopic: CONTENT_TOPIC },
    )
    expect(heard.map((one) => one.pubsubTopic)).toEqual([pubsubTopic])
  })

  it.each<[string, Uint8Array, string]>([
    ['a missing payload', withMessage([0x12, 0x01, 0x2f]), '(kind: MissingRequiredField, field: "payload")'],
    [
      'a missing content topic',
      withMessage([0x0a, 0x01, 0x01]),
      '(kind: MissingRequiredField, field: "content_topic")',
    ],
    [
      'meta of 65 bytes',
      LightPushRequestV3.encode({ requestId: 'r1', message: message({ meta: new Uint8Array(65) }) }),
      '(kind: InvalidLengthField, field: "meta")',
    ],
    [
      'a missing message',
      LightPushRequestV3.encode({ requestId: 'r1' }),
      '(kind: MissingRequiredField, field: "message")',
    ],
    ['garbage', new Uint8Array([0xff, 0xff, 0xff, 0xff]), '(kind: DecodeFailure, error: BadWireType)'],
    ['a field of the wrong type', new Uint8Array([0x08, 0x01]), '(kind: DecodeFailure, error: BadWireType)'],
    ['nothing at all', new Uint8Array(), '(kind: MissingRequiredField, field: "message")'],
  ])('cannot decode %s', async (_name, request, text) => {
    expect(await client.rawV3(request)).toEqual({
      requestId: 'N/A',
      statusCode: 400,
      statusDesc: `decode_rpc_failure: ${text}`,
    })
  })
})

/** A request whose message has exactly these bytes. */
function withMessage(bytes: readonly number[]): Uint8Array {
  return new Uint8Array([0x0a, 0x02, 0x72, 0x31, 0xaa, 0x01, bytes.length, ...bytes])
}

describe('the size of a message', () => {
  /** A message that takes this many bytes in the encoding of JavaScript. */
  function sized(bytes: number, change: Partial<WakuMessage> = {}): WakuMessage {
    const probe = message({ ...change, payload: new Uint8Array(bytes) })
    const over = proto_lightpush.WakuMessage.encode(probe).length - bytes
    return { ...probe, payload: new Uint8Array(bytes - over).fill(serial & 255) }
  }

  it.each<[string, number, Partial<WakuMessage>]>([
    ['a plain message', 153_592, { version: 0 }],
    ['one without a version', 153_590, {}],
    ['one with meta of 64 bytes', 153_594, { version: 0, meta: new Uint8Array(64) }],
    ['an ephemeral one', 153_595, { version: 0, ephemeral: true }],
  ])('is counted on the encoding of the node: %s', async (_name, largest, change) => {
    expect((await client.pushV3({ pubsubTopic: SHARD, message: sized(largest, change) })).statusCode).toBe(
      200,
    )
    expect(await client.pushV3({ pubsubTopic: SHARD, message: sized(largest + 1, change) })).toEqual({
      requestId: 'r1',
      statusCode: 420,
      statusDesc: `Message size exceeded maximum of ${LIMIT} bytes`,
    })
  })

  it('loses a message silently between nodes from 153,568 bytes on', async () => {
    expect(await effect(sized(153_567, { version: 0 }))).toEqual(EVERYWHERE)
    const lost = sized(153_568, { version: 0 })
    expect(await effect(lost)).toEqual({ ...EVERYWHERE, pushed: [1, 0], stored: [1, 0] })
    expect(await effect(lost)).toEqual(NO_PEERS)
  })

  it('refuses 1.5 MB politely', async () => {
    expect(await effect(sized(1_500_000))).toMatchObject({ status: 420, pushed: [0, 0], stored: [0, 0] })
  })
})

describe('light push v2', () => {
  it('says OK, then that no peer took the duplicate', async () => {
    const once = message()
    expect(await client.pushV2({ pubsubTopic: SHARD, message: once })).toEqual({
      isSuccess: true,
      info: 'OK',
    })
    expect(await client.pushV2({ pubsubTopic: SHARD, message: once })).toEqual({
      isSuccess: false,
      info: 'not_published_to_any_peer',
    })
  })

  it('refuses what is too large', async () => {
    const message_ = message({ payload: new Uint8Array(LIMIT) })
    expect(await client.pushV2({ pubsubTopic: SHARD, message: message_ })).toEqual({
      isSuccess: false,
      info: `Message size exceeded maximum of ${LIMIT} bytes`,
    })
  })
})

describe('a lone node', () => {
  it('answers 505, yet pushes and stores', async () => {
    const lone = cleanup.add(await devnet({ nodes: 1, rateLimits: false }))
    const only = cleanup.add(await RawClient.connect(lone.nodes[0] as DevnetNode))
    await only.filter('SUBSCRIBE', SHARD, [CONTENT_TOPIC])
    expect(await only.pushV3({ pubsubTopic: SHARD, message: message() })).toMatchObject({
      statusCode: 505,
      statusDesc: 'No peers for topic, skipping publish',
    })
    await until(() => only.pushes.length === 1, 20_000, 'the push')
    expect(lone.nodes[0]?.stats().stored).toBe(1)
  })
})

describe('static sharding', () => {
  it('needs a pubsub topic', async () => {
    const fixed = cleanup.add(await devnet({ nodes: 2, shards: [0, 3] }))
    const one = cleanup.add(await RawClient.connect(fixed.nodes[0] as DevnetNode))
    expect(await one.pushV3({ message: message() })).toEqual({
      requestId: 'r1',
      statusCode: 420,
      statusDesc: 'Pubsub topic must be specified when static sharding is enabled',
    })
    expect(await one.pushV3({ pubsubTopic: '/waku/2/rs/66/3', message: message() })).toMatchObject({
      statusCode: 200,
    })
  })
})

describe('what a node hands on', () => {
  it('carries every optional field, empty or not, as the real node writes them', async () => {
    const sent = message()
    await effect(sent)
    const received = subscriber.pushes.find(({ wakuMessage }) => wakuMessage?.timestamp === sent.timestamp)
    expect(received?.pubsubTopic).toBe(SHARD)
    const empty = new Uint8Array()
    expect(received?.wakuMessage).toEqual({
      ...sent,
      version: 0,
      meta: empty,
      ephemeral: false,
      rateLimitProof: {
        proof: empty,
        merkleRoot: empty,
        epoch: empty,
        shareX: empty,
        shareY: empty,
        nullifier: empty,
        rlnIdentifier: empty,
      },
    })
  })

  it('is all that it keeps in memory of what it read', async () => {
    const sent = message({ meta: Uint8Array.of(1, 2) })
    await effect(sent)
    const { payload, meta } = heard.find(({ timestamp }) => timestamp === sent.timestamp)!
    expect([...payload]).toEqual([...sent.payload])
    expect([...meta]).toEqual([1, 2])
    expect(payload.constructor).toBe(Uint8Array)
    expect(payload.buffer.byteLength).toBeLessThan(100)
    expect(meta.buffer.byteLength).toBe(2)
  })
})
