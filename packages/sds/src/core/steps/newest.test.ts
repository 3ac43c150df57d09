import { describe, expect, it } from 'vitest'
import { Network, type Peer, decoded, seeded } from '../../../test/network.ts'
import { encodeMessage } from '../wire/codec.ts'

/** It says what it has when it is told to, and asks for nothing. */
const silent = { periodicSyncMs: 0, ackSyncMinMs: 1e9, ackSyncMaxMs: 1e9, repair: { enabled: false } }

/** alice has sent two messages, of which bob has those of the given indices. He shows his filter twice and names nothing. */
function shown(indices: readonly number[]) {
  const net = new Network({ random: seeded(3) })
  const alice = net.join('alice', { periodicSyncMs: 0, repair: { enabled: false } })
  const ids = ['0', '1'].map((text) => alice.say(text))
  const bob = net.join('bob', silent)
  for (const index of indices) bob.receive(alice.sent[index]!.payload)
  for (const text of ['a', 'b']) {
    bob.say(text)
    const said = decoded(bob.sent.at(-1)!.payload)
    alice.receive(encodeMessage({ ...said, causalHistory: [] }, 'lip'))
  }
  return { net, alice, ids }
}

const acknowledged = (peer: Peer) =>
  peer.eventsOf('acknowledged').map(({ messageId, via }) => [messageId, via])
const copiesOf = (peer: Peer, id: string): number =>
  peer.sent.filter(({ kind, messageId }) => kind === 'retransmission' && messageId === id).length

describe('the newest message, in two filters', () => {
  it('is acknowledged by somebody whose filter has all before it', () => {
    const { alice, ids } = shown([0, 1])
    expect(acknowledged(alice)).toEqual(ids.map((id) => [id, 'bloom-filter']))
  })

  it('may wait for others there: it is sent again soon, so that somebody names it', () => {
    const { net, alice, ids } = shown([1])
    expect(acknowledged(alice)).toEqual([])
    net.run(2_000)
    expect(copiesOf(alice, ids[1]!)).toBeGreaterThan(0)
  })

  it('is acknowledged by them after four copies, where nobody names what he has', () => {
    const { net, alice, ids } = shown([1])
    net.run(60_000)
    expect(copiesOf(alice, ids[1]!)).toBe(4)
    expect(acknowledged(alice)).toEqual([[ids[1], 'bloom-filter']])
  })
})
