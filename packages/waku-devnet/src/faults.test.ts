import type { WakuMessage } from '@waku/proto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { Cleanup } from '../test/cleanup.ts'
import { PROTOCOL, RawClient } from '../test/raw-client.ts'
import { devnet, DevnetFaultError, type DevnetNode } from './index.ts'
import { until } from './until.ts'

const SHARD = '/waku/2/rs/66/0'
const TOPIC = '/devnet-test/1/faults/proto'

const cleanup = new Cleanup()
let near: DevnetNode
let far: DevnetNode
let client: RawClient
let serial = 0

beforeAll(async () => {
  const network = cleanup.add(await devnet({ nodes: 2, rateLimits: false, seed: 7 }))
  near = network.nodes[0] as DevnetNode
  far = network.nodes[1] as DevnetNode
  client = cleanup.add(await RawClient.connect(near))
})

afterAll(() => cleanup.run())

function message(): WakuMessage {
  return {
    payload: new Uint8Array([1]),
    contentTopic: TOPIC,
    timestamp: BigInt(Date.now()) * 1_000_000n + BigInt(serial++),
  }
}

async function push(): Promise<number> {
  return (await client.pushV3({ pubsubTopic: SHARD, message: message() })).statusCode
}

describe('faults', () => {
  beforeEach(async () => {
    near.faults.clear()
    await client.filter('SUBSCRIBE', SHARD, [TOPIC])
    client.pushes.length = 0
  })

  it('drop light pushes that were answered 200', async () => {
    near.faults.set({ dropLightPush: 1 })
    const { stored } = far.stats()
    expect(await push()).toBe(200)
    near.faults.clear()
    expect(await push()).toBe(200)
    await until(() => far.stats().stored > stored, 20_000, 'the message that was not dropped')
    expect(far.stats().stored).toBe(stored + 1)
  })

  it('drop a share of filter pushes, the same ones for the same seed', async () => {
    near.faults.set({ dropFilterPush: 0.5 })
    for (let count = 0; count < 40; count++) await push()
    near.faults.clear()
    const last = message()
    await client.pushV3({ pubsubTopic: SHARD, message: last })
    await until(
      () => client.pushes.some((one) => one.wakuMessage?.timestamp === last.timestamp),
      20_000,
      'the last push',
    )
    expect(client.pushes.length).toBeGreaterThan(5)
    expect(client.pushes.length).toBeLessThan(36)
  })

  it('delay replies and pushes', async () => {
    near.faults.set({ delayMs: 150 })
    const before = performance.now()
    expect(await push()).toBe(200)
    expect(performance.now() - before).toBeGreaterThanOrEqual(149)
    await until(() => client.pushes.length === 1, 20_000, 'the push')
  })

  it('refuse requests of every kind', async () => {
    near.faults.set({ refuse: 1 })
    expect(await push()).toBe(503)
    expect((await client.filter('SUBSCRIBER_PING')).statusCode).toBe(503)
    expect((await client.query({})).statusCode).toBe(503)
    expect(await client.pushV2({ pubsubTopic: SHARD, message: message() })).toMatchObject({
      isSuccess: false,
    })
  })

  it('silence a node, which still takes requests and answers pings', async () => {
    near.faults.set({ silent: true })
    const stream = await client.connection.newStream(PROTOCOL.v3)
    await stream.sink([new Uint8Array([1, 0])])
    const ping = await client.connection.newStream('/ipfs/ping/1.0.0')
    await ping.sink([new Uint8Array(32).fill(5)])
    let echoed = 0
    for await (const piece of ping.source) echoed += piece.byteLength
    expect(echoed).toBe(32)
    near.faults.clear()
    expect(await push()).toBe(200)
    expect(stream.readStatus).toBe('ready')
    stream.abort(new Error('enough'))
  })

  it('forget subscriptions, of one peer or of all', async () => {
    near.faults.forgetSubscriptions('nobody')
    expect((await client.filter('SUBSCRIBER_PING')).statusCode).toBe(200)
    near.faults.forgetSubscriptions(client.libp2p.peerId.toString())
    expect((await client.filter('SUBSCRIBER_PING')).statusCode).toBe(404)
    await client.filter('SUBSCRIBE', SHARD, [TOPIC])
    near.faults.forgetSubscriptions()
    expect((await client.filter('SUBSCRIBER_PING')).statusCode).toBe(404)
  })

  it('put the clock wrong, so that nothing of now is stored', async () => {
    near.faults.set({ clockSkewMs: 300_000 })
    const { stored } = near.stats()
    expect(await push()).toBe(200)
    await until(() => client.pushes.length === 1, 20_000, 'the push')
    expect(near.stats().stored).toBe(stored)
  })

  it.each<[Record<string, unknown>, string]>([
    [{ refuse: 2 }, '"refuse" expected a share from 0 to 1, got 2'],
    [{ delayMs: -1 }, '"delayMs" expected 0 to 86400000 milliseconds, got -1'],
    [{ silent: 'yes' }, '"silent" expected true or false, got yes'],
    [{ clockSkewMs: 0.5 }, '"clockSkewMs" expected whole milliseconds up to a day, got 0.5'],
    [{ explode: 1 }, 'no fault is called "explode"'],
  ])('cannot be set to %j', (change, problem) => {
    expect(() => near.faults.set(change)).toThrow(DevnetFaultError)
    expect(() => near.faults.set(change)).toThrow(problem)
    expect(near.faults.settings.refuse).toBe(0)
  })

  it('end with the node: a delayed reply does not hold up its stop', async () => {
    const lone = await devnet({ nodes: 1 })
    const only = cleanup.add(await RawClient.connect(lone.nodes[0] as DevnetNode))
    lone.nodes[0]?.faults.set({ delayMs: 60_000 })
    const waiting = only.filter('SUBSCRIBER_PING').catch((error: unknown) => error)
    await lone.close()
    expect(await waiting).toBeInstanceOf(Error)
  })
})

describe('restarting', () => {
  it('keeps subscriptions of a peer that only lost its connection, not those of before a restart', async () => {
    await client.filter('SUBSCRIBE', SHARD, [TOPIC])
    const { peerId } = near
    expect(near.stats().subscribers).toBe(1)
    await client.connection.close()
    await until(() => near.stats().connections === 1, 20_000, 'the connection to close')
    expect(near.stats().subscribers).toBe(1)
    await near.restart()
    expect(near.stats().subscribers).toBe(0)
    expect(near.peerId).toBe(peerId)
  })

  it('takes starts and stops in the order in which they were asked for', async () => {
    await Promise.all([near.stop(), near.start(), near.stop(), near.stop(), near.start(), near.start()])
    expect(near.running).toBe(true)
    const again = cleanup.add(await RawClient.connect(near))
    expect((await again.pushV3({ pubsubTopic: SHARD, message: message() })).statusCode).toBe(200)
  })
})
