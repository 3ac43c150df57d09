import { describe, expect, it } from 'vitest'
import { LIP_TIMES } from '../../test/lip-times.ts'
import { message as messageOf } from '../../test/message.ts'
import { Network, START, type Peer, decoded, seeded } from '../../test/network.ts'
import type { HistoryEntry, SdsMessage } from './wire/message.ts'

const quiet = { periodicSyncMs: 0 }
const silent = { ...quiet, ackSyncMinMs: 1e9, ackSyncMaxMs: 1e9, acknowledgementTimeoutMs: 1e9 }
const network = (): Network => new Network({ random: seeded(31) })

const message = (fields: Partial<SdsMessage>): Uint8Array => messageOf({ senderId: 'mallory', ...fields })
const phantoms = (count: number, more: Partial<HistoryEntry> = {}): HistoryEntry[] =>
  Array.from({ length: count }, (_, i) => ({ messageId: `phantom-${i}`, senderId: 'carol', ...more }))
const ask = (messageIds: readonly string[], i = 0): Uint8Array =>
  message({
    messageId: `ask-${i}`,
    content: undefined,
    repairRequest: messageIds.map((messageId) => ({ messageId, senderId: 'alice' })),
  })
const kinds = (peer: Peer, kind: string): number => peer.sent.filter((one) => one.kind === kind).length
const bytesOut = (peer: Peer): number => peer.sent.reduce((sum, { payload }) => sum + payload.length, 0)
const askedFor = (peer: Peer): string[] =>
  peer.messages().flatMap(({ repairRequest }) => repairRequest.map(({ messageId }) => messageId))

describe('a sync message that waits to be dispatched', () => {
  it('is not made again and again because more is missing than it can ask for', () => {
    const net = network()
    const bob = net.join('bob', { ...quiet, ...LIP_TIMES, dispatch: 'reported' })
    bob.receive(message({ content: undefined, causalHistory: phantoms(10) }))
    net.run(600_000)
    expect(kinds(bob, 'sync')).toBeLessThanOrEqual(5)
  })

  it('is not made again and again because more is to be acknowledged than it can name', () => {
    const net = network()
    const bob = net.join('bob', { ...quiet, dispatch: 'reported', maxAcknowledged: 4 })
    for (let i = 0; i < 10; i++)
      bob.receive(message({ messageId: `m${i}`, senderId: 'carol', lamport: START + i }))
    net.run(600_000)
    expect(kinds(bob, 'sync')).toBe(1)
  })

  it('does not name what waits behind it', () => {
    const net = network()
    const bob = net.join('bob', { ...quiet, dispatch: 'reported' })
    bob.receive(message({ messageId: 'first', senderId: 'carol' }))
    for (let i = 0; i < 5; i++) bob.say(`waits ${i}`)
    bob.receive(message({ messageId: 'second', senderId: 'carol' }))
    net.run(10_000)
    const named = bob
      .messages('sync')
      .flatMap(({ causalHistory }) => causalHistory.map(({ messageId }) => messageId))
    expect(new Set(named)).toEqual(new Set(['first', 'second']))
  })

  it('is not made again by the clock alone', () => {
    const net = network()
    const bob = net.join('bob', { dispatch: 'reported' })
    bob.receive(message({ senderId: 'carol' }))
    net.run(3_600_000)
    expect(kinds(bob, 'sync')).toBeLessThanOrEqual(2)
  })

  it('is tried again ever more seldom while it cannot leave', () => {
    const net = network()
    const bob = net.join('bob', { ...quiet, dispatch: 'reported' })
    bob.receive(message({ content: undefined, causalHistory: phantoms(3) }))
    let tries = 0
    for (let second = 0; second < 600; second++) {
      net.run(1_000)
      for (const { messageId } of bob.sent.slice(tries))
        bob.input({ type: 'dispatch-ended', messageId, outcome: 'failed' })
      tries = bob.sent.length
    }
    expect(tries).toBeGreaterThan(5)
    expect(tries).toBeLessThan(30)
  })
})

