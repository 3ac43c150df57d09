import { describe, expect, it } from 'vitest'

import { DevnetOptionsError, devnet, type DevnetOptions } from './index.ts'
import { autoshard } from './topics.ts'

describe('bad options', () => {
  it.each<[DevnetOptions, string]>([
    [{ nodes: 0 }, '"nodes" expected a whole number from 1 to 32, got 0'],
    [{ nodes: 1.5 }, '"nodes" expected a whole number from 1 to 32, got 1.5'],
    [{ clusterId: -1 }, '"clusterId" expected a whole number from 0 to 65535, got -1'],
    [{ shards: [] }, '"shards" expected 1 to 1024 shards, got 0'],
    [{ shards: [1024] }, '"shards" expected a whole number from 0 to 1023, got 1024'],
    [{ shards: { autosharding: 0 } }, '"shards.autosharding" expected'],
    [{ store: { retentionMs: 0 } }, '"store.retentionMs" expected'],
    [{ store: { db: '' } }, '"store.db" expected the path of a directory'],
    [{ filter: { maxPeers: 0 } }, '"filter.maxPeers" expected'],
    [{ rateLimits: { lightPush: { volume: 0, periodMs: 1 } } }, '"rateLimits.lightPush.volume" expected'],
    [{ quota: { messages: 1, epochMs: 0 } }, '"quota.epochMs" expected'],
    [{ port: 65_535 }, '"port" expected'],
    [{ topology: 'star' as 'line' }, `"topology" expected 'mesh' or 'line', got "star"`],
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
