import { describe, expect, it } from 'vitest'

import { type ConnectedPeer, type ConnectionFacts, problemOf } from './connection-problem.ts'

const well: ConnectionFacts = {
  isStarted: true,
  clusterId: 66,
  connected: [],
  foreign: new Map(),
  dialFailure: undefined,
  pubsubTopics: [],
  filterFailure: undefined,
}
const peer: ConnectedPeer = {
  peer: '16Uiu2A',
  isIdentified: true,
  services: new Set(['lightPush', 'filter', 'store']),
  served: { clusterId: 66, shardIds: new Set([0, 1]) },
}

// N5
describe('why messages do not flow', () => {
  it.each<[string, Partial<ConnectionFacts>, string | undefined, string]>([
    ['nothing is known yet', {}, undefined, ''],
    ['all is well', { connected: [peer] }, undefined, ''],
    ['the node does not run', { isStarted: false }, 'not-started', 'call start()'],
    [
      'nobody listens',
      { dialFailure: { target: '/ip4/127.0.0.1/tcp/9/ws/p2p/x', error: new Error('refused') } },
      'unreachable',
      'nobody can be reached at /ip4/127.0.0.1/tcp/9/ws/p2p/x: refused; check the address',
    ],
    [
      'one of several does not answer',
      { connected: [peer], dialFailure: { target: '/x', error: new Error('refused') } },
      undefined,
      '',
    ],
    [
      'the service node is of another cluster',
      { foreign: new Map([['16Uiu2B', 67]]) },
      'other-network',
      'service node 16Uiu2B is of cluster 67; this node is of cluster 66; set "networkConfig"',
    ],
    [
      'the peer offers nothing',
      { connected: [{ ...peer, services: new Set() }] },
      'no-service',
      '(16Uiu2A) offers light push v3',
    ],
    [
      'it does not deliver',
      { connected: [{ ...peer, services: new Set(['lightPush']) }] },
      'no-service',
      'offers filter v2',
    ],
    [
      'it has not told yet what it speaks',
      { connected: [{ ...peer, services: new Set(), isIdentified: false }] },
      undefined,
      '',
    ],
    [
      'it serves other shards',
      { connected: [peer], pubsubTopics: ['/waku/2/rs/66/1', '/waku/2/rs/66/5'] },
      'no-service',
      'no connected service node serves shard 5 of cluster 66',
    ],
    [
      'it declines to deliver',
      { connected: [peer], filterFailure: new Error('503 full') },
      'not-delivering',
      'no connected service node delivers: 503 full',
    ],
  ])('is told when %s', (_, facts, reason, text) => {
    const problem = problemOf({ ...well, ...facts })
    expect(problem?.reason).toBe(reason)
    expect(problem?.message ?? '').toContain(text)
  })
})
