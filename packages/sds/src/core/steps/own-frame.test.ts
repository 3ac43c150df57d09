import { describe, expect, it } from 'vitest'
import { message } from '../../../test/message.ts'
import { START, Network, type Peer, decoded, seeded } from '../../../test/network.ts'
import type { FrameToEncode, SdsOptions, SdsOutput, TrafficFrame } from '../../core.ts'
import { createSdsStage } from '../../core.ts'

const PACE_MS = 600_000
/** Within so long a sync message acknowledges, at that pace, if it may leave. */
const ACK_MS = 40_000

/** A participant behind a rate limit, which lets its frames go when the test says so. */
function held(options: Partial<SdsOptions> = {}) {
  const random = seeded(23)
  const stage = createSdsStage({
    participantId: 'bob',
    channelId: 'channel',
    random,
    encoding: 'at-release',
    dispatch: 'reported',
    paceMs: PACE_MS,
    epochMs: PACE_MS,
    acknowledgeWithinMs: 2 * PACE_MS,
    retrievalHint: (id) => (hinted.has(id) ? Uint8Array.of(7) : undefined),
    ...options,
  })
  const hinted = new Set<string>()
  const waiting: (FrameToEncode & Pick<TrafficFrame, 'wanted'>)[] = []
  const outputs: SdsOutput[] = []
  let now = START
  const take = (step: { outputs: readonly SdsOutput[] }): SdsOutput[] => {
    for (const output of step.outputs) {
      outputs.push(output)
      if (output.type === 'traffic') waiting.push(output.frame)
      else if (output.type === 'wrapped') {
        const { payload, messageId, wanted } = output
        waiting.push({ payload, messageId, kind: 'content', ...(wanted && { wanted }) })
      }
    }
    return [...step.outputs]
  }
  take(stage.handle({ type: 'start' }, now))
  return {
    waiting,
    hinted,
    outputs,
    kinds: (): string[] => waiting.map(({ kind }) => kind),
    eventsOf: (type: string) =>
      outputs.flatMap((o) => (o.type === 'event' && o.event.type === type ? [o.event] : [])),
    say: (text: string, ephemeral = false) => {
      const frame = { payload: new TextEncoder().encode(text) }
      take(stage.handle({ type: 'wrap', frame, ephemeral }, now))
      return waiting.at(-1)!.messageId
    },
    abandon: (messageIds: readonly string[]) => {
      const answer = { open: true, taken: false }
      take(stage.handle({ type: 'abandon', messageIds, answer }, now))
      return answer.taken
    },
    encode: (frame: FrameToEncode) =>
      take(stage.handle({ type: 'encode', frame }, now)).find(({ type }) => type === 'encoded'),
    hear: (payload: Uint8Array) => void take(stage.handle({ type: 'receive', frame: { payload } }, now)),
    pass: (ms: number) => {
      for (const until = now + ms; ;) {
        const due = stage.deadline() ?? Infinity
        if (due > until) {
          now = until
          return
        }
        now = Math.max(now, due)
        take(stage.tick(now))
      }
    },
    setBack: (ms: number) => {
      now -= ms
      take(stage.tick(now))
    },
    /** Something that holds frames back has dropped one. */
    drop: (messageId: string) =>
      void take(stage.handle({ type: 'dispatch-ended', messageId, outcome: 'failed', kind: 'content' }, now)),
    isWanted: (frame: { wanted?: (now: number) => boolean }) => frame.wanted?.(now) ?? true,
    /** Lets the next wanted frame go, and the network take it. */
    release: () => {
      for (let frame; (frame = waiting.shift()) !== undefined;) {
        if (frame.wanted !== undefined && !frame.wanted(now)) {
          if (frame.kind === 'content') continue
          take(stage.handle({ type: 'withdrawn', frame: frame as TrafficFrame }, now))
          continue
        }
        const encoded = take(stage.handle({ type: 'encode', frame }, now)).find(
          ({ type }) => type === 'encoded',
        )
        if (encoded?.type !== 'encoded') return undefined
        take(stage.handle({ type: 'dispatch-ended', messageId: frame.messageId, outcome: 'dispatched' }, now))
        return { kind: frame.kind, message: decoded(encoded.payload), payload: encoded.payload }
      }
      return undefined
    },
  }
}

