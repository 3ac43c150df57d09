import { describe, expect, it } from 'vitest'
import {
  StageOnBench,
  bytesOf,
  corrupted,
  droppedOf,
  messagesOf,
  split,
} from '../../../test/stage-on-bench.ts'

const payload = bytesOf(1_000)

describe('a payload that is not what its hash promises', () => {
  it('is discarded, reported with its hash, and never delivered', () => {
    // SEG-15
    const segments = split(payload)
    const bench = new StageOnBench()
    bench.feed(...segments.slice(0, 5), corrupted(segments[5]!))
    expect(bench.messages).toEqual([])
    const [dropped] = droppedOf(bench.outputs)
    expect(dropped).toMatchObject({ reason: 'hash-mismatch', held: 6, needed: 6 })
    expect(dropped!.payloadHash).toMatch(/^[0-9a-f]{64}$/)
    expect(bench.stage.stats()).toMatchObject({ sets: 0, bufferedBytes: 0 })
    expect(bench.stored.size).toBe(0)
    expect(messagesOf(bench.feed(...segments))).toEqual([payload])
  })
})
