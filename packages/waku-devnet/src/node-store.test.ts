import { describe, expect, it } from 'vitest'

import { complete, encodeAsNode, nodeMessage, type NodeMessage } from './message.ts'
import { NodeStore } from './node-store.ts'

const NOW = 1_700_000_000_000
const NOW_NS = BigInt(NOW) * 1_000_000n
const WINDOW_NS = 20_000_000_000n

function message(timestamp: bigint, ephemeral = false): NodeMessage {
  const sent = { payload: new Uint8Array([1]), contentTopic: '/a/1/b/c', timestamp, ephemeral }
  return nodeMessage('/waku/2/rs/66/0', encodeAsNode(complete(sent, NOW_NS)))
}

describe('the store of a node', () => {
  it.each<[bigint, boolean]>([
    [0n, true],
    [WINDOW_NS, true],
    [-WINDOW_NS, true],
    [WINDOW_NS + 1n, false],
    [-WINDOW_NS - 1n, false],
  ])('takes a message that is %d ns ahead of its clock: %s', (ahead, isKept) => {
    const limits = { retentionMs: 60_000, maxMessages: 10, maxBytes: 10_000, db: undefined }
    const store = new NodeStore(limits, 0)
    expect(store.keep(message(NOW_NS + ahead), NOW, NOW_NS)).toBe(isKept)
    expect(store.archive.size).toBe(isKept ? 1 : 0)
    expect(store.keep(message(NOW_NS + ahead, true), NOW, NOW_NS)).toBe(false)
  })
})