describe('an acknowledgement', () => {
  it('is said by a sync message when the message that says it waits for long', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, acknowledgementTimeoutMs: 1e9 })
    // In a pair it would be said again.
    const bob = net.join('bob', { ...quiet, dispatch: 'reported', groupSize: 3 })
    net.passes = (sender) => sender !== bob
    alice.say('hi')
    net.run(100)
    const reply = bob.say('a reply that waits in the rate limit')
    net.run(5_000)
    expect(kinds(bob, 'sync')).toBe(0)
    net.run(2_500)
    expect(kinds(bob, 'sync')).toBe(1)
    bob.input({ type: 'dispatch-ended', messageId: reply, outcome: 'dispatched' })
    bob.input({ type: 'dispatch-ended', messageId: bob.sent.at(-1)!.messageId, outcome: 'dispatched' })
    net.run(60_000)
    expect(kinds(bob, 'sync')).toBe(1)
  })

  it('is said by a sync message when the message that says it did not leave', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, acknowledgementTimeoutMs: 1e9 })
    const bob = net.join('bob', { ...quiet, dispatch: 'reported' })
    alice.say('hi')
    net.run(100)
    bob.input({ type: 'dispatch-ended', messageId: bob.say('a reply'), outcome: 'failed' })
    net.run(2_500)
    expect(kinds(bob, 'sync')).toBe(1)
  })

  it('is said by a sync message when the message that said it was taken back', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, acknowledgementTimeoutMs: 1e9 })
    const bob = net.join('bob', { ...quiet, dispatch: 'reported' })
    const id = alice.say('hi')
    net.run(100)
    const reply = bob.say('a reply')
    const answer = { open: true, taken: false }
    bob.input({ type: 'abandon', messageIds: [reply], answer })
    expect(answer.taken).toBe(true)
    net.run(3_000)
    expect(
      bob
        .messages('sync')
        .at(-1)
        ?.causalHistory.map(({ messageId }) => messageId),
    ).toEqual([id])
  })
})

describe('whoever asks for repairs without end', () => {
  it('gets each message once in a while', () => {
    const net = network()
    const alice = net.join('alice', { ...silent, repair: LIP_TIMES.repair })
    const ids = Array.from({ length: 16 }, (_, i) => alice.say(`${i} ${'x'.repeat(1_000)}`))
    for (let i = 0; i < 300; i++) {
      alice.receive(ask(ids, i))
      net.run(100)
    }
    // In thirty seconds: at once, and after each half of the shortest time after which an honest peer asks again.
    expect(kinds(alice, 'repair')).toBeLessThanOrEqual(3 * ids.length)
    for (const id of ids)
      expect(alice.sent.some((one) => one.kind === 'repair' && one.messageId === id)).toBe(true)
  })

  it('does not fill the line with copies of one message', () => {
    const net = network()
    const alice = net.join('alice', { ...silent, repair: LIP_TIMES.repair, dispatch: 'reported' })
    const id = alice.say('wanted')
    alice.input({ type: 'dispatch-ended', messageId: id, outcome: 'dispatched' })
    for (let i = 0; i < 20; i++) {
      alice.receive(ask([id], i))
      net.run(60_000)
    }
    expect(kinds(alice, 'repair')).toBe(1)
    alice.input({ type: 'dispatch-ended', messageId: id, outcome: 'dispatched' })
    alice.receive(ask([id], 99))
    net.run(60_000)
    expect(kinds(alice, 'repair')).toBe(2)
  })
})

