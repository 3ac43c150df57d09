import { describe, expect, it } from 'vitest'
import { message } from '../../test/message.ts'
import { Network, START, type Peer, decoded, seeded } from '../../test/network.ts'
import type { SdsMessage } from './wire/message.ts'
import type { SdsOptions } from './options.ts'

const quiet = { periodicSyncMs: 0 }
const join = (options: Partial<SdsOptions>): Peer =>
  new Network({ random: seeded(23) }).join('bob', { ...quiet, ...options })

const rejections = (peer: Peer): string[] => peer.eventsOf('rejected').map(({ reason }) => reason)

describe('limits', () => {
  it('history: the oldest is forgotten, still met and still no duplicate', () => {
    const bob = join({ maxHistory: 3 })
    for (let i = 0; i < 6; i++) bob.receive(message({ messageId: `m${i}`, lamport: START + i }))
    expect(bob.eventsOf('limit').map(({ limit, messageId }) => [limit, messageId])).toEqual([
      ['maxHistory', 'm0'],
      ['maxHistory', 'm1'],
      ['maxHistory', 'm2'],
    ])
    expect([...bob.store.keys()].filter((key) => key.startsWith('log/'))).toHaveLength(3)
    bob.receive(message({ messageId: 'm0', lamport: START }))
    bob.receive(message({ messageId: 'n', lamport: START + 9, causalHistory: [{ messageId: 'm1' }] }))
    expect(bob.texts()).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'n'])
    // All that was here is remembered: this was not.
    bob.receive(message({ messageId: 'ancient', lamport: START - 5 }))
    expect([bob.texts().at(-1), rejections(bob)]).toEqual(['ancient', []])
  })

  it('ids of what was here: what is older than one that is forgotten may be a duplicate', () => {
    const bob = join({ maxHistory: 3, maxMet: 2 })
    for (let i = 0; i < 6; i++) bob.receive(message({ messageId: `m${i}`, lamport: START + i }))
    expect(bob.eventsOf('limit').map(({ limit, messageId }) => [limit, messageId])).toContainEqual([
      'maxMet',
      'm0',
    ])
    bob.receive(message({ messageId: 'ancient', lamport: START - 5 }))
    bob.receive(message({ messageId: 'm0', lamport: START }))
    expect(rejections(bob)).toEqual(['older-than-history', 'older-than-history'])
    bob.receive(message({ messageId: 'm1', lamport: START + 1 }))
    expect([bob.delivered.length, rejections(bob).length]).toEqual([6, 2])
  })

  it('bytes of the history: the oldest content goes, and can no longer be repaired', () => {
    const bob = join({ maxHistoryBytes: 25 })
    for (let i = 0; i < 4; i++)
      bob.receive(message({ messageId: `m${i}`, lamport: START + i, content: new Uint8Array(10) }))
    expect(bob.eventsOf('limit').map(({ messageId }) => messageId)).toEqual(['m0', 'm1'])
    expect(bob.stage.contentOf('m1')).toBeUndefined()
    expect(bob.stage.contentOf('m2')).toEqual(new Uint8Array(10))
    for (const messageId of ['m1', 'm3']) {
      bob.receive(
        message({
          messageId: `ask-${messageId}`,
          lamport: START + 9,
          repairRequest: [{ messageId, senderId: 'carol' }],
        }),
      )
    }
    expect(bob.stage.deadline()).toBeDefined()
    bob.step(bob.stage.tick(START + 400_000))
    expect(bob.sent.filter(({ kind }) => kind === 'repair').map(({ messageId }) => messageId)).toEqual(['m3'])
  })

  it('bytes of the history: what is named counts where it is much', () => {
    const bob = join({ maxHistoryBytes: 50_000 })
    const names = Array.from({ length: 100 }, (_, i) => ({ messageId: `known-${i}`, senderId: 'carol' }))
    for (const [i, { messageId }] of names.entries()) bob.receive(message({ messageId, lamport: START + i }))
    for (let i = 0; i < 60; i++) {
      bob.receive(message({ messageId: `m${i}`, lamport: START + 100 + i, causalHistory: names }))
    }
    expect(bob.delivered).toHaveLength(160)
    const stored = [...bob.store].reduce((sum, [, value]) => sum + value.length, 0)
    expect(stored).toBeLessThan(50_000)
    bob.restart()
    expect([...bob.store].reduce((sum, [, value]) => sum + value.length, 0)).toBe(stored)
  })

  it('bytes parked: what is named counts as much as it is', () => {
    const bob = join({ maxIncomingBytes: 50_000 })
    const names = Array.from({ length: 4 }, (_, i) => ({
      messageId: `${i}`.repeat(1_000),
      senderId: 'carol',
    }))
    for (let i = 0; i < 20; i++) bob.receive(message({ messageId: `m${i}`, causalHistory: names }))
    expect(rejections(bob)).toHaveLength(9)
  })

  it.each([
    [{ maxOutgoing: 2 }, 2],
    [{ maxOutgoingBytes: 12 }, 2],
  ])('outgoing %j: a further message is not wrapped', (options, count) => {
    const bob = join(options)
    for (const text of ['12345', '12345', '12345']) bob.say(text)
    expect(bob.sent).toHaveLength(count)
    expect(rejections(bob)).toEqual(['outgoing-full'])
  })

  it.each([
    [{ maxIncoming: 2 }, 2],
    [{ maxIncomingBytes: 2 * 83 + 10 }, 2],
    [{ maxIncomingPerSender: 1 }, 2],
    [{ maxIncomingBytesPerSender: 150 }, 2],
    [{ maxMissing: 2 }, 2],
  ])('parked %j: a further message is refused, and taken when it comes again later', (options, count) => {
    const bob = join(options)
    const wires = ['carol', 'dave', 'carol'].map((senderId, i) =>
      message({
        messageId: `m${i}`,
        senderId,
        causalHistory: [{ messageId: `missing-${i}` }],
        content: new Uint8Array(10),
      }),
    )
    for (const wire of wires) bob.receive(wire)
    expect(rejections(bob)).toEqual(['incoming-full'])
    expect(bob.stage.health().missing).toBe(count)
    for (const i of [0, 1]) bob.receive(message({ messageId: `missing-${i}` }))
    bob.receive(wires[2]!)
    bob.receive(message({ messageId: 'missing-2' }))
    expect(bob.delivered.map(({ messageId }) => messageId)).toEqual([
      'missing-0',
      'm0',
      'missing-1',
      'm1',
      'missing-2',
      'm2',
    ])
  })

  it.each([
    { maxIncoming: 5 },
    { maxIncomingPerSender: 5 },
    { maxIncomingBytes: 2_000 },
    { maxIncomingBytesPerSender: 2_000 },
    { maxMissing: 20 },
    { maxMissingPerSender: 20 },
  ])('parked %j: what came early never keeps out what would set it free', (options) => {
    const bob = join({ ...options, repair: { enabled: false } })
    // Each comes after the two before it; every other one is missed, and comes last, the latest of a few first.
    const wires = Array.from({ length: 40 }, (_, i) =>
      message({
        messageId: `m${i}`,
        lamport: START + i,
        causalHistory: [i - 2, i - 1].filter((j) => j >= 0).map((j) => ({ messageId: `m${j}` })),
        content: new Uint8Array(10),
      }),
    )
    const [first, ...later] = wires
    bob.receive(first!)
    const heard = later.filter((_, i) => i % 2 === 1)
    const missed = later.filter((_, i) => i % 2 === 0)
    for (const wire of heard) bob.receive(wire)
    // Round after round, as if all were sent again until they are acknowledged.
    let rounds = 0
    for (; bob.delivered.length < wires.length && rounds < 10; rounds++) {
      for (let i = 0; i < missed.length; i += 5)
        for (const wire of missed.slice(i, i + 5).reverse()) bob.receive(wire)
      for (const wire of heard) bob.receive(wire)
    }
    expect(bob.delivered.map(({ messageId }) => messageId)).toEqual(wires.map((_, i) => `m${i}`))
    expect(rounds).toBeLessThan(6)
  })

  it('parked: one sender holds no more than the limits of what is parked and what is missing together', () => {
    const bob = join({ maxIncomingPerSender: 5, maxMissingPerSender: 10, repair: { enabled: false } })
    // Each waits for what never comes, and for the one that comes next.
    for (let i = 100; i > 0; i--)
      bob.receive(
        message({
          messageId: `m${i}`,
          causalHistory: [{ messageId: 'never' }, { messageId: `m${i - 1}` }],
          content: new Uint8Array(10),
        }),
      )
    expect(rejections(bob)).toEqual(Array.from({ length: 91 }, () => 'incoming-full'))
    expect(bob.stage.health().missing).toBe(2)
  })

  it('ids met without their message: the oldest goes', () => {
    const bob = join({ maxMet: 2 })
    bob.input({ type: 'waive', messages: [{ messageId: 'a' }, { messageId: 'b' }, { messageId: 'c' }] })
    expect(bob.eventsOf('limit').map(({ limit, messageId }) => [limit, messageId])).toEqual([['maxMet', 'a']])
    expect([...bob.store.keys()].filter((key) => key.startsWith('met/'))).toHaveLength(2)
  })

  it('missing messages named by sync messages', () => {
    const bob = join({ maxMissing: 3 })
    const naming = (...ids: string[]) => ids.map((messageId) => ({ messageId }))
    bob.receive(message({ messageId: 's1', content: undefined, causalHistory: naming('a', 'b') }))
    bob.receive(message({ messageId: 's2', content: undefined, causalHistory: naming('c', 'd') }))
    expect(bob.stage.health().missing).toBe(2)
    expect(bob.eventsOf('limit').map(({ limit }) => limit)).toEqual(['maxMissing'])
  })

  it('answers waiting to be given', () => {
    const bob = join({ repair: { maxResponses: 1 } })
    bob.receive(message({ messageId: 'a' }))
    bob.receive(message({ messageId: 'b' }))
    const entries = ['a', 'b'].map((messageId) => ({ messageId, senderId: 'carol' }))
    bob.receive(message({ messageId: 'c', repairRequest: entries }))
    expect(bob.eventsOf('limit')).toEqual([{ type: 'limit', limit: 'maxResponses', messageId: 'b' }])
  })

  it('size of a message, and of its causal history', () => {
    const bob = join({ maxMessageBytes: 500, maxHistoryEntries: 3, maxHeads: 3, maxAcknowledged: 3 })
    bob.receive(message({ content: new Uint8Array(600) }))
    bob.receive(message({ causalHistory: ['1', '2', '3', '4'].map((messageId) => ({ messageId })) }))
    expect(rejections(bob)).toEqual(['undecodable', 'undecodable'])
    bob.say('x'.repeat(600))
    expect(bob.sent).toEqual([])
  })

  it('keeps no more than it should of what it was sent', () => {
    const bob = join({ maxHistory: 100, maxMet: 100 })
    for (let i = 0; i < 5_000; i++)
      bob.receive(message({ messageId: `m${i}`, senderId: `s${i}`, lamport: START + i }))
    expect(bob.store.size).toBeLessThan(210)
    bob.say('x')
    expect(decoded(bob.sent[0]!.payload).causalHistory.length).toBeLessThanOrEqual(2 + 16)
  })
})

