import { utils } from '@waku/sdk'
import { describe, expect, it } from 'vitest'

import { decodeServedShards, servesTopic, shardOf } from './shard.ts'

describe('shards', () => {
  it.each([[[]], [[0]], [[1, 5, 1023]], [Array.from({ length: 64 }, (_, i) => i * 3)]])(
    'are read as @waku/utils writes them: %j',
    (shards) => {
      const read = decodeServedShards(utils.encodeRelayShard({ clusterId: 66, shards }))
      expect([read?.clusterId, [...(read?.shardIds ?? [])]]).toEqual([66, shards])
    },
  )

  it('that are cut off are not read', () => {
    expect(decodeServedShards(Uint8Array.of(0, 66))).toBeUndefined()
    expect(decodeServedShards(Uint8Array.of(0, 66, 2, 0, 1))).toBeUndefined()
  })

  it('are read off a pubsub topic', () => {
    expect(shardOf('/waku/2/rs/66/7')).toEqual({ clusterId: 66, shardId: 7 })
    expect(shardOf('/waku/2/default-waku/proto')).toBeUndefined()
  })

  it('decide who serves a topic; what is not known yet is not held against anybody', () => {
    const served = { clusterId: 66, shardIds: new Set([1]) }
    expect(servesTopic(served, '/waku/2/rs/66/1')).toBe(true)
    expect(servesTopic(served, '/waku/2/rs/66/2')).toBe(false)
    expect(servesTopic(served, '/waku/2/rs/1/1')).toBe(false)
    expect(servesTopic(undefined, '/waku/2/rs/66/2')).toBe(true)
  })
})
