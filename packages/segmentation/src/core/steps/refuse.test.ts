import { describe, expect, it } from 'vitest'
import type { ReassemblyFrame, ReassemblyOutput } from '../../core.ts'
import { StageOnBench, bytesOf, split } from '../../../test/stage-on-bench.ts'

interface Known extends ReassemblyFrame {
  readonly senderId: string
  readonly messageId: string
}

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
/** Room for one message of ten segments, and not for two. */
const ONE = { maxBufferedBytes: 3_000, maxBufferedBytesPerSender: 3_000, timeoutMs: 5 * MINUTE_MS }

/** Ten segments of a sender. */
function framesOf(senderId: string, bytes: number = 192 * 10): Known[] {
  return split(bytesOf(bytes, senderId.charCodeAt(0))).map((payload, place) => ({
    payload,
    senderId,
    messageId: `${senderId}-${place}`,
  }))
}

/** A stage that is asked before a segment is taken in, as the channel does. */
class BenchWithRoom extends StageOnBench {
  receive(...frames: readonly Known[]): ReassemblyOutput[] {
    return frames.flatMap((frame) =>
      this.stage.refusal(frame) === undefined ? this.feed(frame) : this.input({ type: 'refused', frame }),
    )
  }

  /** Ids that were asked for since the last call. */
  takeLacking(): string[] {
    const ids = this.outputs.flatMap((output) => (output.type === 'lacking' ? output.messageIds : []))
    this.outputs.length = 0
    return ids
  }
}

const idsOf = (frames: readonly Known[]): string[] => frames.map(({ messageId }) => messageId)

