import { describe, expect, it } from 'vitest'
import { LIP_TIMES } from '../../../test/lip-times.ts'
import { Network, type Peer, decoded, seeded } from '../../../test/network.ts'

const quiet = { ...LIP_TIMES, periodicSyncMs: 0, ackSyncMinMs: 1e9, ackSyncMaxMs: 1e9 }
const network = (): Network => new Network({ random: seeded(5) })
const NONE = { order: 'none' } as const

const namesOf = (peer: Peer, kind = 'content'): string[] =>
  peer
    .messages(kind)
    .at(-1)!
    .causalHistory.map(({ messageId }) => messageId)

const acknowledgedBy = (peer: Peer, messageId: string): string[] =>
  peer
    .eventsOf('acknowledged')
    .filter((event) => event.messageId === messageId)
    .map(({ by, via }) => `${by} ${via}`)

describe('a message with order none', () => {
  // F16
  it('names nothing, and the later ones of its author do not name it', () => {
    const alice = network().join('alice', quiet)
    const first = alice.say('first')
    const loose = alice.say('loose', false, NONE)
    expect(decoded(alice.sent.at(-1)!.payload)).toMatchObject({ messageId: loose, causalHistory: [] })
    for (let i = 0; i < 200; i++) alice.say(`loose ${i}`, false, NONE)
    const second = alice.say('second')
    expect(namesOf(alice)).toEqual([first])
    alice.say('third')
    expect(namesOf(alice)).toEqual([first, second])
  })

  // F16
  it('is delivered on arrival, whatever is missing, and nothing of its author waits for it', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    for (const text of ['a', 'b', 'c']) alice.say(text, false, text === 'b' ? NONE : {})
    const [a, b, c] = alice.sent.map(({ payload }) => payload)
    const bob = net.join('bob', quiet)
    bob.receive(c!)
    bob.receive(b!)
    expect(bob.texts()).toEqual(['b'])
    const carol = net.join('carol', quiet)
    carol.receive(a!)
    carol.receive(c!)
    expect(carol.texts()).toEqual(['a', 'c'])
    carol.receive(b!)
    carol.receive(b!)
    expect(carol.texts()).toEqual(['a', 'c', 'b'])
    expect(carol.delivered.at(-1)).toMatchObject({ late: false, ephemeral: false })
  })

  // F16
  it('comes before what others say who have it', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    net.run(1)
    const loose = alice.say('loose', false, NONE)
    net.run(100)
    bob.say('reply')
    expect(namesOf(bob)).toEqual([loose])
    net.run(100)
    expect(acknowledgedBy(alice, loose)).toEqual(['bob causal-history'])
  })

  // F16
  it('is acknowledged by its name or by two filters, and not because a later one was delivered', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const loose = alice.say('loose', false, NONE)
    alice.say('later')
    const [first, later] = alice.sent.map(({ payload }) => payload)
    const bob = net.join('bob', { ...quiet, causalHistoryLength: 1, maxHeads: 1 })
    bob.receive(first!)
    bob.receive(later!)
    bob.say('names the later one')
    expect(namesOf(bob)).not.toContain(loose)
    net.run(100)
    expect(acknowledgedBy(alice, loose)).toEqual([])
    expect(alice.eventsOf('possibly-acknowledged').map(({ messageId }) => messageId)).toEqual([loose])
    bob.say('has it still')
    net.run(100)
    expect(acknowledgedBy(alice, loose)).toEqual(['bob bloom-filter'])
  })

  // F16
  it('tells of each part who else has it, so that one who has all is known', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const part = { ...NONE, isPart: true }
    const ids = ['1', '2'].map((text) => alice.say(text, false, part))
    const wires = alice.sent.map(({ payload }) => payload)
    const join = (name: string): Peer => net.join(name, { ...quiet, causalHistoryLength: 1, maxHeads: 1 })
    const bob = join('bob')
    const carol = join('carol')
    // Each names the one that came last; both have both.
    for (const index of [0, 1]) bob.receive(wires[index]!)
    bob.say('b')
    carol.receive(wires[0]!)
    carol.say('c')
    net.run(100)
    carol.receive(wires[1]!)
    expect(ids.map((id) => alice.stage.acknowledgedBy(id))).toEqual([['carol'], ['bob']])
    for (const text of ['x', 'y']) {
      bob.say(text)
      net.run(100)
    }
    expect(ids.map((id) => alice.stage.acknowledgedBy(id))).toEqual([['carol', 'bob'], ['bob']])
  })

  // F16
  it('is sent again until somebody has it, after a restart too, which it is by then', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', { ...quiet, ackSyncMinMs: 100, ackSyncMaxMs: 200 })
    alice.say('before')
    net.run(1_000)
    net.loss = 1
    const loose = alice.say('loose', false, NONE)
    net.run(10_000)
    net.loss = 0
    alice.restart()
    net.run(60_000)
    expect(bob.texts()).toEqual(['before', 'loose'])
    expect(alice.stage.acknowledgedBy(loose)).toEqual(['bob'])
    alice.restart()
    alice.say('after')
    expect(namesOf(alice)).not.toContain(loose)
    expect(namesOf(alice)).toHaveLength(1)
  })

  // F16
  it('is named by sync messages, so that who missed it asks for it', () => {
    const net = network()
    const times = { periodicSyncMs: 5_000 }
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => net.join(name, times))
    alice!.say('hello')
    net.run(20_000)
    net.passes = (_, to) => to !== carol
    alice!.say('loose', false, NONE)
    net.run(2_000)
    for (let i = 0; i < 3; i++) alice!.say(`${i}`)
    net.run(2_000)
    net.passes = (from) => from !== bob
    expect(bob!.texts()).toEqual(['hello', 'loose', '0', '1', '2'])
    net.run(300_000)
    expect(carol!.texts().toSorted()).toEqual(['0', '1', '2', 'hello', 'loose'])
    expect(carol!.stage.health().state).toBe('synced')
  })

  // F16
  it('may be taken back while it is the newest, and leaves nothing', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, encoding: 'at-release', dispatch: 'reported' })
    const take = (...messageIds: string[]): boolean => {
      const answer = { open: true, taken: false }
      alice.input({ type: 'abandon', messageIds, answer })
      return answer.taken
    }
    const loose = alice.say('loose', false, NONE)
    const stored = new Set(alice.store.keys())
    expect([...stored].some((key) => key.startsWith('log/'))).toBe(true)
    expect(take(loose)).toBe(true)
    expect([...alice.store.keys()].filter((key) => key.startsWith('log/') || key.startsWith('out/'))).toEqual(
      [],
    )
    const again = alice.say('again')
    expect(alice.stage.isUnacknowledged(again)).toBe(true)
    expect(alice.stage.outgoing().messages).toBe(1)
  })
})