describe('whoever asks for the whole history where the quota is tight', () => {
  it('does not keep what others write waiting behind it, and gets one message after the other', () => {
    const net = network()
    const tight = { paceMs: 30_000, encoding: 'at-release', dispatch: 'reported' } as const
    const bob = net.join('bob', { ...quiet, ...tight })
    const ids = Array.from({ length: 160 }, (_, i) => `m${i}`)
    for (const [i, messageId] of ids.entries())
      bob.receive(message({ messageId, senderId: 'carol', lamport: START + i }))
    for (let i = 0; i < 10; i++) bob.receive(ask(ids.slice(16 * i, 16 * i + 16), i))
    net.run(600_000)
    const waiting = bob.sent.filter(({ kind }) => kind === 'repair')
    expect(waiting.length).toBeGreaterThan(0)
    expect(waiting.length).toBeLessThanOrEqual(8)
    const given = new Set<string>()
    for (let i = 0; i < 400; i++) {
      const next = bob.sent.filter(({ kind }) => kind === 'repair')[given.size]
      if (next === undefined) break
      given.add(next.messageId)
      bob.input({ type: 'encode', frame: { ...next, kind: 'repair' } })
      bob.input({ type: 'dispatch-ended', messageId: next.messageId, outcome: 'dispatched' })
      net.run(30_000)
    }
    expect(given.size).toBe(160)
  })
})

