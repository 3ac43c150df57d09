import { describe, expect, it } from 'vitest'
import { Network, type Peer, type PeerOptions, decoded, seeded } from '../../../test/network.ts'
import { encodeMessage } from '../wire/codec.ts'

/** It says what it has when it is told to, and asks for nothing. */
const silent = { periodicSyncMs: 0, ackSyncMinMs: 1e9, ackSyncMaxMs: 1e9, repair: { enabled: false } }

/** It does not take part in repair: what others lack they will never ask for. */
const unasked = { repair: { enabled: false } }

/** alice has sent so many messages, and bob got those of the given indices. */
function conversation(count: number, received: readonly number[], options: Partial<PeerOptions> = {}) {
  const net = new Network({ random: seeded(3) })
  const alice = net.join('alice', { periodicSyncMs: 0, ...options })
  const ids = Array.from({ length: count }, (_, i) => alice.say(`${i}`))
  const bob = net.join('bob', silent)
  for (const index of received) bob.receive(alice.sent[index]!.payload)
  return { net, alice, bob, ids }
}

const copiesOf = (peer: Peer): string[] =>
  peer.sent.filter(({ kind }) => kind === 'retransmission').map(({ messageId }) => messageId)

describe('what somebody is seen to lack', () => {
  it('is sent again at once, and nothing else is', () => {
    const { net, alice, bob, ids } = conversation(7, [0, 2, 3, 5, 6], unasked)
    net.run(400)
    bob.say('hm')
    net.run(51)
    expect(copiesOf(alice)).toEqual([ids[1], ids[4]])
    net.run(51)
    expect(bob.texts()).toEqual(['0', '1', '2', '3', '4', '5', '6'])
  })

  it('is not while it may still be on its way', () => {
    const { net, alice, bob } = conversation(3, [0, 2])
    net.run(100)
    bob.say('hm')
    net.run(51)
    expect(copiesOf(alice)).toEqual([])
  })

  it('is lost once he has the third copy made after it, since the network may change their order', () => {
    const early = conversation(5, [0, 2, 3])
    early.net.run(100)
    early.bob.say('two after it')
    early.net.run(51)
    expect(copiesOf(early.alice)).toEqual([])
    const { net, alice, bob, ids } = conversation(5, [0, 2, 3, 4])
    net.run(100)
    bob.say('three after it')
    net.run(51)
    expect(copiesOf(alice)).toEqual([ids[1]])
  })

  it.each([
    ['lies between what has come', 3, [0, 2]],
    ['is much of the latest', 12, [0]],
  ])('may only be late where it %s, while he could ask for it and does not', (_, count, received) => {
    const { net, alice, bob } = conversation(count, received)
    net.run(600)
    bob.say('hm')
    net.run(51)
    expect(copiesOf(alice)).toEqual([])
    net.run(900)
    const probes = copiesOf(alice)
    bob.say('still nothing')
    net.run(51)
    expect(copiesOf(alice).slice(probes.length)).not.toEqual([])
  })

  it('is sent again once he asks for it', () => {
    const { net, alice, bob, ids } = conversation(3, [0, 2])
    net.run(400)
    const [lacking] = ids.slice(1)
    const asks = { repairRequest: [{ messageId: lacking!, senderId: 'alice', retrievalHint: undefined }] }
    bob.say('hm')
    const said = decoded(bob.sent.at(-1)!.payload)
    alice.receive(encodeMessage({ ...said, messageId: 'asking', ...asks }, 'lip'))
    expect(copiesOf(alice)).toEqual([lacking])
  })

  it('is not sent again for every word of his while the copy is on its way', () => {
    const { net, alice, bob, ids } = conversation(3, [0, 2], unasked)
    net.run(400)
    for (const text of ['hm', 'hm?', 'hm!']) bob.say(text)
    net.run(51)
    expect(copiesOf(alice)).toEqual([ids[1]])
  })

  it('is given to him though another has it', () => {
    const { net, alice, bob, ids } = conversation(3, [0, 2])
    bob.online = false
    const carol = net.join('carol', silent)
    for (const { payload } of alice.sent.slice(0, 3)) carol.receive(payload)
    carol.say('I have all')
    net.run(400)
    expect(alice.eventsOf('acknowledged').filter(({ first }) => first)).toHaveLength(3)
    bob.online = true
    bob.say('hm')
    net.run(102)
    expect(alice.sent.filter(({ kind }) => kind === 'repair').map(({ messageId }) => messageId)).toEqual([
      ids[1],
    ])
    expect(bob.texts().slice(0, 3)).toEqual(['0', '1', '2'])
  })

  it('waits for the fixed time where one is given', () => {
    const net = new Network({ random: seeded(3) })
    const alice = net.join('alice', { periodicSyncMs: 0, acknowledgementTimeoutMs: 5_000 })
    for (const text of ['0', '1', '2']) alice.say(text)
    const bob = net.join('bob', silent)
    for (const index of [0, 2]) bob.receive(alice.sent[index]!.payload)
    net.run(400)
    bob.say('hm')
    net.run(4_000)
    expect(copiesOf(alice)).toEqual([])
  })
})
