import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ReassemblyFrame, createReassemblyStage } from '../../core.ts'
import { StageOnBench, bytesOf, corrupted, reasonsOf, split } from '../../../test/stage-on-bench.ts'

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

  it('survives records of each kind that hold what cannot be, reports what tells nothing, and goes on', () => {
    // X10
    const bench = new StageOnBench({ maxCompleted: 1, maxSets: 1 })
    let lamport = 100
    const say = (seed: number, length: number): ReassemblyFrame[] =>
      split(bytesOf(length, seed), { parityRate: 1 }).map((payload) => {
        lamport++
        return { payload, senderId: 'alice', messageId: `${lamport}`, lamport }
      })
    for (const seed of [1, 2]) bench.feed(say(seed, 50)[0]!)
    for (const seed of [3, 4]) bench.feed(...say(seed, 700).slice(0, 2))
    const kinds = new Map([...bench.stored].map(([key, value]) => [key.charAt(0), { key, value }]))
    expect([...kinds.keys()].sort()).toEqual(['c', 'h', 'i', 's'])
    const most = [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]
    for (const { key, value } of kinds.values()) {
      const others = [...kinds.values()].map((other) => other.value)
      const variants = Array.from(value, (_, at) => [
        value.slice(0, at),
        value.with(at, 255),
        value.with(at, 0),
        Uint8Array.of(...value.slice(0, at), ...most, ...value.slice(at + 1)),
      ])
      for (const changed of [...variants.flat(), ...others, new Uint8Array(0)]) {
        const corrupt: string[] = []
        const again = new StageOnBench(bench.options)
        const entries = bench.entries().map((entry) => (entry.key === key ? { key, value: changed } : entry))
        const onCorrupt = (one: string): void => void corrupt.push(one)
        again.stage = createReassemblyStage({ ...bench.options, restore: entries, onCorrupt })
        again.input({ type: 'start' })
        if (changed.length === 0) expect(corrupt).toEqual([key])
        expect(again.stage.deadline() ?? 0).not.toBeNaN()
        again.feed(...split(bytesOf(700, 9)))
        again.feed({ payload: split(bytesOf(60, 8))[0]!, senderId: 'bob', messageId: 'b', lamport: 1 })
        expect(again.messages).toEqual([bytesOf(700, 9), bytesOf(60, 8)])
      }
    }
  })

  it.each([
    ['has too few segments', 0b0000_0001],
    ['has segments that do not exist', 0b0010_0111],
  ])('takes no message for complete that %s', (_, seen) => {
    const bench = new StageOnBench()
    const segments = split(bytesOf(500), { parityRate: 0.5 })
    bench.feed(...segments)
    const [key, value] = [...bench.stored][0]!
    const at = value.lastIndexOf(0b0001_1111)
    expect([segments.length, at > 0]).toEqual([5, true])
    const corrupt: string[] = []
    const restore = [{ key, value: value.with(at, seen) }]
    createReassemblyStage({ restore, onCorrupt: (one) => corrupt.push(one) })
    expect(corrupt).toEqual([key])
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
