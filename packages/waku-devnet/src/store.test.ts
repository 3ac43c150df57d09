import { messageHash } from '@waku/core'
import type { WakuMessage } from '@waku/proto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { Cleanup } from '../test/cleanup.ts'
import { PROTOCOL, RawClient } from '../test/raw-client.ts'
import { devnet, type Devnet, type DevnetNode } from './index.ts'
import { until } from './until.ts'

const SHARD = '/waku/2/rs/66/0'
const OTHER_SHARD = '/waku/2/rs/66/1'
const TOPIC = '/devnet-test/1/store/proto'
const OTHER_TOPIC = '/devnet-test/1/other/proto'
const MESSAGES = 45

const cleanup = new Cleanup()
let network: Devnet
let client: RawClient
/** The messages that were sent, in the order of the store. */
let sent: { message: WakuMessage & { timestamp: bigint }; pubsubTopic: string; hash: Uint8Array }[]

beforeAll(async () => {
  network = cleanup.add(await devnet({ nodes: 2, rateLimits: false }))
  client = cleanup.add(await RawClient.connect(network.nodes[0] as DevnetNode))
  const base = BigInt(Date.now()) * 1_000_000n
  sent = []
  for (let index = 0; index < MESSAGES; index++) {
    const message = {
      payload: new Uint8Array([index]),
      contentTopic: index % 9 === 4 ? OTHER_TOPIC : TOPIC,
      // Pairs share a timestamp: the hash decides between them.
      timestamp: base + BigInt(Math.floor(index / 2)) * 1_000_000n,
      version: 0,
      ...(index % 3 === 0 ? { meta: new Uint8Array(index) } : {}),
    }
    const pubsubTopic = index % 9 === 4 ? OTHER_SHARD : SHARD
    // The oracle is js-waku's own hash.
    sent.push({
      message,
      pubsubTopic,
      hash: messageHash(pubsubTopic, {
        ...message,
        rateLimitProof: undefined,
        ephemeral: undefined,
        meta: message.meta,
      }),
    })
  }
  for (const { message, pubsubTopic } of sent.toReversed()) {
    expect((await client.pushV3({ pubsubTopic, message })).statusCode).toBe(200)
  }
  sent.sort((a, b) =>
    a.message.timestamp === b.message.timestamp
      ? Buffer.compare(a.hash, b.hash)
      : Number(a.message.timestamp - b.message.timestamp),
  )
})

afterAll(() => cleanup.run())