/** Another participant, whose messages are made at once. */
function other(name: string): Peer {
  return new Network({ random: seeded(5), startAt: START }).join(name, { periodicSyncMs: 0 })
}

/** A sync message that acknowledges another. */
const naming = (senderId: string, messageId: string): Uint8Array =>
  message({ messageId: 'sync', senderId, causalHistory: [{ messageId }], content: undefined })

describe('a message that had to wait', () => {
  it('is encoded when it leaves: with the filter, the requests and the retrieval hints of that moment', () => {
    const bob = held()
    const alice = other('alice')
    const first = bob.say('first')
    bob.say('second')
    expect(bob.waiting[1]!.payload).toEqual(new TextEncoder().encode('second'))
    expect(bob.release()!.message.messageId).toBe(first)
    bob.hinted.add(first)
    alice.say('lost')
    alice.say('found')
    bob.hear(alice.sent[1]!.payload)
    bob.pass(PACE_MS)
    const before = decoded(alice.sent[1]!.payload)
    const left = bob.release()!
    expect(left.kind).toBe('content')
    expect(left.message.content).toEqual(new TextEncoder().encode('second'))
    expect(left.message.causalHistory).toEqual([
      { messageId: first, senderId: 'bob', retrievalHint: Uint8Array.of(7) },
    ])
    expect(left.message.repairRequest.map(({ messageId }) => messageId)).toEqual([alice.sent[0]!.messageId])
    expect(left.message.bloomFilter).not.toEqual(before.bloomFilter)
    // Alice learns of it from the filter.
    alice.receive(left.payload)
    expect(alice.eventsOf('possibly-acknowledged').map(({ messageId }) => messageId)).toContain(
      alice.sent[1]!.messageId,
    )
  })

  it('leaves whole though somebody claims to have it already', () => {
    const bob = held()
    const id = bob.say('hi')
    bob.hear(naming('mallory', id))
    expect(bob.eventsOf('acknowledged')).toHaveLength(1)
    expect(bob.release()!.message).toEqual(expect.objectContaining({ messageId: id, senderId: 'bob' }))
  })

  it('is in no filter before it has left, and each filter differs from the one before', () => {
    const bob = held()
    for (const text of ['1', '2', '3']) bob.say(text)
    const [first, second, third] = [bob.release()!, bob.release()!, bob.release()!].map(
      ({ message }) => message.bloomFilter!,
    )
    expect(first!.every((byte) => byte === 0)).toBe(true)
    expect(second).not.toEqual(first)
    expect(third).not.toEqual(second)
  })
})

describe('a message that was taken back', () => {
  it('is not wanted any more, and comes out of nothing', () => {
    const bob = held()
    bob.say('first')
    const id = bob.say('second')
    const [, frame] = bob.waiting
    expect(bob.isWanted(frame!)).toBe(true)
    expect(bob.abandon([id])).toBe(true)
    expect(bob.isWanted(frame!)).toBe(false)
    expect(bob.encode(frame!)).toBeUndefined()
    expect(bob.release()!.kind).toBe('content')
  })

  it('leaves ephemeral ones as they are, which are encoded when they are wrapped', () => {
    const bob = held()
    bob.say('typing', true)
    expect(bob.release()!.message.content).toEqual(new TextEncoder().encode('typing'))
  })
})

describe('an ephemeral message that waits', () => {
  it('comes out as it was wrapped, once', () => {
    const bob = held()
    bob.say('typing', true)
    const [frame] = bob.waiting
    expect(bob.encode(frame!)).toMatchObject({ payload: frame!.payload })
    expect(bob.encode(frame!)).toBeUndefined()
  })

  it('is forgotten when it was dropped, and comes out of nothing', () => {
    const bob = held()
    bob.drop(bob.say('typing', true))
    expect(bob.encode(bob.waiting[0]!)).toBeUndefined()
  })
})

