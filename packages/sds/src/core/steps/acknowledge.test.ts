import { describe, expect, it } from 'vitest'
import { LIP_TIMES } from '../../../test/lip-times.ts'
import { message } from '../../../test/message.ts'
import { Network, type Peer, decoded, seeded } from '../../../test/network.ts'
import { encodeMessage } from '../wire/codec.ts'

const quiet = { ...LIP_TIMES, periodicSyncMs: 0, ackSyncMinMs: 1e9, ackSyncMaxMs: 1e9 }
const network = (): Network => new Network({ random: seeded(3) })

const acknowledged = (peer: Peer): string[] =>
  peer
    .eventsOf('acknowledged')
    .filter(({ first }) => first)
    .map(({ messageId }) => messageId)

/** alice has sent so many messages; bob and carol got those of the given indices. */
function conversation(count: number, received: readonly number[]) {
  const net = network()
  const alice = net.join('alice', quiet)
  const ids = Array.from({ length: count }, (_, i) => alice.say(`${i}`))
  const wires = alice.sent.map(({ payload }) => payload)
  const join = (name: string, options = {}): Peer => {
    const peer = net.join(name, { ...quiet, ...options })
    for (const index of received) peer.receive(wires[index]!)
    return peer
  }
  return { net, alice, ids, wires, join }
}

