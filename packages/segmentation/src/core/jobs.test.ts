import { createKeccak256 } from '@reliable-channels/keccak'
import { describe, expect, it } from 'vitest'
import { type HasherFactory, decodeSegment, encodeSegment } from '../core.ts'
import { StageOnBench, bytesOf, messagesOf, split } from '../../test/stage-on-bench.ts'
import { Jobs, type Pieces } from './jobs.ts'

const SEGMENT_BYTES = 102_400
const payload = bytesOf(8_000_000)
const segments = split(payload, { segmentSizeBytes: SEGMENT_BYTES, parityRate: 0.2 })
const { dataCount } = decodeSegment(segments[0]!)!
/** What may be hashed in one turn: what {@link Jobs} allow, and what a segment brings of its own. */
const TURN_BYTES = 2 ** 20 + 4 * SEGMENT_BYTES

describe('what one segment brings', () => {
  // X11
  it.each([
    [
      'completes a message of which the first segment comes last',
      [...segments.slice(1, dataCount), segments[0]!],
    ],
    ['completes a message by parity', segments.slice(segments.length - dataCount)],
    ['shows a corrupt segment', segments.with(3, wrong(segments[3]!))],
    [
      'is corrupt parity',
      [...segments.slice(2, dataCount), wrong(segments[dataCount]!), ...segments.slice(dataCount + 1)],
    ],
  ])('is done in turns where it %s', (_, arriving) => {
    const bench = new BenchOfTurns()
    bench.feed(...arriving)
    expect(bench.messages.map((message) => Buffer.compare(message, payload))).toEqual([0])
    expect(bench.most).toBeLessThan(TURN_BYTES)
    expect(bench.turns).toBeGreaterThan(3)
  })

  it('does not let what comes later, and may depend on it, come before it', () => {
    const bench = new BenchOfTurns()
    bench.begin(...segments.slice(1, dataCount), segments[0]!)
    const small = bytesOf(1_000)
    bench.begin(...split(small), ...split(small.subarray(0, 100)))
    expect(bench.messages).toEqual([])
    bench.pass(0)
    expect(bench.messages.map(({ length }) => length)).toEqual([payload.length, 1_000, 100])
    expect(bench.stage.stats()).toMatchObject({ sets: 0, bufferedBytes: 0 })
  })

  it('counts as overdue only when nobody has gone on for so long', () => {
    const bench = new BenchOfTurns()
    bench.begin(...segments.slice(1, dataCount), segments[0]!)
    expect(bench.stage.deadline()).toBe(bench.now)
    bench.pass(0)
    expect(bench.stage.deadline()).toBeUndefined()
  })
})

describe('a message that is put together in turns', () => {
  it('takes what comes meanwhile into account', () => {
    const bench = new BenchOfTurns()
    const bad = wrong(segments[dataCount]!)
    // One too few is right: the next tells which is wrong.
    bench.begin(...segments.slice(1, dataCount), bad, ...segments.slice(dataCount + 1))
    bench.pass(0)
    expect(bench.messages).toHaveLength(1)
  })

  it('comes after a restart in between', () => {
    const bench = new BenchOfTurns({ persistent: true })
    bench.begin(...segments.slice(1, dataCount), segments[0]!)
    expect(bench.messages).toEqual([])
    bench.restart()
    expect(
      messagesOf(bench.input({ type: 'start' })).map((message) => Buffer.compare(message, payload)),
    ).toEqual([0])
    expect(bench.stage.stats()).toMatchObject({ sets: 0, completed: 1 })
    bench.restart()
    expect(bench.input({ type: 'start' })).toEqual([])
  })

  it('keeps its order over a restart', () => {
    const bench = new BenchOfTurns({ persistent: true })
    bench.begin(...segments.slice(1, dataCount), segments[0]!, ...split(bytesOf(100)))
    bench.restart()
    const messages = messagesOf(bench.input({ type: 'start' }))
    expect(messages.map(({ length }) => length)).toEqual([payload.length, 100])
  })

  it.each([true, false])('comes at once where it had to make room, with ids: %s', (hasIds) => {
    const bench = new BenchOfTurns({ maxSets: 1 })
    const frames = [...segments.slice(1, dataCount), segments[0]!].map((bytes, index) => ({
      payload: bytes,
      senderId: 'alice',
      ...(hasIds && { messageId: `m${index}` }),
    }))
    bench.begin(...frames)
    bench.begin({ payload: split(bytesOf(1_000, 9))[0]!, messageId: 'other', senderId: 'bob' })
    expect(bench.messages.map((message) => Buffer.compare(message, payload))).toEqual([0])
    expect(bench.outputs.filter(({ type }) => type === 'dropped' || type === 'shelved')).toEqual([])
  })
})

describe('Jobs', () => {
  it('end without a result where nobody wants it any more', () => {
    const jobs = new Jobs()
    let isWanted = true
    const results: string[] = []
    const owner = {}
    jobs.begin({
      owner,
      pieces: long('late'),
      isWanted: () => isWanted,
      done: (result) => results.push(result),
    })
    expect(jobs.has(owner)).toBe(true)
    isWanted = false
    jobs.newTurn()
    jobs.run()
    expect(jobs.areLeft).toBe(false)
    expect(results).toEqual([])
  })

  it('go on in the order in which they were begun', () => {
    const jobs = new Jobs()
    const results: string[] = []
    for (const name of ['first', 'second'])
      jobs.begin({
        owner: {},
        pieces: long(name),
        isWanted: () => true,
        done: (result) => results.push(result),
      })
    while (jobs.areLeft) {
      jobs.newTurn()
      jobs.run()
    }
    expect(results).toEqual(['first', 'second'])
  })
})

function* long(name: string): Pieces<string> {
  for (let i = 0; i < 5; i++) yield 2 ** 20
  return name
}

/** The segment with another content: what a member sends who means harm, or whose memory is bad. */
function wrong(segment: Uint8Array): Uint8Array {
  const decoded = decodeSegment(segment)!
  return encodeSegment({ ...decoded, content: decoded.content.with(5, decoded.content[5]! ^ 1) })
}

/** Counts what is hashed in each step. */
class BenchOfTurns extends StageOnBench {
  most = 0
  turns = 0

  constructor(options: ConstructorParameters<typeof StageOnBench>[0] = {}) {
    let hashed = 0
    const hasher: HasherFactory = () => counting(createKeccak256(), (bytes) => (hashed += bytes))
    super({ persistent: false, hasher, ...options })
    this.onStep = () => {
      this.turns += hashed > 0 ? 1 : 0
      this.most = Math.max(this.most, hashed)
      hashed = 0
    }
  }
}

function counting(
  inner: ReturnType<HasherFactory>,
  count: (bytes: number) => void,
): ReturnType<HasherFactory> {
  return {
    ...inner,
    update(bytes) {
      count(bytes.length)
      inner.update(bytes)
      return this
    },
    digest: () => inner.digest(),
    clone: () => counting(inner.clone(), count),
  }
}