describe('whoever names messages that do not exist', () => {
  it('does not make others ask without end', () => {
    const net = network()
    const bob = net.join('bob', quiet)
    const lie = message({ content: undefined, causalHistory: phantoms(300) })
    bob.receive(lie)
    net.run(900_000)
    // Each is asked for a few times, not twenty.
    expect(askedFor(bob).length).toBeLessThanOrEqual(300 * 10)
  })

  it('does not make the messages of others grow', () => {
    const net = network()
    const bob = net.join('bob', quiet)
    const hint = new Uint8Array(50_000).fill(7)
    bob.receive(message({ content: undefined, causalHistory: phantoms(3, { retrievalHint: hint }) }))
    net.run(900_000)
    expect(askedFor(bob)).toContain('phantom-0')
    expect(Math.max(...bob.sent.map(({ payload }) => payload.length))).toBeLessThan(25_000)
    expect(bytesOut(bob)).toBeLessThan(50 * 20_000)
  })

  it('cannot keep others from asking, by asking in vain', () => {
    const net = network()
    const bob = net.join('bob', quiet)
    bob.receive(message({ causalHistory: [{ messageId: 'real', senderId: 'carol' }] }))
    for (let i = 0; i < 60; i++) {
      bob.receive(
        message({
          messageId: `s${i}`,
          content: undefined,
          repairRequest: [{ messageId: 'real', senderId: 'carol' }],
        }),
      )
      net.run(15_000)
    }
    expect(askedFor(bob).length).toBeGreaterThanOrEqual(2)
  })

  it('cannot keep messages that came too early from waiting for real ones', () => {
    const net = network()
    const bob = net.join('bob', { ...silent, maxMissing: 20 })
    bob.receive(message({ content: undefined, causalHistory: phantoms(20) }))
    expect(bob.stage.health().missing).toBe(20)
    const causalHistory = [{ messageId: 'first', senderId: 'alice' }]
    bob.receive(message({ messageId: 'second', senderId: 'alice', causalHistory }))
    expect(bob.eventsOf('rejected')).toEqual([])
    expect(bob.stage.health().missing).toBe(1)
    bob.receive(message({ messageId: 'first', senderId: 'alice' }))
    expect(bob.texts()).toEqual(['first', 'second'])
    net.run(3_600_000)
    expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 0 })
  })

  it('has nobody look for room where there is none to be made', () => {
    const bob = network().join('bob', { ...silent, maxMissing: 5 })
    bob.receive(message({ messageId: 'parked', causalHistory: phantoms(5) }))
    for (let i = 0; i < 3; i++)
      bob.receive(message({ messageId: `more-${i}`, causalHistory: [{ messageId: 'x' }] }))
    expect(bob.eventsOf('rejected').map(({ reason }) => reason)).toEqual(Array(3).fill('incoming-full'))
    expect(bob.eventsOf('limit')).toEqual([])
  })

  it.each([
    { by: 'one', namers: 1, most: 4, rate: 1_024 },
    { by: 'made-up members', namers: 1_000, most: 16, rate: 4_096 },
  ])(
    'has others spend bytes that are bounded by a start, not by time, named by $by',
    ({ namers, most, rate }) => {
      const net = network()
      const [alice, bob] = ['alice', 'bob'].map((name) => net.join(name, quiet)) as [Peer, Peer]
      alice.say('hello')
      net.run(2_000)
      const start = bytesOut(bob)
      const startedAt = net.now
      for (let i = 0; i < 2_400; i++) {
        const causalHistory = phantoms(1).map((name) => ({
          ...name,
          messageId: `made up ${i}`,
          senderId: 'alice',
        }))
        const senderId = `mallory ${i % namers}`
        bob.receive(message({ messageId: `s${i}`, senderId, content: undefined, causalHistory }))
        net.run(500)
        // What others name is asked for as ever.
        if (i % 600 !== 599) continue
        net.passes = () => false
        alice.say(`missed at ${i}`)
        net.passes = () => true
        alice.say(`then at ${i}`)
      }
      const seconds = (net.now - startedAt) / 1_000
      const asking = bob.sent.filter(
        ({ kind, payload }) => kind === 'sync' && decoded(payload).repairRequest.length > 0,
      )
      const bytes = asking.reduce((sum, { payload }) => sum + payload.length, 0)
      expect(bytesOut(bob)).toBeGreaterThan(start)
      expect(bytes).toBeLessThan(most * 2 ** 20 + rate * seconds + 2 ** 20)
      net.run(60_000)
      expect(bob.texts()).toHaveLength(9)
    },
  )

  // X17
  it.each([
    { name: 'where nothing limits the rate', options: {} },
    { name: 'by the times of LIP-109', options: { ...LIP_TIMES } },
  ])('cannot keep what others name from being asked for, $name', ({ options }) => {
    const net = network()
    const [alice, bob] = ['alice', 'bob', 'carol'].map((name) => net.join(name, options)) as [Peer, Peer]
    alice.say('zero')
    net.run(5_000)
    bob.receive(message({ messageId: 'lie', causalHistory: phantoms(1_000) }))
    bob.receive(message({ messageId: 'lie, too', content: undefined, causalHistory: phantoms(1_000) }))
    bob.online = false
    const missed = ['one', 'two', 'three'].map((text) => alice.say(text))
    net.run(1_000)
    bob.online = true
    // Whoever sees what another is about to miss may name it first.
    bob.receive(
      message({
        messageId: 'lie of what is there',
        content: undefined,
        causalHistory: [...phantoms(900), ...missed.map((messageId) => ({ messageId, senderId: 'alice' }))],
      }),
    )
    alice.say('four')
    net.run(600_000)
    expect(bob.texts()).toEqual(['zero', 'one', 'two', 'three', 'four'])
    expect(bob.eventsOf('lost')).toEqual([])
  })

  // X17
  it('cannot take all the room for what is missing', () => {
    const bob = network().join('bob', { ...silent, maxMissing: 30, maxMissingPerSender: 20 })
    for (const i of [1, 2, 3]) {
      const causalHistory = phantoms(9).map(({ messageId }) => ({ messageId: `${i} ${messageId}` }))
      bob.receive(message({ messageId: `lie ${i}`, causalHistory }))
    }
    expect(bob.eventsOf('rejected').map(({ reason }) => reason)).toEqual(['incoming-full'])
    const causalHistory = [{ messageId: 'first', senderId: 'alice' }]
    bob.receive(message({ messageId: 'second', senderId: 'alice', causalHistory }))
    bob.receive(message({ messageId: 'first', senderId: 'alice' }))
    expect(bob.texts()).toEqual(['first', 'second'])
  })

  // X4
  it('cannot keep others from being answered, by asking for more than can be given', () => {
    const net = network()
    const options = { ...silent, ...LIP_TIMES, repair: { ...LIP_TIMES.repair, maxResponses: 10 } }
    const alice = net.join('alice', options)
    const ids = Array.from({ length: 20 }, (_, i) => `carol ${i}`)
    for (const [i, messageId] of ids.entries())
      alice.receive(message({ messageId, lamport: START + i, senderId: 'carol' }))
    const asking = (senderId: string, wanted: readonly string[]): Uint8Array =>
      message({
        senderId,
        messageId: `${senderId} asks`,
        content: undefined,
        repairRequest: wanted.map((messageId) => ({ messageId, senderId: 'carol' })),
      })
    alice.receive(asking('mallory', ids.slice(0, 16)))
    expect(alice.eventsOf('limit')).toHaveLength(6)
    const wanted = ids.slice(17)
    alice.receive(asking('bob', wanted))
    net.run(600_000)
    const given = alice.messages('repair').map(({ messageId }) => messageId)
    expect(given).toEqual(expect.arrayContaining(wanted))
  })

  it('is refused when it names the empty id', () => {
    const net = network()
    const bob = net.join('bob', quiet)
    bob.receive(message({ causalHistory: [{ messageId: '' }] }))
    expect(bob.eventsOf('rejected').map(({ reason }) => reason)).toEqual(['malformed'])
  })
})