describe('what is exactly as much as a limit allows', () => {
  const named = (...ids: string[]) => ids.map((messageId) => ({ messageId }))
  const deps = named('x')
  /** Content, and what it names: 64 bytes and the id. */
  const PARKED_BYTES = 10 + 65

  it.each<[string, Partial<SdsOptions>, Partial<SdsOptions>, Partial<SdsMessage>, string]>([
    ['ids', { maxIdLength: 7 }, { maxIdLength: 6 }, { messageId: '1234567' }, 'malformed'],
    ['sender ids', { maxIdLength: 7 }, { maxIdLength: 6 }, { senderId: '1234567' }, 'malformed'],
    ['ids named', { maxIdLength: 7 }, { maxIdLength: 6 }, { causalHistory: named('1234567') }, 'malformed'],
    [
      'ids asked for',
      { maxIdLength: 7 },
      { maxIdLength: 6 },
      { repairRequest: named('1234567') },
      'malformed',
    ],
    [
      'entries named',
      { maxHistoryEntries: 3 },
      { maxHistoryEntries: 2 },
      { causalHistory: named('1', '2', '3') },
      'undecodable',
    ],
    [
      'entries asked for',
      { maxHistoryEntries: 3 },
      { maxHistoryEntries: 2 },
      { repairRequest: named('1', '2', '3') },
      'undecodable',
    ],
    [
      'timestamps',
      { maxFutureSkewMs: 50 },
      { maxFutureSkewMs: 49 },
      { lamport: START + 50 },
      'future-lamport',
    ],
    [
      'missing messages',
      { maxMissing: 2 },
      { maxMissing: 1 },
      { causalHistory: named('1', '2') },
      'incoming-full',
    ],
    [
      'bytes parked',
      { maxIncomingBytes: PARKED_BYTES },
      { maxIncomingBytes: PARKED_BYTES - 1 },
      { causalHistory: deps, content: new Uint8Array(10) },
      'incoming-full',
    ],
    [
      'bytes of a sender parked',
      { maxIncomingBytesPerSender: PARKED_BYTES },
      { maxIncomingBytesPerSender: PARKED_BYTES - 1 },
      { causalHistory: deps, content: new Uint8Array(10) },
      'incoming-full',
    ],
  ])('is taken, and one more is not: %s', (_, enough, tooLittle, fields, reason) => {
    const small = { channelId: 'c', participantId: 'b', maxHeads: 1, maxAcknowledged: 1 }
    const options = { ...small, causalHistoryLength: 1, repair: { maxRequestsPerMessage: 1 } }
    const rejectedBy = (limit: Partial<SdsOptions>): string[] => {
      const bob = join({ ...options, ...limit })
      bob.receive(message({ channelId: 'c', messageId: 'm', ...fields }))
      return rejections(bob)
    }
    expect(rejectedBy(enough)).toEqual([])
    expect(rejectedBy(tooLittle)).toEqual([reason])
  })

  it('is taken, and one more is not: bytes of a message, in and out', () => {
    const wire = message({ content: new Uint8Array(100) })
    const taken = (maxMessageBytes: number): string[] => {
      const bob = join({ maxMessageBytes })
      bob.receive(wire)
      return rejections(bob)
    }
    expect(taken(wire.length)).toEqual([])
    expect(taken(wire.length - 1)).toEqual(['undecodable'])
    const bob = join({ maxMessageBytes: 500 })
    bob.say('x'.repeat(500))
    bob.say('x'.repeat(501))
    expect(bob.sent).toHaveLength(1)
    expect(rejections(bob)).toEqual(['malformed'])
  })

  it('is taken, and one more is not: bytes unacknowledged', () => {
    const bob = join({ maxOutgoingBytes: 10 })
    for (const text of ['12345', '12345', '1']) bob.say(text)
    expect(bob.sent).toHaveLength(2)
  })

  it('is kept, and one more is not: bytes of a retrieval hint', () => {
    const bob = join({ maxHintLength: 4 })
    const [four, five] = [new Uint8Array(4), new Uint8Array(5)]
    const causalHistory = [
      { messageId: 'a', retrievalHint: four },
      { messageId: 'b', retrievalHint: five },
    ]
    bob.receive(message({ causalHistory }))
    const hints = bob
      .eventsOf('missing')
      .flatMap(({ entries }) => entries.map((entry) => entry.retrievalHint))
    expect(hints).toEqual([four, undefined])
  })

  it('is learnt from whoever names a missing message later', () => {
    // N3
    const bob = join({})
    const [one, two] = [Uint8Array.of(1), Uint8Array.of(2)]
    bob.receive(message({ messageId: 'x', causalHistory: [{ messageId: 'a', senderId: 'carol' }] }))
    expect(bob.stage.missing()).toEqual([{ messageId: 'a', senderId: 'carol' }])
    bob.receive(message({ messageId: 'y', causalHistory: [{ messageId: 'a', retrievalHint: one }] }))
    expect(bob.stage.missing()).toEqual([{ messageId: 'a', senderId: 'carol', retrievalHint: one }])
    bob.receive(message({ messageId: 'z', causalHistory: [{ messageId: 'a', retrievalHint: two }] }))
    expect(bob.eventsOf('missing').at(-1)!.entries[0]!.retrievalHint).toEqual(two)
    expect(bob.stage.missing()[0]!.retrievalHint).toEqual(one)
  })
})