describe('acknowledgement', () => {
  // ACK-01
  it('follows from being named in a causal history, once, naming who and how', () => {
    const { net, alice, ids, join } = conversation(1, [0])
    const bob = join('bob')
    bob.say('got it')
    net.run(100)
    alice.receive(bob.sent[0]!.payload)
    expect(alice.eventsOf('acknowledged')).toEqual([
      { type: 'acknowledged', messageId: ids[0], by: 'bob', via: 'causal-history', first: true },
    ])
    expect([...alice.store.keys()].filter((key) => key.startsWith('out/'))).toEqual([])
  })

  // ACK-02 ACK-05
  it('covers what the history names and nothing else', () => {
    const { net, alice, ids, join } = conversation(6, [])
    const bob = join('bob')
    const causalHistory = [0, 2, 4].map((index) => ({ messageId: ids[index]! }))
    alice.receive(message({ senderId: 'bob', messageId: 'm', lamport: net.now, causalHistory }))
    expect(acknowledged(alice)).toEqual([ids[0], ids[2], ids[4]])
    expect(alice.eventsOf('possibly-acknowledged')).toEqual([])
    net.run(6_000)
    expect(
      alice.sent.filter(({ kind }) => kind === 'retransmission').map(({ messageId }) => messageId),
    ).toEqual([ids[1], ids[3], ids[5]])
    expect(bob.delivered).toHaveLength(0)
  })

  // ACK-02
  it('covers all before what the history names that the filter holds: it was delivered after them', () => {
    const { net, alice, ids, join } = conversation(6, [0, 1, 2, 3, 4, 5])
    join('bob').say('got them')
    net.run(100)
    expect(acknowledged(alice).toSorted()).toEqual(ids.toSorted())
    const how = alice.eventsOf('acknowledged').map(({ by, via }) => `${by} ${via}`)
    expect(new Set(how)).toEqual(new Set(['bob causal-history']))
    expect(alice.eventsOf('possibly-acknowledged')).toEqual([])
  })

  // ACK-02
  it('leaves what the filter holds possibly acknowledged where the history names none of later', () => {
    // Those that he has wait for the first, so he names none.
    const { net, alice, ids, join } = conversation(6, [1, 2, 3, 4, 5])
    join('bob').say('got them')
    net.run(100)
    expect(acknowledged(alice)).toEqual([])
    expect(alice.eventsOf('possibly-acknowledged').map(({ messageId }) => messageId)).toEqual(ids.slice(1))
  })

  // ACK-03
  it('takes two filters, of two senders', () => {
    const { net, alice, ids, join } = conversation(4, [3])
    join('bob').say('b')
    net.run(100)
    expect(alice.eventsOf('possibly-acknowledged')).toEqual([
      { type: 'possibly-acknowledged', messageId: ids[3], by: 'bob', count: 1 },
    ])
    expect(acknowledged(alice)).toEqual([])
    join('carol').say('c')
    net.run(100)
    expect(alice.eventsOf('acknowledged')).toEqual([
      { type: 'acknowledged', messageId: ids[3], by: 'carol', via: 'bloom-filter', first: true },
    ])
  })

  it('takes two filters of one sender only if the filter has changed', () => {
    const { net, alice, ids, join } = conversation(4, [3])
    const bob = join('bob')
    bob.say('b')
    net.run(100)
    alice.receive(bob.sent[0]!.payload)
    expect(acknowledged(alice)).toEqual([])
    bob.say('again')
    net.run(100)
    expect(acknowledged(alice)).toEqual([ids[3]])
  })

  it('takes as many filters as it is told', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, possibleAcknowledgementThreshold: 1 })
    const ids = ['1', '2'].map((text) => alice.say(text))
    const bob = net.join('bob', quiet)
    bob.receive(alice.sent[1]!.payload)
    bob.say('b')
    net.run(100)
    expect(acknowledged(alice)).toEqual([ids[1]])
  })

  // ACK-07
  it('comes only once the message has arrived', () => {
    const { net, alice, ids, wires, join } = conversation(3, [1, 2])
    const bob = join('bob', { ackSyncMinMs: 1_000, ackSyncMaxMs: 2_000 })
    net.run(3_000)
    expect(bob.sent.map(({ kind }) => kind)).toEqual(['sync'])
    expect(acknowledged(alice)).toEqual([])
    bob.receive(wires[0]!)
    net.run(1_900)
    expect(acknowledged(alice)).toEqual(ids)
  })

  // ACK-08
  it('is reviewed for every message, parked ones and sync messages too', () => {
    const { net, alice, ids } = conversation(2, [])
    const base = { senderId: 'bob', lamport: net.now }
    const naming = (...names: string[]) => names.map((messageId) => ({ messageId }))
    alice.receive(message({ ...base, messageId: 'p', causalHistory: naming(ids[0]!, 'x') }))
    expect(alice.delivered).toEqual([])
    expect(acknowledged(alice)).toEqual([ids[0]])
    alice.receive(message({ ...base, messageId: 's', causalHistory: naming(ids[1]!), content: undefined }))
    expect(acknowledged(alice)).toEqual(ids)
  })

  it('remembers who has acknowledged, not only how many', () => {
    const { net, alice, ids, join } = conversation(1, [0])
    expect(alice.stage.acknowledgedBy(ids[0]!)).toEqual([])
    const bob = join('bob')
    const carol = join('carol')
    bob.say('b')
    carol.say('c')
    net.run(100)
    expect(alice.stage.acknowledgedBy(ids[0]!)).toEqual(['bob', 'carol'])
    expect(alice.eventsOf('acknowledged').map(({ by, first }) => [by, first])).toEqual([
      ['bob', true],
      ['carol', false],
    ])
  })

  it('reads the filters of the nim dialect', () => {
    const { net, alice, ids, join } = conversation(4, [3])
    join('bob', { dialect: 'nim' }).say('b')
    join('carol', { dialect: 'nim', bloomCapacity: 500 }).say('c')
    net.run(100)
    expect(acknowledged(alice)).toEqual([ids[3]])
  })

  it('uses a message whose filter it cannot use', () => {
    const { net, alice, ids, join } = conversation(4, [0, 1, 2, 3])
    const bob = join('bob', { bloomCapacity: 20_000 })
    bob.say('b')
    net.run(100)
    expect(alice.texts()).toEqual(['b'])
    expect(acknowledged(alice)).toEqual(ids.slice(2))
    expect(alice.eventsOf('filter-ignored').map(({ detail }) => detail)).toEqual([
      'a filter of 37504 bytes, expected 18752',
    ])
    for (const bloomFilter of [new Uint8Array(0), new Uint8Array(7), new Uint8Array(200_000)]) {
      alice.receive(encodeMessage({ ...decoded(bob.sent[0]!.payload), messageId: 'z', bloomFilter }, 'lip'))
    }
    expect(alice.eventsOf('possibly-acknowledged')).toEqual([])
  })
})