// F10
describe('a message that there is no room for', () => {
  it('is refused before it is acknowledged, and asked for once there is room', () => {
    const bench = new BenchWithRoom(ONE)
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => framesOf(name)) as [
      Known[],
      Known[],
      Known[],
    ]
    for (const place of alice.keys()) if (place < 9) bench.receive(alice[place]!, bob[place]!, carol[place]!)
    expect(bench.outputs.filter(({ type }) => type === 'queued')).toMatchObject([
      { senderId: 'bob', lengthBytes: 1_920 },
      { senderId: 'carol' },
    ])
    expect(bench.stage.stats()).toMatchObject({ sets: 1, queued: 2, rejected: { 'no-room': 18 } })
    expect(bench.takeLacking()).toEqual([])
    bench.receive(alice[9]!)
    expect(bench.messages).toHaveLength(1)
    // One after the other.
    expect(bench.takeLacking()).toEqual(idsOf(bob.slice(0, 9)))
    bench.receive(carol[9]!, ...bob)
    expect(bench.takeLacking()).toEqual(idsOf(carol))
    bench.receive(...carol)
    expect(bench.stage.stats()).toMatchObject({ sets: 0, queued: 0, completed: 3 })
  })

  it('waits for those that came before it, though it were small enough', () => {
    const bench = new BenchWithRoom(ONE)
    const [alice, bob] = [framesOf('alice'), framesOf('bob')]
    bench.receive(alice[0]!, bob[0]!)
    const small = framesOf('carol', 192 * 5)
    bench.receive(small[0]!)
    expect(bench.stage.stats()).toMatchObject({ sets: 1, queued: 2 })
    bench.receive(...alice.slice(1))
    // Both find room now.
    expect(bench.takeLacking()).toEqual(['bob-0', 'carol-0'])
  })

  it('lets in those beside it that leave room for it', () => {
    const bench = new BenchWithRoom({ ...ONE, maxBufferedBytes: 6_000 })
    bench.receive(framesOf('alice')[0]!, framesOf('dave')[0]!, framesOf('erin')[0]!)
    expect(bench.stage.stats()).toMatchObject({ sets: 3 })
    bench.receive(framesOf('bob', 192 * 3)[0]!)
    expect(bench.stage.stats()).toMatchObject({ sets: 3, queued: 1 })
  })

  it('does not hold up a message of one segment', () => {
    const bench = new BenchWithRoom(ONE)
    bench.receive(framesOf('alice')[0]!, framesOf('bob')[0]!, ...framesOf('carol', 100))
    expect(bench.messages).toEqual([bytesOf(100, 'carol'.charCodeAt(0))])
  })

  it('gets the place of one that does not go on, which goes on later', () => {
    const bench = new BenchWithRoom(ONE)
    const [mallory, bob] = [framesOf('mallory'), framesOf('bob')]
    bench.receive(mallory[0]!, bob[0]!)
    bench.pass(19 * SECOND_MS)
    expect(bench.takeLacking()).toEqual([])
    bench.pass(SECOND_MS)
    expect(bench.takeLacking()).toEqual(['bob-0'])
    bench.receive(mallory[1]!)
    expect(bench.stage.stats()).toMatchObject({ sets: 1, queued: 2 })
    bench.receive(...bob)
    expect(bench.takeLacking()).toEqual(['mallory-1'])
    bench.receive(...mallory.slice(1))
    expect(bench.stage.stats()).toMatchObject({ sets: 0, queued: 0, completed: 2 })
  })

  it('gets the place of one that goes on for ever', () => {
    const bench = new BenchWithRoom({ ...ONE, timeoutMs: MINUTE_MS })
    const [mallory, bob] = [framesOf('mallory'), framesOf('bob')]
    bench.receive(mallory[0]!, bob[0]!)
    for (const frame of mallory.slice(1, 6)) {
      bench.pass(15 * SECOND_MS)
      bench.receive(frame)
    }
    expect(bench.takeLacking()).toEqual(['bob-0'])
  })

  it('is served though others open messages that they do not go on with', () => {
    const bench = new BenchWithRoom(ONE)
    const liars = Array.from({ length: 10 }, (_, i) => framesOf(`${i} liar`))
    const bob = framesOf('bob')
    bench.receive(liars[0]![0]!, bob[0]!, ...liars.slice(1).map(([first]) => first!))
    bench.pass(20 * SECOND_MS)
    expect(bench.takeLacking()).toEqual(['bob-0'])
    bench.receive(...bob)
    // Each has its turn of 20 s, a few times in vain, and then it is lost.
    bench.pass(60 * MINUTE_MS)
    expect(bench.stage.stats()).toMatchObject({ queued: 0 })
    const lost = bench.outputs.filter((output) => output.type === 'lost')
    expect(lost.map(({ senderId, reason }) => `${senderId}: ${reason}`).toSorted()).toEqual(
      liars.slice(1).map((_, i) => `${i + 1} liar: not-sent-again`),
    )
    expect(bench.stage.deadline()).toBeUndefined()
  })

  it('is lost if it does not come again, unless it is awaited', () => {
    let isAwaited = true
    const bench = new BenchWithRoom({ ...ONE, timeoutMs: MINUTE_MS, isAwaited: () => isAwaited })
    const [alice, bob] = [framesOf('alice'), framesOf('bob')]
    bench.receive(alice[0]!, bob[0]!, ...alice.slice(1))
    bench.pass(60 * MINUTE_MS)
    expect(bench.stage.stats()).toMatchObject({ queued: 1 })
    isAwaited = false
    bench.pass(3 * MINUTE_MS)
    expect(bench.outputs.at(-1)).toMatchObject({ type: 'lost', reason: 'not-sent-again', senderId: 'bob' })
  })

  it('makes room for others when too many ids wait, the busiest sender’s first', () => {
    const bench = new BenchWithRoom({ ...ONE, maxShelvedSegments: 12 })
    bench.receive(framesOf('alice')[0]!, ...framesOf('bob').slice(0, 8), ...framesOf('carol').slice(0, 5))
    expect(bench.outputs.at(-1)).toMatchObject({ type: 'lost', reason: 'no-room', senderId: 'bob' })
    expect(bench.stage.stats()).toMatchObject({ queued: 1 })
  })

  it('is told once as lost where it is too large for good, or its segments are', () => {
    const bench = new BenchWithRoom(ONE)
    const large = framesOf('alice', 192 * 20)
    expect(bench.stage.refusal(large[0]!)).toBe('cache-full')
    bench.receive(...large)
    expect(bench.outputs.filter(({ type }) => type === 'lost')).toMatchObject([
      { reason: 'too-large', senderId: 'alice', lengthBytes: 192 * 20, held: 0, needed: 20 },
    ])
    const strict = new BenchWithRoom({ maxSegmentBytes: 100 })
    strict.receive(...framesOf('alice'))
    expect(strict.outputs.filter(({ type }) => type === 'lost')).toMatchObject([{ reason: 'too-large' }])
    expect(strict.stage.stats().rejected).toMatchObject({ oversized: 10 })
  })

  it('may be as large as the history of SDS lets it be', () => {
    const bench = new BenchWithRoom({ ...ONE, maxRecalledBytes: 4_000 })
    const large = framesOf('alice', 192 * 20)
    expect(bench.stage.refusal(large[0]!)).toBeUndefined()
    bench.receive(...large)
    expect(bench.outputs.at(-1)).toMatchObject({ type: 'wanted', messageIds: idsOf(large) })
    expect(large.every(({ messageId }) => bench.stage.needs(messageId))).toBe(true)
  })

  it('does not hold up a straggler of a payload that was complete twice', () => {
    const bench = new BenchWithRoom(ONE)
    const say = (from: number): Known[] =>
      split(bytesOf(1_200), { parityRate: 0.5 }).map((payload, place) => {
        const lamport = from + place
        return { payload, senderId: 'erin', messageId: `${lamport}`, lamport }
      })
    const [first, second] = [say(1_000), say(9_000)]
    // Parity stands in for one segment of the first, and for another of the second.
    bench.receive(...first.toSpliced(2, 1), ...second.toSpliced(4, 1))
    expect(bench.messages).toHaveLength(2)
    bench.receive(framesOf('alice')[0]!)
    // Sent a third time there is no room.
    expect(bench.stage.refusal(say(20_000)[2]!)).toBe('no-room')
    bench.receive(first[2]!, second[4]!)
    expect(bench.stage.stats()).toMatchObject({ sets: 1, queued: 0 })
    expect(bench.reasons).toEqual(Array.from({ length: 8 }, () => 'completed'))
  })

  it('counts what SDS has parked of a message', () => {
    const bench = new BenchWithRoom(ONE)
    const [alice, bob] = [framesOf('alice'), framesOf('bob')]
    const { messageId, senderId, payload: content } = alice[5]!
    const parked = { messageId, senderId, content, missing: ['alice-4'], sameSenderHistory: [] }
    bench.input({ type: 'offer', parked: [parked] })
    bench.receive(bob[0]!)
    expect(bench.stage.stats()).toMatchObject({ queued: 1 })
    bench.receive(...alice)
    expect(bench.takeLacking()).toEqual(['bob-0'])
  })
})