describe('ids', () => {
  it('are measured in bytes', () => {
    const bob = network().join('bob', { ...quiet, maxIdLength: 32 })
    bob.receive(message({ messageId: 'é'.repeat(17) }))
    bob.receive(message({ messageId: 'é'.repeat(16) }))
    expect(bob.eventsOf('rejected').map(({ reason }) => reason)).toEqual(['malformed'])
    expect(bob.delivered).toHaveLength(1)
  })

  it('of somebody’s content are not met by a sync or ephemeral message of another', () => {
    const bob = network().join('bob', silent)
    bob.receive(
      message({
        messageId: 'dependent',
        senderId: 'alice',
        causalHistory: [{ messageId: 'cause', senderId: 'alice' }],
      }),
    )
    bob.receive(message({ messageId: 'cause', content: undefined }))
    bob.receive(message({ messageId: 'cause', lamport: undefined, content: Uint8Array.of(1) }))
    bob.receive(
      message({
        messageId: 'another',
        senderId: 'alice',
        causalHistory: [{ messageId: 'cause', senderId: 'alice' }],
      }),
    )
    const causal = (): string[] =>
      bob.delivered.filter(({ ephemeral }) => !ephemeral).map(({ messageId }) => messageId)
    expect(causal()).toEqual([])
    bob.receive(message({ messageId: 'cause', senderId: 'alice' }))
    // In the order of the log.
    expect(causal()).toEqual(['cause', 'another', 'dependent'])
  })
})

describe('a clock', () => {
  it('is not driven so far ahead that others refuse what it stamps', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    alice.receive(message({ lamport: net.now + 86_400_000 }))
    alice.say('hi')
    // The clock of one who is ten minutes behind.
    net.now -= 600_000
    bob.receive(alice.sent[0]!.payload)
    expect(bob.eventsOf('rejected')).toEqual([])
  })

  it('of an ephemeral message that is refused says nothing of when its sender was heard', () => {
    const bob = network().join('bob', silent)
    bob.receive(message({ lamport: undefined, sentAt: 2n ** 63n, content: Uint8Array.of(1) }))
    expect(bob.eventsOf('rejected').map(({ reason }) => reason)).toEqual(['future-lamport'])
    expect(bob.stage.members()).toEqual([])
  })

  it('that was far ahead itself does not stay so', () => {
    const net = network()
    const alice = net.join('alice', silent)
    const bob = net.join('bob', silent)
    net.now += 10 * 86_400_000
    alice.say('from the future')
    net.now -= 10 * 86_400_000
    alice.restart()
    alice.say('from the present')
    bob.receive(alice.sent.at(-1)!.payload)
    expect(bob.eventsOf('rejected')).toEqual([])
  })
})

describe('messages stamped as late as is accepted', () => {
  it('keep nobody from naming what he has just said', () => {
    const bob = network().join('bob', silent)
    for (const i of [1, 2, 3])
      bob.receive(message({ messageId: `late-${i}`, lamport: START + 80_000_000 + i }))
    const said = ['one', 'two', 'three', 'four'].map((text) => bob.say(text))
    const named = bob
      .messages('content')
      .map(({ causalHistory }) => causalHistory.map((one) => one.messageId))
    for (const i of [1, 2, 3]) expect(named[i]).toContain(said[i - 1])
  })
})