function ids(rows: readonly { messageHash?: Uint8Array }[]): (number | undefined)[] {
  return rows.map(({ messageHash: hash }) => {
    const index = sent.findIndex((one) => Buffer.compare(one.hash, hash ?? new Uint8Array()) === 0)
    return index === -1 ? undefined : index
  })
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

function where(test: (one: (typeof sent)[number]) => boolean): number[] {
  return sent.flatMap((one, index) => (test(one) ? [index] : []))
}

describe('the store answers as the real node does', () => {
  it('pages forward in order, 20 at a time, with an exclusive cursor and none at the end', async () => {
    const first = await client.query({})
    expect(first).toMatchObject({ requestId: 's1', statusCode: 200, statusDesc: 'OK' })
    expect(ids(first.messages)).toEqual(range(0, 20))
    expect(first.paginationCursor).toEqual(sent[19]?.hash)
    const second = await client.query({ paginationCursor: first.paginationCursor as Uint8Array })
    expect(ids(second.messages)).toEqual(range(20, 40))
    const last = await client.query({
      paginationCursor: second.paginationCursor as Uint8Array,
      paginationLimit: 0n,
    })
    expect(ids(last.messages)).toEqual(range(40, 45))
    expect(last.paginationCursor).toBeUndefined()
  })

  it('pages backward from the end, each page in ascending order', async () => {
    const first = await client.query({ paginationForward: false })
    expect(ids(first.messages)).toEqual(range(25, 45))
    expect(first.paginationCursor).toEqual(sent[25]?.hash)
    const second = await client.query({
      paginationForward: false,
      paginationCursor: sent[25]?.hash as Uint8Array,
    })
    expect(ids(second.messages)).toEqual(range(5, 25))
    const last = await client.query({
      paginationForward: false,
      paginationCursor: sent[5]?.hash as Uint8Array,
    })
    expect(ids(last.messages)).toEqual(range(0, 5))
    expect(last.paginationCursor).toBeUndefined()
  })

  it.each([101n, 1_000_000n])(
    'gives at most a hundred messages when asked for %s',
    async (paginationLimit) => {
      const reply = await client.query({ paginationLimit })
      expect(ids(reply.messages)).toEqual(range(0, 45))
    },
  )

  it('finds by content topic, by pubsub topic, and by both', async () => {
    const others = where((one) => one.message.contentTopic === OTHER_TOPIC)
    expect(ids((await client.query({ contentTopics: [OTHER_TOPIC] })).messages)).toEqual(others)
    expect(ids((await client.query({ pubsubTopic: OTHER_SHARD })).messages)).toEqual(others)
    expect((await client.query({ pubsubTopic: SHARD, contentTopics: [OTHER_TOPIC] })).messages).toEqual([])
    const both = await client.query({ contentTopics: [TOPIC, OTHER_TOPIC], paginationLimit: 100n })
    expect(ids(both.messages)).toEqual(range(0, 45))
  })

  it('finds by time, both ends included, and nothing when they are the wrong way round', async () => {
    const [timeStart, timeEnd] = [
      sent[10]?.message.timestamp as bigint,
      sent[20]?.message.timestamp as bigint,
    ]
    const expected = where(({ message }) => message.timestamp >= timeStart && message.timestamp <= timeEnd)
    expect(expected.length).toBeGreaterThan(8)
    expect(ids((await client.query({ timeStart, timeEnd })).messages)).toEqual(expected)
    const reversed = await client.query({ timeStart: timeEnd, timeEnd: timeStart })
    expect(reversed).toMatchObject({ statusCode: 200, messages: [] })
  })

  it('goes on from a cursor outside the time range', async () => {
    const timeStart = sent[10]?.message.timestamp as bigint
    const reply = await client.query({ timeStart, paginationCursor: sent[0]?.hash as Uint8Array })
    const expected = where(({ message }) => message.timestamp >= timeStart).slice(0, 20)
    expect(ids(reply.messages)).toEqual(expected)
  })

  it('finds by hash, in the order of time, skipping what it has not', async () => {
    const messageHashes = [sent[30], sent[3], sent[12]].map((one) => one?.hash as Uint8Array)
    messageHashes.push(new Uint8Array(32).fill(9), new Uint8Array(31).fill(9))
    expect(ids((await client.query({ messageHashes })).messages)).toEqual([3, 12, 30])
    const [other] = where((one) => one.message.contentTopic === OTHER_TOPIC) as [number]
    const mixed = [sent[other]?.hash, sent[3]?.hash] as Uint8Array[]
    expect(
      ids((await client.query({ messageHashes: mixed, contentTopics: [OTHER_TOPIC] })).messages),
    ).toEqual([other])
    expect((await client.query({ messageHashes: [new Uint8Array(31)] })).messages).toEqual([])
    const all = sent.slice(0, 30).map((one) => one.hash)
    const page = await client.query({ messageHashes: all })
    expect(ids(page.messages)).toEqual(range(0, 20))
    const rest = await client.query({
      messageHashes: all,
      paginationCursor: page.paginationCursor as Uint8Array,
    })
    expect(ids(rest.messages)).toEqual(range(20, 30))
  })

  it('gives hashes alone when the data is not asked for', async () => {
    const { messages } = await client.query({ includeData: false, paginationLimit: 3n })
    expect(messages).toEqual(sent.slice(0, 3).map(({ hash }) => ({ messageHash: hash })))
  })

  it('gives messages as they were sent', async () => {
    const { messages } = await client.query({ paginationLimit: 1n })
    expect(messages[0]).toMatchObject({ messageHash: sent[0]?.hash, pubsubTopic: sent[0]?.pubsubTopic })
    expect(messages[0]?.message).toMatchObject({ meta: new Uint8Array(), ...sent[0]?.message })
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown cursor', { paginationCursor: new Uint8Array(32).fill(9) }, 'DRIVER_ERROR: cursor not found'],
    [
      'a cursor of 31 bytes',
      { paginationCursor: new Uint8Array(31).fill(9) },
      'DRIVER_ERROR: cursor not found',
    ],
    ['a cursor of zeroes', { paginationCursor: new Uint8Array(32) }, 'INVALID_QUERY: all zeroes cursor hash'],
  ])('refuses %s', async (_name, query, reason) => {
    expect(await client.query(query)).toEqual({
      requestId: '',
      statusCode: 300,
      statusDesc: `BAD_RESPONSE: archive error: ${reason}`,
      messages: [],
    })
  })

  it('takes eleven content topics without a cursor, and not with one', async () => {
    const contentTopics = [
      TOPIC,
      ...Array.from({ length: 10 }, (_, index) => `/devnet-test/1/${index}/proto`),
    ]
    expect((await client.query({ contentTopics })).messages).toHaveLength(20)
    expect(
      await client.query({ contentTopics, paginationCursor: sent[0]?.hash as Uint8Array }),
    ).toMatchObject({
      requestId: '',
      statusCode: 300,
      statusDesc: 'BAD_RESPONSE: archive error: INVALID_QUERY: too many content topics',
    })
  })

  it('cannot decode garbage', async () => {
    const { proto_store } = await import('@waku/proto')
    const reply = await client.request(PROTOCOL.store, new Uint8Array([0xff, 0xff, 0xff]))
    expect(proto_store.StoreQueryResponse.decode(reply as Uint8Array)).toEqual({
      requestId: '',
      statusCode: 400,
      statusDesc: 'decoding rpc failed: (kind: DecodeFailure, error: BadWireType)',
      messages: [],
    })
  })

  it('holds the same on every node, and still after a restart', async () => {
    const other = network.nodes[1] as DevnetNode
    await until(() => other.stats().stored === MESSAGES, 20_000, 'the messages on the other node')
    await other.restart()
    const again = cleanup.add(await RawClient.connect(other))
    expect(ids((await again.query({ paginationLimit: 100n })).messages)).toEqual(range(0, 45))
  })
})
