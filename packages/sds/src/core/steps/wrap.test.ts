import { keccak256 } from '@reliable-channels/keccak'
import { describe, expect, it } from 'vitest'
import { LIP_TIMES } from '../../../test/lip-times.ts'
import { message } from '../../../test/message.ts'
import { Network, type Peer, seeded } from '../../../test/network.ts'
import { bloomHas, bloomParameters } from '../filter/bloom.ts'
import { openFilter } from '../filter/bloom-codec.ts'
import { messageIdOf, nextNanoseconds } from '../wire/message-id.ts'
import type { SdsMessage } from '../wire/message.ts'

const quiet = { ...LIP_TIMES, periodicSyncMs: 0 }
const network = (): Network => new Network({ random: seeded(7) })

/** Whether an id is in the filter of a message. */
function inFilterOf(message: SdsMessage, id: string): boolean {
  const limits = { maxBloomBytes: 65_536, maxHashCount: 64 }
  const filter = openFilter(message.bloomFilter!, 'lip', bloomParameters(10_000, 0.001), limits)
  if (typeof filter === 'string') throw new Error(filter)
  return bloomHas(filter, id)
}

const lastOf = (peer: Peer): SdsMessage => peer.messages('content').at(-1)!

describe('sending', () => {
  // SSN-01 RCV-11
  it('gives each message its own id, equal content in one millisecond included', () => {
    const alice = network().join('alice', quiet)
    const ids = Array.from({ length: 100 }, () => alice.say('the same'))
    expect(new Set(ids).size).toBe(100)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{64}$/)
  })

  // SSN-01
  it('hashes sender id, decimal nanoseconds and content with Keccak-256', () => {
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
    const expected = Buffer.from(keccak256(encode('alice1750000000000000042hi'))).toString('hex')
    expect(messageIdOf(encode('alice'), { ms: 1_750_000_000_000, nanos: 42 }, encode('hi'))).toBe(expected)
    const large = new Uint8Array(5_000).fill(7)
    const whole = new Uint8Array([...encode('alice1750000000000000042'), ...large])
    expect(messageIdOf(encode('alice'), { ms: 1_750_000_000_000, nanos: 42 }, large)).toBe(
      Buffer.from(keccak256(whole)).toString('hex'),
    )
  })

  it.each([
    [0, 0, '0'],
    [0, 42, '42'],
    [1, 0, '1000000'],
    [Number.MAX_SAFE_INTEGER, 999_999, '9007199254740991999999'],
  ])('writes %i ms and %i ns as %s ns', (ms, nanos, digits) => {
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
    const expected = Buffer.from(keccak256(encode(`alice${digits}hi`))).toString('hex')
    expect(messageIdOf(encode('alice'), { ms, nanos }, encode('hi'))).toBe(expected)
  })

  it('makes an id of a time that is none too', () => {
    for (const ms of [Infinity, NaN, -1, 1e300])
      expect(messageIdOf(new Uint8Array(1), { ms, nanos: 1 }, new Uint8Array(1))).toMatch(/^[0-9a-f]{64}$/)
  })

  it('never lets the time of an id stand still or go back', () => {
    let last = nextNanoseconds(1_000, 0.999_999_9, { ms: 0, nanos: 0 })
    expect(last).toEqual({ ms: 1_000, nanos: 999_999 })
    last = nextNanoseconds(1_000, 0.5, last)
    expect(last).toEqual({ ms: 1_001, nanos: 0 })
    last = nextNanoseconds(900, 0.5, last)
    expect(last).toEqual({ ms: 1_001, nanos: 1 })
  })

  // SSN-03
  it('sets the Lamport timestamp to the time, or one after the last', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    for (const text of ['a', 'b', 'c']) alice.say(text)
    net.run(1_000)
    alice.say('d')
    const start = 1_750_000_000_000
    expect(alice.messages().map(({ lamport }) => lamport)).toEqual([
      start,
      start + 1,
      start + 2,
      start + 1_000,
    ])
  })

  it('counts in seconds in the nim dialect', () => {
    const alice = network().join('alice', { ...quiet, dialect: 'nim' })
    for (const text of ['a', 'b']) alice.say(text)
    expect(alice.messages().map(({ lamport }) => lamport)).toEqual([1_750_000_001, 1_750_000_002])
  })

  // SSN-06 ACK-17
  it('keeps a sent message until it is acknowledged', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    bob.online = false
    const id = alice.say('hi')
    expect(alice.stage.deadline()).toBe(net.now + 5_000)
    net.run(6_000)
    expect(alice.sent.map(({ kind, messageId }) => [kind, messageId])).toEqual([
      ['content', id],
      ['retransmission', id],
    ])
    bob.online = true
    net.run(60_000)
    expect(bob.texts()).toEqual(['hi'])
    expect(alice.stage.deadline()).toBeUndefined()
  })

  // SSN-07 SSN-08
  it('carries the filter and the history from before the message itself', () => {
    const alice = network().join('alice', quiet)
    const first = alice.say('one')
    const second = alice.say('two')
    const [one, two] = alice.messages() as [SdsMessage, SdsMessage]
    expect(inFilterOf(one, first)).toBe(false)
    expect(one.causalHistory).toEqual([])
    expect([inFilterOf(two, first), inFilterOf(two, second)]).toEqual([true, false])
    expect(two.causalHistory.map(({ messageId }) => messageId)).toEqual([first])
  })

  // SSN-09
  it('names the newest messages of the history, oldest first, with their senders', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    const ids: string[] = []
    for (let i = 0; i < 4; i++) {
      ids.push((i % 2 === 0 ? alice : bob).say(`${i}`))
      net.run(100)
    }
    alice.say('five')
    expect(lastOf(alice).causalHistory).toEqual([
      { messageId: ids[2], senderId: 'alice' },
      { messageId: ids[3], senderId: 'bob' },
    ])
    const carol = net.join('carol', { ...quiet, causalHistoryLength: 3 })
    for (const text of ['a', 'b', 'c', 'd', 'e']) carol.say(text)
    expect(lastOf(carol).causalHistory).toHaveLength(3)
  })

  it('names concurrent messages that no other names, too', () => {
    const net = network()
    const peers = ['alice', 'bob', 'carol', 'dave'].map((name) => net.join(name, quiet))
    const ids = peers.map((peer) => peer.say(`from ${peer.name}`))
    net.run(100)
    peers[0]!.say('after all')
    expect(
      lastOf(peers[0]!)
        .causalHistory.map(({ messageId }) => messageId)
        .toSorted(),
    ).toEqual(ids.toSorted())
  })

  // SSN-10
  it('names the author’s own latest, and leaves out the oldest, where more are concurrent than it names', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, maxHeads: 3 })
    const own = alice.say('mine')
    const named = (): string[] => lastOf(alice).causalHistory.map(({ messageId }) => messageId)
    for (let i = 1; i <= 6; i++) alice.receive(message({ messageId: `new${i}`, lamport: net.now + 10 * i }))
    // What comes late is old all the same.
    for (let i = 1; i <= 6; i++) alice.receive(message({ messageId: `old${i}`, lamport: net.now - 10 * i }))
    alice.say('next')
    expect(named()).toEqual([own, 'new5', 'new6'])
  })

  it('names the author’s own latest of before a restart as well', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, maxHeads: 3 })
    alice.say('earlier')
    const own = alice.say('mine')
    for (let i = 1; i <= 6; i++) alice.receive(message({ messageId: `new${i}`, lamport: net.now + 10 * i }))
    alice.restart()
    alice.say('next')
    expect(lastOf(alice).causalHistory.map(({ messageId }) => messageId)).toEqual([own, 'new5', 'new6'])
  })

  it('puts the hints of a provider into the history, and none where it has none', () => {
    const hints = new Map<string, Uint8Array>()
    const alice = network().join('alice', { ...quiet, retrievalHint: (id) => hints.get(id) })
    const first = alice.say('one')
    hints.set(first, Uint8Array.of(1, 2, 3))
    const second = alice.say('two')
    alice.say('three')
    expect(lastOf(alice).causalHistory).toEqual([
      { messageId: first, retrievalHint: Uint8Array.of(1, 2, 3), senderId: 'alice' },
      { messageId: second, senderId: 'alice' },
    ])
  })

  // SSN-17
  it('answers with a reference to what it answers, and a later timestamp', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    const question = alice.say('?')
    net.run(10)
    net.now -= 5_000
    bob.receive(alice.sent[0]!.payload)
    bob.say('!')
    const [asked] = alice.messages() as [SdsMessage]
    const [answer] = bob.messages() as [SdsMessage]
    expect(answer.causalHistory.map(({ messageId }) => messageId)).toContain(question)
    expect(answer.lamport! > asked.lamport!).toBe(true)
  })

  // WIR-08
  it('sets sender, id and channel on every message, and all but content on a sync message', () => {
    const net = network()
    const alice = net.join('alice', { periodicSyncMs: 1_000 })
    alice.say('content')
    alice.say('ephemeral', true)
    net.run(30_000)
    const kinds = new Set(alice.sent.map(({ kind }) => kind))
    expect(kinds).toEqual(new Set(['content', 'retransmission', 'sync']))
    for (const message of alice.messages()) {
      expect([message.senderId, message.channelId]).toEqual(['alice', 'channel'])
      expect(message.messageId).not.toBe('')
    }
    const sync = alice.messages('sync')[0]!
    expect([sync.content, sync.lamport === undefined, sync.bloomFilter === undefined]).toEqual([
      undefined,
      false,
      false,
    ])
  })

  // EPH-01
  it('sends ephemeral messages bare, delivers them at once, and keeps nothing', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    bob.say('tracked')
    net.run(100)
    alice.say('now', true)
    const bare = lastOf(alice)
    expect([bare.lamport, bare.bloomFilter, bare.causalHistory]).toEqual([undefined, undefined, []])
    net.run(100)
    net.run(30_000)
    bob.receive(alice.sent.find(({ messageId }) => messageId === bare.messageId)!.payload)
    expect(bob.delivered.filter(({ ephemeral }) => ephemeral).map(({ text }) => text)).toEqual(['now'])
    bob.say('after')
    expect(lastOf(bob).causalHistory.map(({ messageId }) => messageId)).not.toContain(bare.messageId)
    expect(inFilterOf(lastOf(bob), bare.messageId)).toBe(false)
    expect(alice.sent.filter(({ kind }) => kind === 'retransmission')).toEqual([])
  })

  it('delivers an ephemeral message although what was sent before it is missing', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    bob.online = false
    alice.say('lost')
    bob.online = true
    alice.say('now', true)
    net.run(100)
    expect(bob.texts()).toEqual(['now'])
  })

  it('tracks ephemeral messages in the nim dialect, which knows no others', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, dialect: 'nim' })
    alice.say('now', true)
    expect(lastOf(alice).lamport).toBe(1_750_000_001)
  })

  it('refuses empty content and reports what it refused', () => {
    const alice = network().join('alice', quiet)
    expect(alice.say('')).toBe('')
    expect(alice.eventsOf('rejected').map(({ reason }) => reason)).toEqual(['empty-content'])
    expect(alice.sent).toEqual([])
  })
})

