import { describe, expect, it } from 'vitest'
import { START, Network, type Peer, decoded, seeded } from '../../../test/network.ts'
import { encodeMessage } from './codec.ts'
import type { Lamport } from './lamport.ts'

const TOP = 2n ** 63n - 2n
const SMALL = { dialect: 'nim', maxHistory: 20, maxMet: 20, periodicSyncMs: 0 } as const

/** Alice and bob, who remember 40 messages. */
function pair() {
  const net = new Network({ random: seeded(11) })
  return { net, alice: net.join('alice', SMALL), bob: net.join('bob', SMALL) }
}

const stamped = (messageId: string, lamport: Lamport, senderId = 'mallory'): Uint8Array =>
  encodeMessage(
    {
      messageId,
      senderId,
      lamport,
      channelId: 'channel',
      causalHistory: [],
      repairRequest: [],
      content: new TextEncoder().encode(messageId),
    },
    'nim',
  )

/** Alice says so much, and bob hears it. */
function talk(net: Network, alice: Peer, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const text = `${i} at ${net.now}`
    alice.say(text)
    net.run(200)
    return text
  })
}

// X8
describe('a timestamp near the top of its range', () => {
  it.each(['mallory', 'alice'])(
    'that %s is said to have given keeps nothing honest from being delivered, once',
    (author) => {
      const { net, alice, bob } = pair()
      for (const lamport of [TOP, 2n ** 63n - 1n, 2n ** 62n, 2n ** 64n - 1n])
        for (const peer of [alice, bob]) peer.receive(stamped(`at ${lamport}`, lamport, author))
      const said = talk(net, alice, 100)
      bob.restart()
      said.push(...talk(net, alice, 100))
      net.run(60_000)
      expect(bob.texts().filter((text) => !text.startsWith('at '))).toEqual(said)
      expect(bob.eventsOf('rejected')).toEqual([])
      // Nobody's clock follows it.
      const { lamport } = decoded(alice.sent.at(-1)!.payload)
      expect(lamport).toBeLessThan(START / 1_000 + 1_000)
    },
  )

  it('is delivered, and not again when it is forgotten', () => {
    const { net, alice, bob } = pair()
    const made = Array.from({ length: 100 }, (_, i) => stamped(`made up ${i}`, TOP - 1_000n + BigInt(i)))
    for (const payload of made) bob.receive(payload)
    talk(net, alice, 50)
    bob.restart()
    const { length } = bob.delivered
    for (const payload of made) bob.receive(payload)
    expect(bob.delivered).toHaveLength(length)
    expect(bob.texts().filter((text) => text.startsWith('made up'))).toHaveLength(100)
    expect(bob.eventsOf('rejected').every(({ reason }) => reason === 'older-than-history')).toBe(true)
  })

  it('does not drive honest messages out of the history', () => {
    const { net, alice, bob } = pair()
    for (let i = 0; i < 100; i++) bob.receive(stamped(`made up ${i}`, TOP - 1_000n + BigInt(i)))
    talk(net, alice, 19)
    const kept = bob.stage.log(undefined, 20).filter(({ senderId }) => senderId === 'alice')
    expect(kept).toHaveLength(19)
  })

  it('that an older version stored as its own is not gone on from', () => {
    const { net, alice, bob } = pair()
    talk(net, alice, 1)
    // Field 1 of the clock's record, after its version.
    alice.store.set('clock', Uint8Array.of(1, 8, 0xfe, 255, 255, 255, 255, 255, 255, 255, 127))
    alice.restart()
    const [text] = talk(net, alice, 1)
    expect(bob.texts().at(-1)).toBe(text)
    expect(decoded(alice.sent.at(-1)!.payload).lamport).toBeLessThan(START / 1_000 + 1_000)
  })
})
