import { describe, expect, it } from 'vitest'
import { message } from '../../../test/message.ts'
import { Network, type Peer, type PeerOptions, START, decoded, seeded } from '../../../test/network.ts'
import type { SdsMessage } from '../wire/message.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const wireOf = (fields: Partial<SdsMessage>): Uint8Array => message({ senderId: 'alice', ...fields })

const named = (ids: readonly string[], senderId = 'alice') =>
  ids.map((messageId) => ({ messageId, senderId }))

const join = (options: Partial<PeerOptions>): Peer =>
  new Network({ random: seeded(5) }).join('bob', { periodicSyncMs: 0, ...options })

const refusals = (peer: Peer): string[] => peer.eventsOf('rejected').map(({ reason }) => reason)

/** Texts that were delivered more than once. */
const doubles = (peer: Peer): string[] => peer.texts().filter((text, i, texts) => texts.indexOf(text) !== i)

/** Receives messages `from` up to `to` of somebody. */
function hear(peer: Peer, from: number, to: number, senderId = 'alice', startAt = START): void {
  for (let i = from; i < to; i++)
    peer.receive(wireOf({ messageId: `${senderId}-${i}`, senderId, lamport: startAt + i }))
}

describe('what was here and is forgotten', () => {
  it.each([
    ['of one sender', ['alice']],
    ['of three senders', ['alice', 'carol', 'dave']],
  ])(
    'X1: is not delivered again when a member comes back after 40,000 messages and says what it has, %s',
    (_, senders) => {
      const bob = join({ persistent: false })
      for (const sender of senders) hear(bob, 0, 10, sender)
      for (let i = 0; i < 40_100; i++) {
        const senderId = senders[i % senders.length]!
        bob.receive(wireOf({ messageId: `later-${i}`, senderId, lamport: START + 100 + i }))
      }
      const before = bob.delivered.length
      const old = senders.flatMap((sender) =>
        [3, 7, 9].map((i) => ({ messageId: `${sender}-${i}`, senderId: sender })),
      )
      // A sync message, and a new message that comes after what it had.
      bob.receive(
        wireOf({
          messageId: 's',
          senderId: 'erin',
          lamport: START + 50_000,
          causalHistory: old,
          content: undefined,
        }),
      )
      bob.receive(wireOf({ messageId: 'new', senderId: 'erin', lamport: START + 50_001, causalHistory: old }))
      expect(bob.stage.health().missing).toBe(old.length)
      for (const sender of senders) hear(bob, 0, 10, sender)
      expect(bob.delivered.slice(before).map(({ messageId }) => messageId)).toEqual(['new'])
      expect(refusals(bob)).toEqual(Array<string>(10 * senders.length).fill('older-than-history'))
      expect([bob.stage.health().missing, bob.eventsOf('lost')]).toEqual([0, []])
    },
  )

  it('X1: is not delivered again after a restart, since the horizon is stored', () => {
    const bob = join({ maxHistory: 10, maxMet: 10 })
    hear(bob, 0, 50)
    bob.restart()
    bob.receive(
      wireOf({ messageId: 's', senderId: 'erin', causalHistory: named(['alice-5']), content: undefined }),
    )
    hear(bob, 0, 50)
    expect(doubles(bob)).toEqual([])
    expect(new Set(refusals(bob))).toEqual(new Set(['older-than-history']))
  })

  it.each([0, 1])(
    'X1: a recorded session is not delivered again when somebody plays it %i days later',
    (days) => {
      const net = new Network({ random: seeded(11), loss: 0.1, duplicate: 0.1, jitterMs: 100 })
      const limits = { maxHistory: 100, maxMet: 100 }
      const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => net.join(name, limits)) as [
        Peer,
        Peer,
        Peer,
      ]
      for (let i = 0; i < 100; i++) {
        alice.say(`a${i}`)
        bob.say(`b${i}`, i % 5 === 0)
        net.run(200)
      }
      net.run(10_000)
      const session = [...alice.sent, ...bob.sent]
      expect(session.some(({ kind }) => kind === 'sync')).toBe(true)
      for (let i = 0; i < 300; i++) {
        alice.say(`later ${i}`)
        bob.say(`typing ${i}`, true)
        net.run(100)
      }
      net.run(days * DAY + 10_000)
      const before = carol.delivered.length
      net.loss = 0
      // Twice: what was asked for meanwhile too.
      for (let i = 0; i < 2; i++) {
        for (const { payload } of session) carol.receive(payload)
        net.run(60_000)
      }
      expect(carol.delivered.slice(before).map(({ text }) => text)).toEqual([])
      expect(refusals(carol)).toContain('older-than-history')
    },
  )

  it('X1: ephemeral messages are not delivered again after 20,000 others', () => {
    const net = new Network({ random: seeded(11) })
    const [alice, carol, bob] = ['alice', 'carol', 'bob'].map((name) =>
      net.join(name, { persistent: false, periodicSyncMs: 0 }),
    ) as [Peer, Peer, Peer]
    bob.online = false
    // In one millisecond, in part.
    for (let i = 0; i < 20_010; i++) {
      alice.say(`a${i}`, true)
      if (i % 100 === 0) {
        carol.say(`c${i}`, true)
        net.now += 1
      }
    }
    const wires = [...alice.sent, ...carol.sent].map(({ payload }) => payload)
    for (const wire of wires) bob.receive(wire)
    expect(bob.delivered).toHaveLength(wires.length)
    for (const wire of wires.toReversed()) bob.receive(wire)
    expect(bob.delivered).toHaveLength(wires.length)
    expect(new Set(refusals(bob))).toEqual(new Set(['older-than-history']))
    // The messages of others are as welcome as ever, by a clock that is behind too.
    net.now -= HOUR
    const dave = net.join('dave', { persistent: false, periodicSyncMs: 0 })
    dave.say('hello', true)
    bob.receive(dave.sent[0]!.payload)
    expect(bob.texts().at(-1)).toBe('hello')
  })
})

