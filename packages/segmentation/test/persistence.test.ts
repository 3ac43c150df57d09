import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReassemblyStage } from '../src/core.ts'
import { StageOnBench, bytesOf, corrupted, reasonsOf, split } from './stage-on-bench.ts'

describe('reassembly over restarts', () => {
  it('goes on where it was, whenever it is restarted', () => {
    // SEG-39
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ message: fc.nat(3), segment: fc.nat(8), restart: fc.boolean(), sender: fc.nat(1) }),
          {
            maxLength: 100,
            size: 'max',
          },
        ),
        (steps) => {
          const messages = [1, 2, 3, 4].map((seed) => split(bytesOf(seed * 300, seed), { parityRate: 0.5 }))
          const interrupted = new StageOnBench({ maxSets: 3, maxCompleted: 3 })
          const steady = new StageOnBench({ maxSets: 3, maxCompleted: 3 })
          for (const { message, segment, restart, sender } of steps) {
            const segments = messages[message]!
            const payload = segments[segment % segments.length]!
            if (restart) interrupted.restart()
            for (const bench of [interrupted, steady]) {
              bench.now += 1_000
              bench.feed({ payload, senderId: ['alice', 'bob'][sender] })
            }
            expect([...interrupted.stored.keys()].sort()).toEqual([...steady.stored.keys()].sort())
          }
          expect(interrupted.messages).toEqual(steady.messages)
          expect(interrupted.reasons).toEqual(steady.reasons)
          expect(interrupted.stage.deadline()).toBe(steady.stage.deadline())
        },
      ),
    )
  })

  it('keeps one entry for each segment held and each message remembered, and no other', () => {
    const segments = split(bytesOf(1_000), { parityRate: 0.5 })
    const bench = new StageOnBench()
    for (const [index, segment] of segments.slice(0, 5).entries()) {
      bench.feed(segment)
      expect(bench.stored.size).toBe(index + 1)
    }
    bench.feed(segments[5]!)
    expect(bench.stored.size).toBe(1)
    const { changes } = bench.stage.handle({ type: 'segment', frame: { payload: segments[5]! } }, bench.now)
    expect(changes).toEqual([])
  })

  it('remembers over a restart what was complete', () => {
    const segments = split(bytesOf(1_000), { parityRate: 0.5 })
    const bench = new StageOnBench()
    bench.feed(...segments.slice(3))
    bench.restart()
    bench.feed(...segments)
    expect(bench.messages).toHaveLength(1)
  })

  it('keeps what it holds aside, too', () => {
    const segments = split(bytesOf(1_000))
    const bench = new StageOnBench()
    bench.feed(corrupted(segments[0]!), segments[0]!, ...segments.slice(1, 5))
    bench.restart()
    bench.feed(segments[5]!)
    expect(bench.messages).toEqual([bytesOf(1_000)])
  })

  it('loses an entry that is damaged, reports it, and nothing else', () => {
    const segments = split(bytesOf(1_000), { parityRate: 0.5 })
    const bench = new StageOnBench()
    bench.feed(...segments.slice(0, 5))
    const damaged: [string, Uint8Array][] = [
      ['s0', Uint8Array.of(2, 1, 2, 3)],
      ['s1', new Uint8Array(0)],
      ['s2', Uint8Array.of(1, 255, 255)],
      ['c9', Uint8Array.of(1)],
      ['unknown', Uint8Array.of(1)],
    ]
    for (const [key, value] of damaged) bench.stored.set(key, value)
    const corrupt: string[] = []
    bench.stage = createReassemblyStage({
      restore: bench.entries(),
      onCorrupt: (key) => corrupt.push(key),
    })
    expect(corrupt.sort()).toEqual(['c9', 's0', 's1', 's2', 'unknown'])
    expect(bench.stage.stats().sets).toBe(1)
    bench.feed(segments[8]!)
    expect([...bench.stored.keys()].some((key) => corrupt.includes(key))).toBe(false)
    bench.feed(...segments.slice(5, 8))
    expect(bench.messages).toEqual([bytesOf(1_000)])
  })

  it('survives entries of any bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ key: fc.string(), value: fc.uint8Array() })),
        fc.array(fc.record({ key: fc.constantFrom('s1', 's2', 'c3'), value: fc.uint8Array() }), {
          maxLength: 3,
        }),
        (some, others) => {
          const withVersion = others.map(({ key, value }) => ({ key, value: Uint8Array.of(1, ...value) }))
          expect(() => createReassemblyStage({ restore: [...some, ...withVersion] })).not.toThrow()
        },
      ),
    )
  })

  it('applies new limits to what was stored under old ones', () => {
    const bench = new StageOnBench()
    bench.feed(...[1, 2, 3, 4].map((seed) => split(bytesOf(400, seed))[0]!))
    bench.stage = createReassemblyStage({ maxSets: 2, restore: bench.entries() })
    expect(bench.stage.stats().sets).toBe(2)
    expect(reasonsOf(bench.input({ type: 'start' }))).toEqual(['evicted', 'evicted'])
    expect(bench.stored.size).toBe(2)
  })

  it('gives up a set that alone is larger than a new limit', () => {
    const bench = new StageOnBench()
    bench.feed(...split(bytesOf(1_000)).slice(1), split(bytesOf(300, 2))[0]!)
    bench.stage = createReassemblyStage({ maxBufferedBytes: 400, restore: bench.entries() })
    expect(bench.stage.stats()).toMatchObject({ sets: 1, bufferedBytes: 192 })
    expect(reasonsOf(bench.input({ type: 'start' }))).toEqual(['evicted', 'evicted'])
    expect(bench.stored.size).toBe(1)
  })

  it('lets restored sets wait anew when told the time, also when the clock was set back meanwhile', () => {
    const bench = new StageOnBench({ timeoutMs: 1_000 })
    bench.feed(split(bytesOf(1_000))[0]!)
    for (const restoredAt of [bench.now + 5_000, bench.now - 5_000]) {
      const stage = createReassemblyStage({ timeoutMs: 1_000, restore: bench.entries(), restoredAt })
      expect(stage.deadline()).toBe(restoredAt + 1_000)
    }
  })

  it.each([
    ['nobody', undefined, ''],
    ['the empty name', '', undefined],
    ['no UTF-8', '\udc80', '\udc81'],
    ['a byte order mark', '\ufeffa', 'a'],
  ])('knows a sender again over a restart who is %s', (_, senderId, other) => {
    const bench = new StageOnBench()
    const feed = (segments: readonly Uint8Array[], from: string | undefined): void => {
      bench.feed(...segments.map((payload) => ({ payload, senderId: from })))
    }
    const [whole, half] = [split(bytesOf(10)), split(bytesOf(300))]
    feed([...whole, half[0]!], senderId)
    bench.restart()
    feed([...whole, half[1]!], senderId)
    expect(bench.messages).toHaveLength(2)
    feed([...whole, half[1]!], other)
    expect(bench.messages).toHaveLength(3)
  })

  it('stores nothing when told not to', () => {
    const bench = new StageOnBench({ persistent: false })
    bench.feed(...split(bytesOf(1_000)).slice(1), ...split(bytesOf(5)))
    expect(bench.stored.size).toBe(0)
  })
})
