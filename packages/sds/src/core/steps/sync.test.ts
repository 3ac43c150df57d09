import { describe, expect, it } from 'vitest'
import { LIP_TIMES } from '../../../test/lip-times.ts'
import { message } from '../../../test/message.ts'
import { Network, type Peer, decoded, seeded } from '../../../test/network.ts'
import { createSdsStage } from '../stage.ts'

const network = (seed = 13): Network => new Network({ random: seeded(seed) })
const acknowledging = { ...LIP_TIMES, periodicSyncMs: 0 }

const syncsOf = (peer: Peer): number => peer.sent.filter(({ kind }) => kind === 'sync').length

describe('sync messages', () => {
  // SYN-01
  it('have no content, a raised timestamp, history and filter, and leave no trace in what follows', () => {
    const net = network()
    const alice = net.join('alice', acknowledging)
    const bob = net.join('bob', acknowledging)
    const id = alice.say('hi')
    net.run(3_000)
    const [sync] = bob.messages('sync')
    expect(sync).toEqual(
      expect.objectContaining({
        content: undefined,
        senderId: 'bob',
        causalHistory: [{ messageId: id, senderId: 'alice' }],
      }),
    )
    expect(sync!.lamport! > decoded(alice.sent[0]!.payload).lamport!).toBe(true)
    bob.say('and then')
    const [content] = bob.messages('content')
    expect(content!.causalHistory.map(({ messageId }) => messageId)).toEqual([id])
    // Neither is it sent again, nor in the filter: the two differ in nothing but content received.
    expect(content!.bloomFilter).toEqual(sync!.bloomFilter)
    net.run(60_000)
    expect(bob.sent.filter(({ messageId }) => messageId === sync!.messageId)).toHaveLength(1)
  })

  // SYN-02 SYN-03
  it('acknowledge, and change nothing else at the receiver', () => {
    const net = network()
    const alice = net.join('alice', acknowledging)
    const bob = net.join('bob', acknowledging)
    alice.say('one')
    net.run(3_000)
    // In a pair it is said three times, until it is known how much is lost.
    expect(alice.eventsOf('sync-received')).toHaveLength(3)
    expect(alice.eventsOf('acknowledged')).toHaveLength(1)
    expect(alice.delivered).toEqual([])
    const lamport = decoded(alice.sent[0]!.payload).lamport! as number
    net.now -= 3_000
    const second = alice.say('two')
    const [, two] = alice.messages('content')
    expect(two!.lamport).toBe(lamport + 1)
    expect(two!.causalHistory.map(({ messageId }) => messageId)).toEqual([alice.sent[0]!.messageId])
    net.run(10_000)
    expect(bob.delivered.map(({ messageId }) => messageId)).toContain(second)
  })

  it('acknowledge within two seconds when there is nothing else to say', () => {
    const net = network()
    const alice = net.join('alice', acknowledging)
    const bob = net.join('bob', acknowledging)
    alice.say('hi')
    net.run(50 + 999)
    expect(syncsOf(bob)).toBe(0)
    net.run(1_001)
    expect(syncsOf(bob)).toBeGreaterThan(0)
    net.run(60_000)
    expect(syncsOf(bob)).toBe(3)
  })

  it('are not needed when content acknowledges', () => {
    const net = network()
    const alice = net.join('alice', acknowledging)
    const bob = net.join('bob', acknowledging)
    alice.say('hi')
    net.run(500)
    bob.say('hello')
    alice.online = false
    net.run(10_000)
    expect(syncsOf(bob)).toBe(0)
  })

  it('acknowledge a long run of messages exactly, in as many messages as it takes', () => {
    const net = network()
    const alice = net.join('alice', acknowledging)
    const bob = net.join('bob', { ...acknowledging, maxAcknowledged: 100 })
    for (let i = 0; i < 256; i++) alice.say(`${i}`)
    net.run(4_900)
    const first = alice.eventsOf('acknowledged').filter(({ first, via }) => first && via === 'causal-history')
    expect(first.length).toBeGreaterThan(150)
    net.run(5_000)
    expect(alice.eventsOf('acknowledged').filter(({ first }) => first)).toHaveLength(256)
    expect(syncsOf(bob)).toBeLessThanOrEqual(4)
  })

  it('are left to the first of a group, whatever its size', () => {
    for (const size of [3, 12, 40]) {
      const net = network(size)
      const alice = net.join('alice', { ...acknowledging, groupSize: size + 1 })
      const others = Array.from({ length: size }, (_, i) =>
        net.join(`peer-${i}`, { ...acknowledging, groupSize: size + 1 }),
      )
      alice.say('hi')
      net.run(60_000)
      const count = others.reduce((sum, peer) => sum + syncsOf(peer), 0)
      expect(count, `${size} peers`).toBeGreaterThanOrEqual(1)
      expect(count, `${size} peers`).toBeLessThanOrEqual(4)
    }
  })

  it('acknowledge again what comes again', () => {
    const net = network()
    const alice = net.join('alice', acknowledging)
    const bob = net.join('bob', acknowledging)
    net.passes = (from) => from !== bob
    alice.say('hi')
    net.run(4_900)
    expect(syncsOf(bob)).toBe(3)
    net.run(1_100)
    net.passes = () => true
    net.run(3_000)
    expect(syncsOf(bob)).toBeGreaterThan(3)
    expect(alice.eventsOf('acknowledged')).toHaveLength(1)
  })

  it('replace each other while they wait to be dispatched: the newer says all that the older said', () => {
    const net = network()
    const alice = net.join('alice', { ...acknowledging, acknowledgementTimeoutMs: 1e9 })
    const bob = net.join('bob', { ...acknowledging, dispatch: 'reported' })
    const first = alice.say('one')
    net.run(3_000)
    const second = alice.say('two')
    net.run(30_000)
    expect(syncsOf(bob)).toBe(2)
    const [, newer] = bob.messages('sync')
    expect(newer!.causalHistory.map(({ messageId }) => messageId)).toEqual([first, second])
    bob.input({ type: 'dispatch-ended', messageId: newer!.messageId, outcome: 'failed' })
    net.run(3_000)
    expect(syncsOf(bob)).toBe(3)
    // It is said twice more, since nobody else says it.
    for (const syncs of [4, 5, 5]) {
      bob.input({ type: 'dispatch-ended', messageId: bob.sent.at(-1)!.messageId, outcome: 'dispatched' })
      net.run(30_000)
      expect(syncsOf(bob)).toBe(syncs)
    }
  })

  it('tell which frames they replace, and that they are urgent and short-lived', () => {
    const net = network()
    const alice = net.join('alice', acknowledging)
    const bob = net.join('bob', acknowledging)
    bob.receive(alice.sent[0]?.payload ?? (alice.say('hi'), alice.sent[0]!.payload))
    const outputs = bob.step(bob.stage.tick(bob.stage.deadline()!))
    const [traffic] = outputs.filter((output) => output.type === 'traffic')
    expect(traffic!.frame).toEqual(
      expect.objectContaining({
        kind: 'sync',
        priority: 'critical',
        ephemeral: true,
        replaces: 'sync',
        reason: 'acknowledge',
      }),
    )
  })

  // SYN-09
  it('come after random times, and once somebody said as much not from everybody', () => {
    const net = network()
    const options = { periodicSyncMs: 30_000, ackSyncMinMs: 1e9, ackSyncMaxMs: 1e9 }
    const peers = Array.from({ length: 20 }, (_, i) => net.join(`peer-${i}`, { ...options, groupSize: 20 }))
    peers[0]!.say('hi')
    net.run(600_000)
    const count = peers.reduce((sum, peer) => sum + syncsOf(peer), 0)
    expect(count).toBeGreaterThan(2)
    expect(count).toBeLessThan(60)
  })

  // SYN-09
  it.each([
    [
      'up to twenty times the periodic one',
      0,
      [12_000, 24_000, 48_000, 96_000, 192_000, 384_000, 600_000, 600_000],
    ],
    ['up to the periodic one where the quota is tight', 3_000, [8_000, 16_000, 30_000, 30_000, 30_000]],
  ])('break ever longer silences after content, %s', (_, paceMs, expected) => {
    const start = 1_750_000_000_000
    const stage = createSdsStage({
      participantId: 'alice',
      channelId: 'channel',
      random: () => 0,
      acknowledgementTimeoutMs: 1e9,
      paceMs,
    })
    stage.handle({ type: 'wrap', frame: { payload: new TextEncoder().encode('hi') } }, start)
    const silences: number[] = []
    let before = start
    for (let ticks = 0; silences.length < expected.length && ticks < 50; ticks++) {
      const now = stage.deadline()!
      for (const { type } of stage.tick(now).outputs) {
        if (type !== 'traffic') continue
        silences.push(now - before)
        before = now
      }
    }
    expect(silences).toEqual(expected)
  })

  // SYN-09
  it('are sent for repair requests whatever others send', () => {
    const net = network()
    const bob = net.join('bob', { repair: { tMinMs: 5_000, tMaxMs: 5_001 } })
    const missing = { messageId: 'a', senderId: 'carol' }
    const causalHistory = [missing]
    bob.receive(message({ messageId: 'b', lamport: net.now, causalHistory }))
    for (let i = 0; i < 60; i++) {
      net.run(100)
      const messageId = `sync-${i}`
      bob.receive(message({ messageId, lamport: net.now, causalHistory, content: undefined }))
    }
    expect(bob.messages('sync').some(({ repairRequest }) => repairRequest.length > 0)).toBe(true)
  })

  it('show what a participant missed at the end', () => {
    const net = network()
    const alice = net.join('alice')
    const bob = net.join('bob', { repair: { tMinMs: 1_000, tMaxMs: 2_000 } })
    const carol = net.join('carol')
    net.passes = (_, to) => to !== bob
    alice.say('the last word')
    net.run(4_000)
    net.passes = () => true
    net.run(60_000)
    expect(bob.texts()).toEqual(['the last word'])
    expect(carol.texts()).toEqual(['the last word'])
  })

  it('are remembered as met, because nim peers name them', () => {
    const bob = network().join('bob', acknowledging)
    const causalHistory = [{ messageId: 'sync' }]
    bob.receive(message({ messageId: 'a', causalHistory }))
    expect(bob.texts()).toEqual([])
    bob.receive(message({ messageId: 'sync', content: undefined }))
    expect(bob.texts()).toEqual(['a'])
    bob.receive(message({ messageId: 'b', causalHistory }))
    expect(bob.texts()).toEqual(['a', 'b'])
    bob.restart()
    bob.receive(message({ messageId: 'c', causalHistory }))
    expect(bob.texts()).toEqual(['a', 'b', 'c'])
  })
})
