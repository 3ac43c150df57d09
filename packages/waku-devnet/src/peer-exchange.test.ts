import { EnrDecoder } from '@waku/enr'
import { proto_peer_exchange } from '@waku/proto'
import { describe, expect, it } from 'vitest'

import { privateKeyOf } from './network.ts'
import { answerPeerExchange, encodeRecord } from './peer-exchange.ts'
import { rlpBytes, rlpList } from './rlp.ts'

const { PeerExchangeRPC } = proto_peer_exchange
const address = '/ip4/127.0.0.1/tcp/61000/ws'

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

describe('the record of a node', () => {
  it.each([[[0]], [[3, 700]], [upTo(8)], [upTo(63)], [upTo(64)], [upTo(1024)]])(
    'is read by js-waku with all that it tells (shards %j)',
    async (shards) => {
      const privateKey = privateKeyOf(1, 2)
      const record = await encodeRecord({ privateKey, address, clusterId: 66, shards, hasStore: true })
      const enr = await EnrDecoder.fromRLP(record)
      expect(enr.shardInfo).toEqual({ clusterId: 66, shards })
      expect(enr.waku2).toEqual({ relay: true, store: true, filter: true, lightPush: true })
      expect(enr.getFullMultiaddrs().map(String)).toEqual([`${address}/p2p/${String(enr.peerId)}`])
      expect(record.length).toBeLessThanOrEqual(300)
    },
  )

  it('is the same for the same seed', async () => {
    const record = (seed: number): Promise<Uint8Array> =>
      encodeRecord({ privateKey: privateKeyOf(seed, 0), address, clusterId: 1, shards: [0], hasStore: false })
    expect(await record(1)).toEqual(await record(1))
    expect(await record(1)).not.toEqual(await record(2))
  })
})

describe('peer exchange', () => {
  const records = upTo(5).map((value) => new Uint8Array([value]))

  it.each([
    [0n, 0],
    [3n, 3],
    [60n, 5],
    [2n ** 63n, 5],
  ])('gives %d of five records: %d', (numPeers, count) => {
    const reply = answerPeerExchange(PeerExchangeRPC.encode({ query: { numPeers } }), records)
    const { response } = PeerExchangeRPC.decode(reply ?? new Uint8Array())
    expect(response?.peerInfos.map(({ enr }) => enr?.[0])).toEqual(upTo(count))
  })

  it('has no answer to garbage', () => {
    expect(answerPeerExchange(new Uint8Array([0xff, 0xff]), records)).toBeUndefined()
  })
})

describe('RLP', () => {
  // Examples of the Ethereum specification.
  it.each<[Uint8Array, string]>([
    [rlpBytes(Buffer.from('dog')), '83646f67'],
    [rlpList([rlpBytes(Buffer.from('cat')), rlpBytes(Buffer.from('dog'))]), 'c88363617483646f67'],
    [rlpBytes(new Uint8Array()), '80'],
    [rlpList([]), 'c0'],
    [rlpBytes(new Uint8Array([0x0f])), '0f'],
    [rlpBytes(new Uint8Array([0x04, 0x00])), '820400'],
    [rlpBytes(new Uint8Array(56).fill(0x61)), `b838${'61'.repeat(56)}`],
    [rlpBytes(new Uint8Array(256).fill(0x61)), `b90100${'61'.repeat(256)}`],
  ])('encodes to %o', (encoded, expected) => {
    expect(Buffer.from(encoded).toString('hex')).toBe(expected)
  })
})