describe('a flood of messages stamped as late as is accepted', () => {
  const HOUR_MS = 3_600_000

  it('does not drive what is stamped by the clock out of the history, nor keep it from being taken', () => {
    const bob = network().join('bob', { ...silent, maxHistory: 20 })
    const from = (senderId: string, lamport: number): string => {
      const messageId = `${senderId}-${lamport}`
      bob.receive(message({ messageId, senderId, lamport: START + lamport }))
      return messageId
    }
    const honest = Array.from({ length: 10 }, (_, i) => from('alice', i))
    for (let i = 0; i < 60; i++) from('mallory', (13 + (i % 11)) * HOUR_MS + i)
    for (const lamport of [100, 50, 90, 60]) {
      honest.push(from('alice', lamport), from('carol', lamport - 30))
    }
    expect(bob.eventsOf('rejected')).toEqual([])
    const delivered = bob.delivered.map(({ messageId }) => messageId)
    expect(delivered.filter((messageId) => honest.includes(messageId))).toEqual(honest)
    expect(new Set(delivered).size).toBe(delivered.length)
    // They are still there for whoever asks.
    bob.receive(ask(honest.slice(0, 16)))
    bob.step(bob.stage.tick(START + 400_000))
    expect(kinds(bob, 'repair')).toBe(16)
  })

  it('is taken once', () => {
    const bob = network().join('bob', { ...silent, maxHistory: 20 })
    const flood = Array.from({ length: 60 }, (_, i) =>
      message({ messageId: `flood-${i}`, lamport: START + 20 * HOUR_MS + i }),
    )
    for (const wire of [...flood, ...flood]) bob.receive(wire)
    expect(bob.delivered).toHaveLength(60)
    bob.restart()
    for (const wire of flood) bob.receive(wire)
    expect(bob.delivered).toHaveLength(60)
  })
})

describe('a message that names none but the newest', () => {
  it('is all that is made when no heads are wanted', () => {
    const bob = network().join('bob', { ...silent, maxHeads: 0 })
    for (let i = 0; i < 10; i++) bob.receive(message({ messageId: `concurrent-${i}`, lamport: START + i }))
    bob.say('hi')
    expect(bob.messages('content')[0]!.causalHistory.map(({ messageId }) => messageId)).toEqual([
      'concurrent-8',
      'concurrent-9',
    ])
  })
})

describe('timers', () => {
  it('go on when the clock is set back', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, ...LIP_TIMES })
    const bob = net.join('bob', quiet)
    bob.online = false
    alice.say('hi')
    net.run(1_000)
    net.now -= 3_600_000
    // The driver does this when it notices.
    alice.step(alice.stage.tick(net.now))
    net.run(120_000)
    expect(alice.eventsOf('retransmitted')).toHaveLength(5)
    expect(alice.eventsOf('delivery-failed')).toHaveLength(1)
  })
})

describe('a filter so full that it holds everything', () => {
  it('acknowledges nothing', () => {
    const alice = network().join('alice', quiet)
    alice.say('hi')
    const size = alice.messages()[0]!.bloomFilter!.length
    for (const [i, senderId] of ['bob', 'carol', 'mallory'].entries()) {
      const bloomFilter = new Uint8Array(size).fill(255)
      bloomFilter[i] = 254
      alice.receive(message({ messageId: senderId, senderId, bloomFilter }))
    }
    expect(alice.eventsOf('acknowledged')).toEqual([])
    expect(alice.eventsOf('possibly-acknowledged')).toEqual([])
    expect(alice.eventsOf('filter-ignored')).toHaveLength(3)
  })
})

