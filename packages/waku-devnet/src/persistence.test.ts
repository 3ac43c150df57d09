import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import { Cleanup } from '../test/cleanup.ts'
import { RawClient } from '../test/raw-client.ts'
import { devnet, DevnetStoreError, type Devnet, type DevnetNode } from './index.ts'
import { until } from './until.ts'

const SHARD = '/waku/2/rs/66/0'
const cleanup = new Cleanup()
afterEach(() => cleanup.run())

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'waku-devnet-'))
  cleanup.add({ close: () => rm(path, { recursive: true }) })
  return path
}

async function publish(network: Devnet, count: number): Promise<void> {
  const client = await RawClient.connect(network.nodes[0] as DevnetNode)
  const base = BigInt(Date.now()) * 1_000_000n
  for (let index = 0; index < count; index++) {
    const message = {
      payload: new Uint8Array(100).fill(index),
      contentTopic: '/devnet-test/1/disk/proto',
      timestamp: base + BigInt(index),
    }
    expect((await client.pushV3({ pubsubTopic: SHARD, message })).statusCode).toBe(200)
  }
  await until(() => network.nodes.every((node) => node.stats().stored >= count), 20_000, 'the stores')
  await client.close()
}

async function payloads(network: Devnet): Promise<number[]> {
  const client = await RawClient.connect(network.nodes.at(-1) as DevnetNode)
  const { messages } = await client.query({ paginationLimit: 100n })
  await client.close()
  return messages.map(({ message }) => message?.payload[0] ?? -1)
}

const TEN = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

describe('a store on disk', () => {
  it('is there again in the next devnet, with a record that was cut off left out', async () => {
    const db = await directory()
    const options = { nodes: 2, rateLimits: false, store: { db } } as const
    const first = await devnet(options)
    await publish(first, 10)
    await first.close()
    await appendFile(join(db, 'node-1.messages'), new Uint8Array([0, 0, 0, 99, 1, 2, 3, 4, 5, 6]))

    const second = await devnet(options)
    expect(await payloads(second)).toEqual(TEN)
    await second.close()
    const third = await devnet(options)
    expect(await payloads(third)).toEqual(TEN)
    await third.close()
  })

  it('survives a restart of its node', async () => {
    const network = cleanup.add(
      await devnet({ nodes: 2, rateLimits: false, store: { db: await directory() } }),
    )
    await publish(network, 10)
    await network.nodes[1]?.restart()
    expect(await payloads(network)).toEqual(TEN)
  })

  it('stays within its bounds, on disk too', async () => {
    const db = await directory()
    const store = { db, maxMessages: 4, maxBytes: 1000 }
    const network = cleanup.add(await devnet({ nodes: 2, rateLimits: false, store }))
    const client = await RawClient.connect(network.nodes[0] as DevnetNode)
    for (let index = 0; index < 60; index++) {
      const timestamp = BigInt(Date.now()) * 1_000_000n + BigInt(index)
      const message = { payload: new Uint8Array(100).fill(index), contentTopic: '/a/1/b/c', timestamp }
      await client.pushV3({ pubsubTopic: SHARD, message })
    }
    await client.close()
    expect(network.nodes[0]?.stats().stored).toBeLessThanOrEqual(4)
    await network.close()
    expect((await readFile(join(db, 'node-0.messages'))).length).toBeLessThan(2 * store.maxBytes + 500)
  })

  it('says which file it cannot write', async () => {
    const db = join(await directory(), 'file')
    await appendFile(db, 'not a directory')
    await expect(devnet({ nodes: 1, store: { db } })).rejects.toThrow(DevnetStoreError)
    await expect(devnet({ nodes: 1, store: { db } })).rejects.toThrow(db)
  })
})
