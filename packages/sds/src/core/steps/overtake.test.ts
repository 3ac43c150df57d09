import { describe, expect, it } from 'vitest'
import { LIP_TIMES } from '../../../test/lip-times.ts'
import { message } from '../../../test/message.ts'
import { Network, type Peer, decoded, seeded } from '../../../test/network.ts'
import type { Urgency } from '../input.ts'

const quiet = { ...LIP_TIMES, periodicSyncMs: 0, ackSyncMinMs: 1e9, ackSyncMaxMs: 1e9 }
const network = (): Network => new Network({ random: seeded(8) })

const say = (peer: Peer, priority: Urgency, text = priority as string): string =>
  peer.say(text, false, { priority })

/** What was sent, as text, each with what it names. */
function sentBy(peer: Peer): string[] {
  const text = new Map(
    peer.messages().map(({ messageId, content }) => [messageId, new TextDecoder().decode(content)]),
  )
  return peer
    .messages()
    .map(
      ({ messageId, causalHistory }) =>
        `${text.get(messageId)} after ${causalHistory.map((before) => text.get(before.messageId) ?? 'another').join(' ')}`,
    )
}

const drain = (peer: Peer): void => {
  while (peer.waiting.length > 0) peer.letOut()
}

describe('a message of a higher priority', () => {
  // F16
  it('does not come after those that have not left, which do not come after it', () => {
    const alice = network().joinHeldBack('alice', quiet)
    const film = [1, 2, 3, 4, 5].map((i) => say(alice, 'normal', `film${i}`))
    alice.letOut()
    alice.letOut()
    say(alice, 'critical', 'hi')
    say(alice, 'critical', 'there')
    drain(alice)
    say(alice, 'normal', 'end')
    drain(alice)
    expect(film).toHaveLength(5)
    expect(sentBy(alice)).toEqual([
      'film1 after ',
      'film2 after film1',
      'hi after film1 film2',
      'there after film2 hi',
      'film3 after film1 film2',
      'film4 after film2 film3',
      'film5 after film3 film4',
      'end after film5 hi there',
    ])
  })

  // F16
  it('is delivered at once, though the rest of the film never comes', () => {
    const net = network()
    const alice = net.joinHeldBack('alice', quiet)
    const bob = net.join('bob', quiet)
    for (let i = 0; i < 100; i++) say(alice, 'normal', `film${i}`)
    for (let i = 0; i < 4; i++) alice.letOut()
    say(alice, 'critical', 'hi')
    alice.letOut()
    net.run(1_000)
    expect(bob.texts()).toEqual(['film0', 'film1', 'film2', 'film3', 'hi'])
  })

  // F16
  it('comes after what was received while others waited, and what those name before it', () => {
    const net = network()
    const alice = net.joinHeldBack('alice', quiet)
    const bob = net.join('bob', quiet)
    const first = bob.say('one')
    net.run(100)
    say(alice, 'normal', 'a')
    const second = bob.say('two')
    net.run(100)
    say(alice, 'normal', 'b')
    say(alice, 'critical')
    alice.letOut()
    const { causalHistory } = decoded(alice.sent[0]!.payload)
    expect(causalHistory.map(({ messageId }) => messageId)).toEqual([first, second])
  })

  // F16
  it('comes after what waits and is as urgent, and not after what has left and comes after what it overtakes', () => {
    const alice = network().joinHeldBack('alice', quiet)
    say(alice, 'normal', 'start')
    alice.letOut()
    say(alice, 'normal', 'film')
    say(alice, 'optional', 'gossip')
    // The lower class has its turn.
    const gossip = alice.waiting.pop()!
    const rest = alice.waiting
    alice.waiting = [gossip]
    alice.letOut()
    alice.waiting = rest
    say(alice, 'critical', 'hi')
    say(alice, 'critical', 'there')
    drain(alice)
    expect(sentBy(alice)).toEqual([
      'start after ',
      'gossip after start film',
      'hi after start',
      'there after start hi',
      'film after start',
    ])
  })

  // F16
  it('does not make anybody think that what it overtook was delivered', () => {
    const net = network()
    const alice = net.joinHeldBack('alice', quiet)
    const film = [1, 2, 3].map((i) => say(alice, 'normal', `film${i}`))
    alice.letOut()
    const hi = say(alice, 'critical')
    drain(alice)
    // By chance, a filter shows what has not come.
    const { bloomFilter } = decoded(alice.sent.at(-1)!.payload)
    const from = { senderId: 'bob', messageId: 'm', lamport: net.now, bloomFilter }
    alice.receive(message({ ...from, causalHistory: [{ messageId: hi }] }))
    expect(alice.eventsOf('acknowledged').map(({ messageId }) => messageId)).toEqual([hi, film[0]])
    expect(alice.eventsOf('possibly-acknowledged').map(({ messageId }) => messageId)).toEqual([film[1]])
  })

  // F16
  it('has what it comes after sent again before what it overtook', () => {
    const net = network()
    const alice = net.joinHeldBack('alice', quiet)
    for (let i = 0; i < 20; i++) say(alice, 'normal', `film${i}`)
    net.loss = 1
    for (let i = 0; i < 3; i++) alice.letOut()
    net.loss = 0
    say(alice, 'critical', 'hi')
    alice.letOut()
    net.run(5_100)
    const again = alice.waiting.filter(({ kind }) => kind === 'retransmission')
    expect(again.length).toBeGreaterThan(2)
    expect(new Set(again.map(({ priority }) => priority))).toEqual(new Set(['critical']))
  })

  // F16
  it('keeps its priority over a restart, and later ones overtake what an earlier process did not send', () => {
    const net = network()
    const alice = net.joinHeldBack('alice', quiet)
    const bob = net.join('bob', quiet)
    for (let i = 0; i < 50; i++) say(alice, 'normal', `film${i}`)
    for (let i = 0; i < 2; i++) alice.letOut()
    say(alice, 'critical', 'hi')
    alice.restart()
    say(alice, 'critical', 'there')
    for (let i = 0; i < 2; i++) alice.letOut()
    net.run(100)
    expect(bob.texts()).toEqual(['film0', 'film1', 'hi', 'there'])
    say(alice, 'normal', 'end')
    drain(alice)
    net.run(100)
    expect(bob.texts()).toHaveLength(53)
    expect(bob.texts().at(-1)).toBe('end')
  })

  // F16
  it('overtakes what whatever holds frames back has dropped', () => {
    const alice = network().joinHeldBack('alice', quiet)
    say(alice, 'normal', 'start')
    alice.letOut()
    say(alice, 'optional', 'stale')
    const { messageId, kind } = alice.waiting.pop()!
    alice.input({ type: 'dispatch-ended', messageId, outcome: 'failed', kind })
    say(alice, 'normal', 'news')
    alice.letOut()
    expect(sentBy(alice).at(-1)).toBe('news after start')
  })

  // F16
  it('with several parts names the one before it as its last, as parity needs', () => {
    const alice = network().joinHeldBack('alice', quiet)
    for (let i = 0; i < 5; i++) say(alice, 'normal', `film${i}`)
    const ids = [1, 2, 3].map((i) => alice.say(`part${i}`, false, { priority: 'critical', group: 'parts' }))
    drain(alice)
    const parts = alice.messages().filter(({ messageId }) => ids.includes(messageId))
    expect(
      parts.map(({ causalHistory }) => causalHistory.map(({ messageId }) => ids.indexOf(messageId))),
    ).toEqual([[], [0], [0, 1]])
  })
})
