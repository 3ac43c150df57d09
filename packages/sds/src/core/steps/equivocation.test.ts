import { describe, expect, it } from 'vitest'
import { message } from '../../../test/message.ts'
import { Network, type Peer, decoded, seeded } from '../../../test/network.ts'
import type { SdsMessage } from '../wire/message.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const silent = { periodicSyncMs: 0, ackSyncMinMs: 1e9, ackSyncMaxMs: 1e9 }

/** Two that hear each other, and what alice has said. */
function pair() {
  const net = new Network({ random: seeded(7) })
  const alice = net.join('alice')
  const bob = net.join('bob')
  return { net, alice, bob, said: (id: string) => decoded(payloadOf(alice, id)) }
}

const payloadOf = (peer: Peer, id: string): Uint8Array =>
  peer.sent.find(({ messageId }) => messageId === id)!.payload
const from = (fields: Partial<SdsMessage>): Uint8Array => message({ senderId: 'mallory', ...fields })
const texts = (peer: Peer): string[][] =>
  peer
    .eventsOf('equivocation')
    .map(({ held, other }) =>
      [held, other].map(({ senderId, content }) => `${senderId}: ${new TextDecoder().decode(content)}`),
    )

// X7
describe('two messages by one id', () => {
  it('are told with both authors and contents, and the first stays', () => {
    const { bob } = pair()
    bob.receive(from({ messageId: 'vote', content: bytes('yes') }))
    bob.receive(from({ messageId: 'vote', content: bytes('no') }))
    bob.receive(from({ messageId: 'vote', senderId: 'carol', content: bytes('yes') }))
    expect(bob.texts()).toEqual(['yes'])
    expect(texts(bob)).toEqual([
      ['mallory: yes', 'mallory: no'],
      ['mallory: yes', 'carol: yes'],
    ])
  })

  it('are told while the first waits for others', () => {
    const { bob } = pair()
    const causalHistory = [{ messageId: 'before', senderId: 'mallory' }]
    bob.receive(from({ messageId: 'vote', content: bytes('yes'), causalHistory }))
    bob.receive(from({ messageId: 'vote', content: bytes('no') }))
    expect(texts(bob)).toEqual([['mallory: yes', 'mallory: no']])
    bob.receive(from({ messageId: 'before' }))
    expect(bob.texts()).toEqual(['before', 'yes'])
  })

  it('are not told of copies, whatever they come after, nor where the author is not named', () => {
    const { net, alice, bob, said } = pair()
    const id = alice.say('hello')
    net.run(1_000)
    const copy = said(id)
    bob.receive(message({ ...copy, causalHistory: [{ messageId: 'x', senderId: 'alice' }] }))
    bob.receive(message({ ...copy, senderId: '' }))
    alice.receive(payloadOf(alice, id))
    expect([...bob.eventsOf('equivocation'), ...alice.eventsOf('equivocation')]).toEqual([])
  })

  it('are told without the content that the history has dropped', () => {
    const net = new Network({ random: seeded(7) })
    const bob = net.join('bob', { maxHistoryBytes: 1 })
    bob.receive(from({ messageId: 'vote', content: bytes('yes') }))
    bob.receive(from({ messageId: 'vote', content: bytes('no') }))
    bob.receive(from({ messageId: 'vote', senderId: 'carol', content: bytes('yes') }))
    expect(texts(bob)).toEqual([['mallory: ', 'carol: yes']])
  })

  it('are told to the author whose id another takes, who does not take it for an acknowledgement', () => {
    const { net, alice, bob, said } = pair()
    net.passes = (one) => one !== alice
    const id = alice.say('mine')
    const stolen = from({ messageId: id, lamport: said(id).lamport, content: bytes('stolen') })
    for (const peer of [alice, bob]) peer.receive(stolen)
    net.passes = () => true
    net.run(20 * 60_000)
    expect(bob.texts()).toEqual(['stolen'])
    expect(texts(bob)[0]).toEqual(['mallory: stolen', 'alice: mine'])
    expect(texts(alice)).toEqual([['alice: mine', 'mallory: stolen']])
    // Though his filter has the id.
    expect(alice.eventsOf('acknowledged')).toEqual([])
    expect(alice.eventsOf('delivery-failed')).toHaveLength(1)
  })

  it('are no reason to doubt those who have the first', () => {
    const net = new Network({ random: seeded(7) })
    const alice = net.join('alice', silent)
    const bob = net.join('bob')
    const id = alice.say('mine')
    net.run(60)
    const stolen = from({ messageId: id, content: bytes('stolen') })
    for (const peer of [alice, bob]) peer.receive(stolen)
    net.run(60_000)
    expect(bob.texts()).toEqual(['mine'])
    expect(alice.stage.acknowledgedBy(id)).toEqual(['bob'])
  })
})

// X7
it('naming another as the author of an own message does not acknowledge it', () => {
  const { net, alice } = pair()
  net.passes = () => false
  const id = alice.say('mine')
  alice.receive(from({ content: undefined, causalHistory: [{ messageId: id, senderId: 'mallory' }] }))
  expect(alice.stage.acknowledgedBy(id)).toEqual([])
  alice.receive(
    from({ messageId: 'n', content: undefined, causalHistory: [{ messageId: id, senderId: 'alice' }] }),
  )
  expect(alice.stage.acknowledgedBy(id)).toEqual(['mallory'])
})