describe('an acknowledging sync message that had to wait', () => {
  it('is not wanted when another has acknowledged meanwhile', () => {
    const bob = held()
    const alice = other('alice')
    alice.say('hi')
    bob.hear(alice.sent[0]!.payload)
    bob.pass(ACK_MS)
    const [sync] = bob.waiting
    expect(sync!.kind).toBe('sync')
    expect(sync!.payload).toHaveLength(0)
    expect(bob.isWanted(sync!)).toBe(true)
    bob.hear(naming('carol', alice.sent[0]!.messageId))
    bob.pass(PACE_MS)
    expect(bob.isWanted(sync!)).toBe(false)
    expect(bob.release()).toBeUndefined()
    bob.pass(2 * ACK_MS)
    expect(bob.kinds()).toEqual([])
  })

  it('says, when it leaves, also what there is to say only since it was planned', () => {
    const bob = held()
    const alice = other('alice')
    alice.say('one')
    bob.hear(alice.sent[0]!.payload)
    bob.pass(ACK_MS)
    expect(bob.kinds()).toEqual(['sync'])
    alice.say('two')
    alice.say('three')
    for (const { payload } of alice.sent.slice(1)) bob.hear(payload)
    expect(bob.release()!.message.causalHistory.map(({ messageId }) => messageId)).toEqual(
      alice.sent.map(({ messageId }) => messageId),
    )
    bob.pass(2 * ACK_MS)
    expect(bob.waiting).toEqual([])
  })

  it('gives way to own content that waits, whose filters acknowledge as well after two messages', () => {
    const bob = held()
    const alice = other('alice')
    for (const text of ['1', '2', '3']) bob.say(text)
    alice.say('hi')
    bob.hear(alice.sent[0]!.payload)
    bob.pass(ACK_MS)
    expect(bob.kinds()).toEqual(['content', 'content', 'content', 'sync'])
    const sync = bob.waiting.pop()!
    bob.waiting.unshift(sync)
    const left = [bob.release()!, bob.release()!]
    expect(left.map(({ kind }) => kind)).toEqual(['content', 'content'])
    bob.pass(2 * ACK_MS)
    expect(bob.kinds()).toEqual(['content'])
    for (const { payload } of left) alice.receive(payload)
    expect(alice.eventsOf('acknowledged')).toEqual([
      expect.objectContaining({ messageId: alice.sent[0]!.messageId, via: 'bloom-filter' }),
    ])
  })

  it('goes before own content that has kept it waiting for too long', () => {
    const bob = held()
    const alice = other('alice')
    alice.say('hi')
    bob.say('mine')
    bob.hear(alice.sent[0]!.payload)
    bob.pass(2 * PACE_MS + 1)
    expect(bob.kinds()).toEqual(['content', 'sync'])
    bob.waiting.reverse()
    expect(bob.release()!.kind).toBe('sync')
  })

  it('goes before own content when many messages wait for it', () => {
    const bob = held()
    const alice = other('alice')
    for (let i = 0; i < 20; i++) alice.say(`${i}`)
    bob.say('mine')
    for (const { payload } of alice.sent) bob.hear(payload)
    bob.pass(ACK_MS)
    bob.waiting.reverse()
    expect(bob.release()!.message.causalHistory).toHaveLength(20)
  })

  it('gives way once to those of others that had to wait for the same moment, and comes soon after', () => {
    const bob = held()
    const alice = other('alice')
    alice.say('hi')
    bob.hear(alice.sent[0]!.payload)
    bob.pass(PACE_MS)
    expect(bob.kinds()).toEqual(['sync'])
    expect(bob.release()).toBeUndefined()
    bob.pass(ACK_MS)
    expect(bob.kinds()).toEqual(['sync'])
    expect(bob.release()!.message.causalHistory.map(({ messageId }) => messageId)).toEqual([
      alice.sent[0]!.messageId,
    ])
  })

  it('gives way, too, when the clock was set back while it waited', () => {
    const bob = held()
    const alice = other('alice')
    alice.say('hi')
    bob.hear(alice.sent[0]!.payload)
    bob.pass(ACK_MS)
    expect(bob.kinds()).toEqual(['sync'])
    bob.setBack(3_600_000)
    bob.pass(PACE_MS)
    expect(bob.kinds()).toEqual(['sync'])
    expect(bob.release()).toBeUndefined()
  })
})

