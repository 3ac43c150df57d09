import { TestScheduler } from 'rxjs/testing'
import { describe, expect, it } from 'vitest'
import { createSegmenter, segmentPayload } from './core.ts'
import { PayloadTooLargeError, segmentAll } from './index.ts'

const large = new Uint8Array(2_500_000).fill(3)

describe('segmentAll', () => {
  it('gives the segments of a small payload at once', () => {
    const payload = new Uint8Array(100_000)
    expect(segmentAll(payload)).toEqual(segmentPayload(payload))
  })

  it('takes a segmenter that was made before', () => {
    const segmenter = createSegmenter({ segmentSizeBytes: 1_000 })
    const payload = new Uint8Array(5_000)
    expect(segmentAll(payload, { segmenter })).toEqual(segmentPayload(payload, { segmentSizeBytes: 1_000 }))
    expect(() => segmentAll(payload, { segmenter: {} as never })).toThrow(
      '"segmenter.split" expected a function',
    )
  })

  it('gives those of a large payload after pauses, in which others have their turn', async () => {
    let turns = 0
    const count = (): void => {
      turns++
      if (turns < 1_000) immediate = setImmediate(count)
    }
    let immediate = setImmediate(count)
    const segments = await segmentAll(large, { parityRate: 0.2 })
    clearImmediate(immediate)
    expect(turns).toBeGreaterThan(1)
    const expected = segmentPayload(large, { parityRate: 0.2 })
    expect(segments.length).toBe(expected.length)
    for (const [i, { payload }] of segments.entries()) {
      expect(Buffer.compare(payload, expected[i]!.payload)).toBe(0)
    }
  })

  it('takes its pauses from a scheduler if there is one', async () => {
    const scheduler = new TestScheduler(() => {})
    const segments = segmentAll(large, { scheduler })
    expect(segments).toBeInstanceOf(Promise)
    scheduler.flush()
    expect(await segments).toHaveLength(25)
  })

  it('stops when it is told to', async () => {
    const controller = new AbortController()
    const segments = segmentAll(large, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(segments).rejects.toThrow('enough')
    expect(() => segmentAll(large, { signal: controller.signal })).toThrow('enough')
  })

  it('throws at once for a payload that is too large', () => {
    expect(() => segmentAll(large, { segmentSizeBytes: 320 })).toThrow(PayloadTooLargeError)
  })
})
