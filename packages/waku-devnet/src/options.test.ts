import { describe, expect, it } from 'vitest'

import { DevnetOptionsError, devnet, type DevnetOptions } from './index.ts'
import { autoshard } from './topics.ts'

describe('bad options', () => {
  it.each<[DevnetOptions, string]>([
    [{ nodes: 0 }, '"nodes" expected an integer from 1 to 32, got 0'],
    [{ nodes: 1.5 }, '"nodes" expected an integer from 1 to 32, got 1.5'],
    [{ clusterId: -1 }, '"clusterId" expected an integer from 0 to 65535, got -1'],
    [{ shards: [] }, '"shards" expected 1 to 1024 shards, got 0'],
    [{ shards: [1024] }, '"shards" expected an integer from 0 to 1023, got 1024'],
    [{ shards: { autosharding: 0 } }, '"shards.autosharding" expected'],
    [{ store: { retentionMs: 0 } }, '"store.retentionMs" expected'],
    [{ store: { db: '' } }, '"store.db" expected the path of a directory'],
    [{ filter: { maxPeers: 0 } }, '"filter.maxPeers" expected'],
    [{ rateLimits: { lightPush: { volume: 0, periodMs: 1 } } }, '"rateLimits.lightPush.volume" expected'],
    [{ quota: { messages: 1, epochMs: 0 } }, '"quota.epochMs" expected'],
    [{ port: 65_535 }, '"port" expected'],
    [{ topology: 'star' as 'line' }, `"topology" expected 'mesh' or 'line', got "star"`],
    [{ nodes: '3' as never }, '"nodes" expected an integer from 1 to 32, got "3"'],
    [{ shards: 8 as never }, '"shards" expected shards or { autosharding }, got 8'],
    [{ shards: {} as never }, '"shards" expected an array of shards or { autosharding }, got an object'],
    [{ store: true as never }, '"store" expected an object or false, got true'],
    [{ store: { db: 7 as never } }, '"store.db" expected the path of a directory, got 7'],
    [{ rateLimits: 5 as never }, '"rateLimits" expected an object or false, got 5'],
    [
      { rateLimits: { store: true as never } },
      '"rateLimits.store" expected { volume, periodMs } or false, got true',
    ],
    [{ quota: 20 as never }, '"quota" expected { messages, epochMs }, got 20'],
    [{ onMessage: 'log' as never }, '"onMessage" expected a function, or nothing, got "log"'],
    [null as never, '"options" expected an object, got null'],
  ])('%j are refused with what was expected', async (options, message) => {
    await expect(devnet(options)).rejects.toThrow(DevnetOptionsError)
    await expect(devnet(options)).rejects.toThrow(message)
  })
})

describe('autosharding', () => {
  it.each<[string, string]>([
    ['nope', "invalid format: content-topic 'nope' must start with slash"],
    ['/a/1/b', 'invalid format: Invalid content topic structure.'],
    ['/a/1/b/c/d/e', 'invalid format: Invalid content topic structure.'],
    ['/a//b/c', 'missing part: version'],
    ['//a/1/b/c', 'missing part: generation'],
    ['/x/a/1/b/c', 'invalid format: generation should be a numeric value'],
    ['/1/a/1/b/c', 'Generation > 0 are not supported yet'],
  ])('of %s fails as at the real node', (contentTopic, error) => {
    expect(autoshard(contentTopic, 8)).toEqual({ error: expect.stringContaining(error) })
  })

  it('is that of @waku/sdk', async () => {
    const { utils } = await import('@waku/sdk')
    for (let index = 0; index < 200; index++) {
      const contentTopic = `${index % 2 === 0 ? '' : '/0'}/app-${index}/${index % 3}/name/proto`
      const { shardId } = utils.createRoutingInfo({ clusterId: 1, numShardsInCluster: 8 }, { contentTopic })
      expect(autoshard(contentTopic, 8)).toEqual({ shard: shardId })
    }
  })
})