describe('what was not here', () => {
  it('X1: is delivered once, or told, through loss with small limits', () => {
    for (let seed = 1; seed <= 15; seed++) {
      const net = new Network({ random: seeded(seed), loss: 0.3, duplicate: 0.1, jitterMs: 300 })
      const limits = { maxHistory: 20, maxMet: 20 }
      const peers = ['alice', 'bob', 'carol'].map((name) => net.join(name, limits))
      for (let i = 0; i < 60; i++) {
        for (const peer of peers) if ((i + peer.name.length) % 2 === 0) peer.say(`${peer.name} ${i}`)
        net.run(400)
      }
      net.loss = 0.05
      net.run(20 * 60_000)
      for (const peer of peers) {
        expect(doubles(peer), `seed ${seed}`).toEqual([])
        const told = [
          ...peer.eventsOf('lost').flatMap(({ entries }) => entries.map(({ messageId }) => messageId)),
          ...peer.eventsOf('rejected').map(({ frame }) => decoded(frame.payload).messageId),
        ]
        const known = new Set([...peer.delivered.map(({ messageId }) => messageId), ...told])
        const silent = peers
          .filter((other) => other !== peer)
          .flatMap((other) => other.messages('content').map(({ messageId }) => messageId))
          .filter((messageId) => !known.has(messageId))
        expect(silent, `seed ${seed}, ${peer.name}`).toEqual([])
      }
    }
  })

  it('X1: is taken from a member that was away while all memory was used up several times', () => {
    const net = new Network({ random: seeded(7) })
    const limits = { maxHistory: 20, maxMet: 20 }
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => net.join(name, limits)) as [
      Peer,
      Peer,
      Peer,
    ]
    carol.say('before')
    net.run(5_000)
    net.passes = (from, to) => from !== carol && to !== carol
    for (let i = 0; i < 5; i++) carol.say(`carol, alone ${i}`)
    for (let i = 0; i < 150; i++) {
      ;(i % 2 === 0 ? alice : bob).say(`without carol ${i}`)
      net.run(500)
    }
    net.passes = () => true
    carol.say('back')
    net.run(HOUR)
    for (const peer of [alice, bob]) {
      const ofCarol = peer.texts().filter((text) => text.startsWith('carol') || text === 'back')
      expect(ofCarol).toEqual([...Array.from({ length: 5 }, (_, i) => `carol, alone ${i}`), 'back'])
      expect(doubles(peer)).toEqual([])
    }
  })

  it('X1: is taken though it is older than what was forgotten, once it is known to be missing', () => {
    const bob = join({ maxHistory: 10, maxMet: 10 })
    hear(bob, 0, 5)
    bob.receive(wireOf({ messageId: 'next', lamport: START + 6, causalHistory: named(['alice-5']) }))
    hear(bob, 10, 60)
    expect(bob.texts()).not.toContain('next')
    hear(bob, 5, 6)
    expect(bob.texts().slice(-2)).toEqual(['alice-5', 'next'])
    hear(bob, 5, 6)
    expect(doubles(bob)).toEqual([])
  })
})

describe('what is stamped far ahead', () => {
  const ahead = (i: number, senderId = 'mallory'): Uint8Array =>
    wireOf({ messageId: `ahead-${i}`, senderId, lamport: START + 20 * HOUR + i })

  it('X1: is not delivered again, and silences nobody in whose name it was said', () => {
    const bob = join({ maxHistory: 10, maxMet: 10 })
    for (let i = 0; i < 5; i++) bob.receive(ahead(i, 'alice'))
    hear(bob, 0, 100)
    for (let i = 0; i < 5; i++) bob.receive(ahead(i, 'alice'))
    hear(bob, 100, 150)
    expect(bob.delivered).toHaveLength(155)
    bob.restart()
    for (let i = 0; i < 5; i++) bob.receive(ahead(i, 'alice'))
    hear(bob, 150, 200)
    expect([bob.delivered.length, doubles(bob)]).toEqual([205, []])
  })

  it('X1: is refused, and told, where no more of it can be remembered', () => {
    const net = new Network({ random: seeded(5) })
    const bob = net.join('bob', { periodicSyncMs: 0, maxHistory: 10, maxMet: 10 })
    for (let i = 0; i < 100; i++) bob.receive(ahead(i))
    hear(bob, 0, 50)
    expect(new Set(refusals(bob))).toEqual(new Set(['future-lamport']))
    expect(bob.delivered.length + refusals(bob).length).toBe(150)
    for (let i = 0; i < 100; i++) bob.receive(ahead(i))
    expect(doubles(bob)).toEqual([])
    // Its time comes.
    net.now += DAY
    for (let i = 0; i < 100; i++) bob.receive(ahead(i))
    hear(bob, 0, 50, 'dave', START + DAY)
    expect([doubles(bob), bob.texts().at(-1)]).toEqual([[], 'dave-49'])
  })
})