describe('replays', () => {
  it('of what was forgotten long ago are refused after a restart too', () => {
    const bob = network().join('bob', { ...silent, maxHistory: 3, maxMet: 3 })
    for (let i = 0; i < 20; i++) bob.receive(message({ messageId: `m${i}`, lamport: START + i }))
    expect(bob.delivered).toHaveLength(20)
    bob.restart()
    for (let i = 0; i < 20; i++) bob.receive(message({ messageId: `m${i}`, lamport: START + i }))
    expect(bob.delivered).toHaveLength(20)
  })
})

describe('what nobody acknowledged', () => {
  it('leaves nothing in the store once it is forgotten and given up', () => {
    const net = network()
    const alice = net.join('alice', {
      ...quiet,
      maxHistory: 2,
      maxRetransmissions: 0,
      acknowledgementTimeoutMs: 5_000,
    })
    for (let i = 0; i < 5; i++) alice.say(`${i}`)
    net.run(60_000)
    expect(alice.eventsOf('delivery-failed')).toHaveLength(5)
    expect([...alice.store.keys()].filter((key) => key.startsWith('log/'))).toHaveLength(2)
  })

  it('stays ephemeral in the nim dialect when it is sent again', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, dialect: 'nim' })
    alice.say('gone tomorrow', true)
    alice.restart()
    net.run(6_000)
    const [again] = alice.sent.filter(({ kind }) => kind === 'retransmission')
    expect(again).toMatchObject({ ephemeral: true })
  })
})

describe('a thousand forged senders', () => {
  const flood = (peer: Peer): void => {
    for (let i = 0; i < 1_000; i++) {
      peer.receive(message({ messageId: `forged-${i}`, senderId: `stranger-${i}`, content: undefined }))
    }
  }

  // They may take all turns: then what comes is acknowledged when its sender has sent it again, twice at most.
  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'do not put off an acknowledgement beyond the second time its sender sends a message again (seed %i)',
    (seed) => {
      const net = new Network({ random: seeded(seed) })
      const alice = net.join('alice', quiet)
      const bob = net.join('bob', quiet)
      flood(bob)
      net.run(60_000)
      flood(bob)
      const id = alice.say('honest')
      net.run(8_000)
      expect(alice.eventsOf('acknowledged')).toContainEqual(
        expect.objectContaining({ messageId: id, by: 'bob' }),
      )
      expect(kinds(alice, 'retransmission')).toBeLessThanOrEqual(2)
    },
  )

  it('do not keep the others from answering a request for repair', () => {
    const net = network()
    const peers = ['bob', 'carol', 'dave'].map((name) =>
      net.join(name, { ...quiet, repair: { tMinMs: 100, tMaxMs: 1_000 } }),
    )
    net.passes = () => false
    for (const peer of peers) {
      peer.receive(message({ messageId: 'wanted', senderId: 'alice' }))
      flood(peer)
      peer.receive(ask(['wanted']))
    }
    net.run(2_000)
    expect(peers.map((peer) => kinds(peer, 'repair'))).toEqual([1, 1, 1])
  })

  it('do not count where the size of the group is given', () => {
    const net = network()
    const bob = net.join('bob', { ...quiet, groupSize: 2 })
    flood(bob)
    bob.receive(message({ messageId: 'honest', senderId: 'alice' }))
    net.run(751)
    expect(kinds(bob, 'sync')).toBeGreaterThan(0)
    // In a pair it is said again, twice at most.
    net.run(60_000)
    expect(kinds(bob, 'sync')).toBeLessThanOrEqual(3)
  })
})

describe('an id of more bytes than are allowed', () => {
  const overlong: HistoryEntry[] = [{ messageId: '€'.repeat(300_000), senderId: 'alice' }]

  it.each<[string, Partial<SdsMessage>]>([
    ['the causal history', { causalHistory: overlong }],
    ['the repair requests', { repairRequest: overlong }],
  ])('in %s has the message rejected, and nothing is thrown', (where, fields) => {
    const bob = network().join('bob', quiet)
    bob.receive(message(fields))
    expect(bob.eventsOf('rejected').map(({ reason, detail }) => [reason, detail])).toEqual([
      ['malformed', `an overlong id in ${where}`],
    ])
  })
})
