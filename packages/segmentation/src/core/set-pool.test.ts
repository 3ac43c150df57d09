import { describe, expect, it } from 'vitest'
import { createReassemblyStage } from '../core.ts'
import { StageOnBench, bytesOf, droppedOf, messagesOf, split } from '../../test/stage-on-bench.ts'

/** The first segments of as many different payloads. */
const beginnings = (
  count: number,
  senderId?: string,
): { payload: Uint8Array; senderId: string | undefined }[] =>
  Array.from({ length: count }, (_, seed) => ({ payload: split(bytesOf(400, seed + 10))[0]!, senderId }))

describe('limits of reassembly', () => {
  it('evict the least recently continued set when there are too many', () => {
    // SEG-24
    const bench = new StageOnBench({ maxSets: 3 })
    const [a, b, c, d] = [1, 2, 3, 4].map((seed) => split(bytesOf(500, seed)))
    bench.feed(a![0]!, b![0]!, c![0]!)
    bench.now++
    bench.feed(a![1]!, d![0]!)
    expect(droppedOf(bench.outputs)).toMatchObject([{ reason: 'evicted', held: 1, needed: 3, bytes: 192 }])
    expect(messagesOf(bench.feed(a![2]!))).toHaveLength(1)
    bench.feed(b![1]!, b![2]!)
    expect(bench.messages).toHaveLength(1)
  })

  it('allow 100 sets by default', () => {
    const bench = new StageOnBench()
    bench.feed(...beginnings(101))
    expect(bench.stage.stats().sets).toBe(100)
    expect(bench.reasons).toEqual(['evicted'])
  })

  it('hold the bytes below their bound under a flood', () => {
    // SEG-25
    const bench = new StageOnBench({ maxBufferedBytes: 10_000 })
    for (const frame of beginnings(500)) {
      bench.feed(frame)
      expect(bench.stage.stats().bufferedBytes).toBeLessThanOrEqual(10_000)
    }
    expect(bench.stage.stats().sets).toBe(Math.floor(10_000 / 192))
    expect(bench.stored.size).toBe(bench.stage.stats().sets)
  })

  it('drop a set that cannot fit alone, and discard the segment', () => {
    // SEG-25
    const bench = new StageOnBench({ maxBufferedBytes: 500 })
    bench.feed(...split(bytesOf(1_000)).slice(0, 3))
    expect(bench.reasons).toEqual(['evicted', 'cache-full'])
    expect(bench.stage.stats()).toMatchObject({ sets: 0, bufferedBytes: 0 })
  })

  it('let honest sets survive a flood by another sender, of sets and of bytes', () => {
    // SEG-42
    const honest = split(bytesOf(1_000)).map((payload) => ({ payload, senderId: 'alice' }))
    for (const options of [{ maxSets: 100 }, { maxBufferedBytes: 20_000 }, { maxSetsPerSender: 5 }]) {
      const bench = new StageOnBench(options)
      bench.feed(honest[0]!)
      bench.feed(...beginnings(1_000, 'mallory'))
      bench.feed(...honest.slice(1))
      expect(bench.messages).toEqual([bytesOf(1_000)])
    }
  })

  it('bound what one known sender may hold', () => {
    // SEG-42
    const bench = new StageOnBench({ maxSetsPerSender: 5, maxBufferedBytesPerSender: 800 })
    for (const frame of beginnings(50, 'mallory')) {
      bench.feed(frame)
      const { sets, bufferedBytes } = bench.stage.stats()
      expect(sets).toBeLessThanOrEqual(5)
      expect(bufferedBytes).toBeLessThanOrEqual(800)
    }
    bench.feed(...split(bytesOf(2_000)).map((payload) => ({ payload, senderId: 'mallory' })))
    expect(bench.stage.stats().rejected['cache-full']).toBeGreaterThan(0)
    bench.feed(...beginnings(50))
    expect(bench.stage.stats().sets).toBeGreaterThan(50)
  })

  it('take a sender who names himself by nothing for a known one', () => {
    // SEG-42
    const bench = new StageOnBench({ maxSetsPerSender: 5, maxCompleted: 4 })
    bench.feed(...beginnings(50, ''))
    expect(bench.stage.stats().sets).toBe(5)
    expect(droppedOf(bench.outputs)[0]!.senderId).toBe('')
    bench.feed(...beginnings(1))
    expect(bench.stage.stats().sets).toBe(6)

    const honest = { payload: split(bytesOf(5))[0]!, senderId: 'alice' }
    bench.feed(honest, ...[6, 7, 8, 9].map((n) => ({ payload: split(bytesOf(n))[0]!, senderId: '' })))
    bench.feed(honest)
    expect(bench.messages).toHaveLength(5)
  })

  it('hold under a flood of senders', () => {
    const bench = new StageOnBench({ maxBufferedBytes: 20_000 })
    for (const [i, { payload }] of beginnings(2_000).entries())
      bench.feed({ payload, senderId: `sybil ${i}` })
    const { sets, bufferedBytes } = bench.stage.stats()
    expect(sets).toBeLessThanOrEqual(100)
    expect(bufferedBytes).toBeLessThanOrEqual(20_000)
  })

  it('are checked when the stage is made', () => {
    expect(() => createReassemblyStage({ maxSets: 0 })).toThrow('"maxSets" expected a number from 1, got 0')
    expect(() => createReassemblyStage({ timeoutMs: Number.NaN })).toThrow(RangeError)
    expect(() => createReassemblyStage({ dialect: 'nim' as never })).toThrow(RangeError)
  })
})
