import { describe, expect, it } from 'vitest'
import { StageOnBench, bytesOf, reasonsOf, split } from '../../../test/stage-on-bench.ts'

const payload = bytesOf(1_000)

describe('an incomplete set', () => {
  it('expires after its last new segment, and only then', () => {
    // SEG-22
    const segments = split(payload)
    const bench = new StageOnBench({ timeoutMs: 30_000 })
    bench.feed(segments[0]!)
    bench.pass(20_000)
    bench.feed(segments[1]!)
    // A repeated segment is no sign of life.
    bench.pass(20_000)
    bench.feed(segments[1]!)
    expect(bench.pass(9_000)).toEqual([])
    expect(bench.stage.stats()).toMatchObject({ sets: 1, bufferedBytes: 384 })
    expect(reasonsOf(bench.pass(2_000))).toEqual(['expired'])
    expect(bench.stage.stats()).toMatchObject({ sets: 0, bufferedBytes: 0 })
    expect(bench.stored.size).toBe(0)
    expect(bench.stage.deadline()).toBeUndefined()
    bench.feed(...segments.slice(2))
    expect(bench.messages).toEqual([])
  })

  it('gets the time back that the machine slept', () => {
    const bench = new StageOnBench({ timeoutMs: 30_000 })
    bench.feed(split(payload)[0]!)
    bench.now += 1_000_000
    bench.input({ type: 'suspended', lateMs: 1_000_000 })
    expect(bench.pass(29_999)).toEqual([])
    expect(reasonsOf(bench.pass(1))).toEqual(['expired'])
  })
})
