import { createKeccak256 } from '@reliable-channels/keccak'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HasherFactory, decodeSegment, encodeSegment } from '../core.ts'
import { optionsOf, payloadOf, wireVectors } from '../../test/wire-vectors.ts'
import { StageOnBench, bytesOf, corrupted, messagesOf, split } from '../../test/stage-on-bench.ts'

const dialects = fc.constantFrom('current' as const, 'lip-243' as const)

describe('parity', () => {
  it('follows the data, labelled as such, each a full chunk, while data travels at its true length', () => {
    // RSP-04 RSP-05
    const segments = split(bytesOf(1_000), { parityRate: 0.125 }).map((bytes) => decodeSegment(bytes)!)
    expect(segments.map(({ isParity }) => isParity)).toEqual([false, false, false, false, false, false, true])
    expect(segments.map(({ content }) => content.length)).toEqual([192, 192, 192, 192, 192, 40, 192])
    expect(segments.every(({ dataCount, parityCount }) => dataCount === 6 && parityCount === 1)).toBe(true)
  })

  it('makes any k of the segments enough, in any order, whatever is lost', () => {
    // RSP-06
    fc.assert(
      fc.property(
        dialects,
        fc.integer({ min: 0, max: 6_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.infiniteStream(fc.nat()),
        (dialect, length, parityRate, order) => {
          const payload = bytesOf(length, length + 7)
          const segments = split(payload, { dialect, parityRate })
          const { dataCount } = decodeSegment(segments[0]!)!
          const shuffled = segments
            .map((segment) => ({ segment, at: order.next().value! }))
            .sort((a, b) => a.at - b.at)
            .map(({ segment }) => segment)
          const bench = new StageOnBench()
          bench.feed(...shuffled.slice(0, dataCount - 1))
          expect(bench.messages).toEqual([])
          bench.feed(...shuffled.slice(dataCount - 1))
          expect(bench.messages).toEqual([payload])
          expect(bench.stage.stats().bufferedBytes).toBe(0)
        },
      ),
    )
  })

  it('recovers a lost short last segment, alone or among others', () => {
    // RSP-06
    for (const dialect of ['current', 'lip-243'] as const) {
      const payload = bytesOf(1_001)
      const segments = split(payload, { dialect, parityRate: 0.5 })
      expect(messagesOf(new StageOnBench().feed(...segments.slice(0, 5), segments[6]!))).toEqual([payload])
      expect(messagesOf(new StageOnBench().feed(...segments.slice(3)))).toEqual([payload])
    }
  })

  it('cuts zeros that belong to the payload from those that fill it up, where the length is not on the wire', () => {
    const payload = new Uint8Array(400).fill(7, 0, 300)
    const segments = split(payload, { dialect: 'lip-243', parityRate: 0.5 })
    expect(messagesOf(new StageOnBench().feed(segments[0]!, segments[1]!, segments[3]!))).toEqual([payload])
    const empty = split(new Uint8Array(0), { dialect: 'lip-243', parityRate: 0.5 })
    expect(messagesOf(new StageOnBench().feed(empty[1]!))).toEqual([new Uint8Array(0)])
  })

  it('does not help beyond its count, nor where there is none', () => {
    // RSP-07
    const withParity = split(bytesOf(1_000), { parityRate: 0.3 })
    const bench = new StageOnBench()
    bench.feed(...withParity.slice(3))
    expect(bench.messages).toEqual([])
    expect(bench.stage.stats().sets).toBe(1)
    const without = new StageOnBench()
    without.feed(...split(bytesOf(1_000)).slice(1))
    expect(without.messages).toEqual([])
  })

  it('is only there when asked for', () => {
    // RSP-01
    expect(split(bytesOf(1_000)).every((bytes) => !decodeSegment(bytes)!.isParity)).toBe(true)
    expect(split(bytesOf(1_000), { parityRate: 0 })).toHaveLength(6)
  })

  it('stands in for the first segments of every vector of the reference', () => {
    for (const vector of wireVectors.vectors) {
      if (vector.segments === undefined || !vector.paritySegmentCount) continue
      const payload = payloadOf(vector.payloadBytes)
      const segments = split(payload, optionsOf(vector))
      const bench = new StageOnBench()
      bench.feed(...segments.slice(vector.paritySegmentCount))
      expect(Buffer.compare(bench.messages[0]!, payload)).toBe(0)
      expect(bench.outputs.at(-1)).toMatchObject({ type: 'message', message: { recovered: true } })
    }
  })
})

describe('corrupt segments', () => {
  it('do no harm where enough good ones are held: any one, whatever comes first', () => {
    fc.assert(
      fc.property(
        dialects,
        fc.integer({ min: 193, max: 4_000 }),
        fc.nat(),
        fc.nat(),
        fc.boolean(),
        (dialect, length, which, where, early) => {
          const payload = bytesOf(length, length)
          const segments = split(payload, { dialect, parityRate: 0.5 })
          const place = which % segments.length
          const { content } = decodeSegment(segments[place]!)!
          const offset = where % content.length
          const bad = encodeSegment({
            ...decodeSegment(segments[place]!)!,
            content: content.with(offset, content[offset]! ^ 1),
          })
          const others = segments.filter((_, index) => index !== place)
          const bench = new StageOnBench()
          bench.feed(...(early ? [bad, ...others] : [...others, bad]))
          expect(bench.messages).toEqual([payload])
        },
      ),
    )
  })

  it('are found among many large segments by parity, not by trying', () => {
    const payload = bytesOf(150 * 192)
    const segments = split(payload, { parityRate: 0.2 })
    let hashed = 0
    const bench = new StageOnBench({ hasher: countingHasher(() => hashed++) })
    bench.feed(...segments.with(140, corrupted(segments[140]!)))
    expect(bench.messages).toEqual([payload])
    expect(hashed).toBeLessThan(30)
  })

  it('are found in a large payload too, where few attempts are allowed', () => {
    const payload = bytesOf(12_000_000)
    const segments = split(payload, { segmentSizeBytes: 102_400, parityRate: 0.1 })
    const bad = segments.with(50, corrupted(segments[50]!))
    for (const arriving of [bad, bad.toReversed()]) {
      const bench = new StageOnBench({ persistent: false })
      bench.feed(...arriving)
      expect(bench.messages.map((message) => Buffer.compare(message, payload))).toEqual([0])
    }
  })

  it('are found in pairs, data and parity alike', () => {
    const payload = bytesOf(20 * 192)
    const segments = split(payload, { parityRate: 0.2 })
    for (const [one, other] of [
      [0, 1],
      [3, 19],
      [7, 20],
      [20, 22],
    ] as const) {
      const bench = new StageOnBench()
      const bad = segments.with(one, corrupted(segments[one]!)).with(other, corrupted(segments[other]!))
      bench.feed(...bad.slice(20), ...bad.slice(0, 20))
      expect(bench.messages).toEqual([payload])
    }
  })

  it('that came first at their place give way to good ones that come later', () => {
    const payload = bytesOf(1_000)
    const segments = split(payload)
    const bench = new StageOnBench()
    bench.feed(corrupted(segments[2]!), ...segments)
    expect(bench.messages).toEqual([payload])
    expect(bench.reasons).toEqual(['conflict'])
  })

  it('that came first and are of another length do not decide how long the others are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 400, max: 4_000 }),
        fc.nat(),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        (length, which, blocks, instead) => {
          const payload = bytesOf(length, length)
          const segments = split(payload, { dialect: 'lip-243', parityRate: 0.7 })
          const place = which % segments.length
          const good = decodeSegment(segments[place]!)!
          fc.pre(64 * blocks !== good.content.length)
          const bad = encodeSegment({ ...good, content: bytesOf(64 * blocks) })
          const bench = new StageOnBench()
          bench.feed(bad, ...segments.filter((_, index) => !instead || index !== place))
          expect(bench.messages).toEqual([payload])
        },
      ),
    )
  })

  it('that lie about the counts do not decide for those that come after', () => {
    const payload = bytesOf(1_000)
    const segments = split(payload)
    const lie = encodeSegment({ ...decodeSegment(segments[0]!)!, parityCount: 3 })
    const bench = new StageOnBench()
    bench.feed(lie, ...segments)
    expect(bench.messages).toEqual([payload])
    expect(new Set(bench.reasons)).toEqual(new Set(['count-mismatch']))
    expect(bench.stage.stats()).toMatchObject({ sets: 0, bufferedBytes: 0 })
    expect([...bench.stored.keys()]).toHaveLength(1)
  })

  it('cost a bounded number of attempts, whatever is tried', () => {
    // 128 data and 128 parity segments of which none fits another, with a second content for each.
    const segments = split(bytesOf(128 * 192), { parityRate: 1 })
    let hashed = 0
    const bench = new StageOnBench({ hasher: countingHasher(() => hashed++) })
    for (const segment of segments) bench.feed(corrupted(segment), corrupted(segment, segment.length - 2))
    expect(bench.messages).toEqual([])
    expect(hashed).toBeLessThan(200)
    expect(bench.stage.stats().dropped['hash-mismatch']).toBeGreaterThan(0)
  })

  it('cannot make more than four contradicting sets of one payload', () => {
    const [segment] = split(bytesOf(1_000))
    const bench = new StageOnBench()
    for (let parityCount = 0; parityCount < 6; parityCount++) {
      bench.feed(encodeSegment({ ...decodeSegment(segment!)!, parityCount }))
    }
    expect(bench.stage.stats()).toMatchObject({ sets: 4, rejected: { 'count-mismatch': 5 } })
  })
})

function countingHasher(onDigest: () => void): HasherFactory {
  return () => {
    const hasher = createKeccak256()
    return {
      update(data: Uint8Array) {
        hasher.update(data)
        return this
      },
      digest() {
        onDigest()
        return hasher.digest()
      },
      clone: () => hasher.clone(),
    }
  }
}