describe('a copy that had to wait', () => {
  it('is not wanted any more when its message is acknowledged', () => {
    const bob = held({ periodicSyncMs: 0 })
    const alice = other('alice')
    bob.say('hi')
    const { payload } = bob.release()!
    bob.pass(PACE_MS + 2 * ACK_MS)
    expect(bob.kinds()).toEqual(['retransmission'])
    expect(bob.isWanted(bob.waiting[0]!)).toBe(true)
    alice.receive(payload)
    alice.say('hello')
    bob.hear(alice.sent[0]!.payload)
    bob.pass(PACE_MS / 2)
    const copy = bob.waiting.find(({ kind }) => kind === 'retransmission')!
    expect(bob.isWanted(copy)).toBe(false)
    expect(bob.eventsOf('retransmitted')).toEqual([])
  })

  it('waits longer when its message is perhaps acknowledged, and then is wanted again', () => {
    const bob = held({ periodicSyncMs: 0 })
    const erin = held({ participantId: 'erin' })
    const id = bob.say('hi')
    const { payload } = bob.release()!
    bob.pass(PACE_MS + 2 * ACK_MS)
    // Written before, sent after: only its filter says that Erin has it.
    erin.say('before')
    erin.hear(payload)
    bob.hear(erin.release()!.payload)
    expect(bob.eventsOf('possibly-acknowledged')).toHaveLength(1)
    const [copy] = bob.waiting
    expect(copy!.kind).toBe('retransmission')
    expect(bob.isWanted(copy!)).toBe(false)
    expect(bob.release()?.kind).not.toBe('retransmission')
    bob.waiting.length = 0
    bob.pass(3 * PACE_MS)
    const again = bob.waiting.findLast(({ kind }) => kind === 'retransmission')!
    bob.waiting.splice(0, bob.waiting.length, again)
    expect(bob.release()!.message.messageId).toBe(id)
    expect(bob.eventsOf('retransmitted')).toEqual([
      { type: 'retransmitted', messageId: id, retransmissions: 1 },
    ])
  })
})

describe('a repair that had to wait', () => {
  it('is not wanted any more when another has sent the message, and may be asked for again', () => {
    const bob = held({ periodicSyncMs: 0, repair: { tMinMs: 10, tMaxMs: 1_000, responseGroups: 1 } })
    const alice = other('alice')
    alice.say('hi')
    const { payload } = alice.sent[0]!
    bob.hear(payload)
    const ask = (participantId: string): Uint8Array => {
      const asker = held({ participantId, repair: { tMinMs: 10, tMaxMs: 20 } })
      alice.say('more')
      asker.hear(alice.sent.at(-1)!.payload)
      asker.pass(1_000)
      return asker.release()!.payload
    }
    bob.hear(ask('carol'))
    bob.pass(1_500)
    const repair = bob.waiting.find(({ kind }) => kind === 'repair')!
    expect(bob.isWanted(repair)).toBe(true)
    // Somebody else was faster.
    bob.hear(payload)
    expect(bob.isWanted(repair)).toBe(false)
    bob.waiting.splice(0, bob.waiting.length, repair)
    bob.release()
    bob.waiting.length = 0
    bob.pass(1_000)
    bob.hear(ask('dave'))
    bob.pass(1_500)
    expect(bob.kinds()).toContain('repair')
  })
})