describe('taking back', () => {
  const reported = { ...quiet, dispatch: 'reported' } as const
  const take = (peer: Peer, messageIds: string[]): boolean => {
    const answer = { open: true, taken: false }
    peer.input({ type: 'abandon', messageIds, answer })
    return answer.taken
  }

  it('takes back the newest messages while none has left', () => {
    const alice = network().join('alice', reported)
    const [first, second, third] = ['1', '2', '3'].map((text) => alice.say(text)) as [string, string, string]
    expect(take(alice, [second, third])).toBe(true)
    alice.say('4')
    const message = lastOf(alice)
    expect(message.causalHistory.map(({ messageId }) => messageId)).toEqual([first])
    expect([inFilterOf(message, first), inFilterOf(message, second), inFilterOf(message, third)]).toEqual([
      true,
      false,
      false,
    ])
    expect([...alice.store.keys()].filter((key) => key.startsWith('out/'))).toHaveLength(2)
  })

  it('does not once one has left, a later one was wrapped, or a sync message may name it', () => {
    const net = network()
    const alice = net.join('alice', { ...reported, periodicSyncMs: 1_000 })
    const first = alice.say('1')
    alice.say('2')
    expect(take(alice, [first])).toBe(false)
    const third = alice.say('3')
    alice.input({ type: 'dispatch-ended', messageId: third, outcome: 'failed' })
    expect(take(alice, [third])).toBe(false)
    const fourth = alice.say('4')
    net.run(10_000)
    expect(alice.sent.some(({ kind }) => kind === 'sync')).toBe(true)
    expect(take(alice, [fourth])).toBe(false)
    expect(take(alice, [])).toBe(false)
    expect(take(alice, ['unknown'])).toBe(false)
  })

  it('leaves nothing of them in what others of their group name', () => {
    const alice = network().join('alice', reported)
    const wrap = (text: string): string => {
      const frame = { payload: new TextEncoder().encode(text) }
      const outputs = alice.input({ type: 'wrap', frame, group: 'g' })
      return outputs.find((output) => output.type === 'wrapped')!.messageId
    }
    const first = alice.say('1')
    const second = alice.say('2')
    const third = wrap('3')
    expect(take(alice, [second, third])).toBe(true)
    wrap('4')
    expect(lastOf(alice).causalHistory.map(({ messageId }) => messageId)).toEqual([first])
  })

  it('does nothing for a caller who no longer waits', () => {
    const alice = network().join('alice', reported)
    const id = alice.say('1')
    alice.input({ type: 'abandon', messageIds: [id], answer: { open: false, taken: false } })
    alice.say('2')
    expect(lastOf(alice).causalHistory.map(({ messageId }) => messageId)).toEqual([id])
  })
})
