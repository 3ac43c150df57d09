import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeSegment, encodeSegment } from '../core.ts'
import { StageOnBench, bytesOf, messagesOf, split } from '../../test/stage-on-bench.ts'

const payload = bytesOf(1_000)

describe('reassembly', () => {
  it('makes the payload of its segments: 1,000 bytes in chunks of 192 are six', () => {
    // SEG-01 SEG-03
    const segments = split(payload)
    expect(segments).toHaveLength(6)
    const bench = new StageOnBench()
    expect(messagesOf(bench.feed(...segments))).toEqual([payload])
    const [small] = split(Uint8Array.of(1, 2, 3))
    expect(decodeSegment(small!)).toMatchObject({ index: 0, dataCount: 1, isParity: false })
    expect(small).not.toEqual(Uint8Array.of(1, 2, 3))
    expect(messagesOf(bench.feed(small!))).toEqual([Uint8Array.of(1, 2, 3)])
  })

  it('takes segments in any order, repeated, of both dialects', () => {
    // SEG-05 SEG-07
    fc.assert(
      fc.property(
        fc.constantFrom('current' as const, 'lip-243' as const),
        fc.integer({ min: 0, max: 3_000 }),
        fc.array(fc.nat(), { minLength: 60, maxLength: 60 }),
        (dialect, length, picks) => {
          const message = bytesOf(length, length + 1)
          const segments = split(message, { dialect })
          const bench = new StageOnBench()
          const order = [...picks.map((pick) => segments[pick % segments.length]!), ...segments]
          bench.feed(...order)
          expect(bench.messages).toEqual([message])
          expect(bench.stage.stats()).toMatchObject({ sets: 0, bufferedBytes: 0, completed: 1 })
        },
      ),
    )
  })

  it('delivers nothing of an incomplete set, and says how far it is', () => {
    // SEG-06
    const segments = split(payload)
    const bench = new StageOnBench()
    bench.feed(...segments.slice(0, 5))
    expect(bench.messages).toEqual([])
    expect(bench.stage.stats()).toMatchObject({ sets: 1, bufferedBytes: 960 })
    expect(bench.outputs.at(-1)).toMatchObject({ type: 'progress', held: 5, needed: 6, bytes: 960 })
  })

  it('hands over the frame that completed the message, and what the message was made of', () => {
    const bench = new StageOnBench()
    const frames = split(payload).map((segment, id) => ({ payload: segment, senderId: 'alice', id }))
    bench.feed(...frames)
    expect(bench.outputs.at(-1)).toMatchObject({
      type: 'message',
      frame: { senderId: 'alice', id: 5 },
      message: { dataCount: 6, parityCount: 0, heldCount: 6, recovered: false },
    })
  })

  it('gives a payload of its own, and holds no more memory than it counts', () => {
    const [segment] = split(Uint8Array.of(7))
    const inHugeBuffer = new Uint8Array(1_000_000).subarray(0, segment!.length)
    inHugeBuffer.set(segment!)
    const bench = new StageOnBench()
    const [message] = messagesOf(bench.feed(inHugeBuffer))
    expect(message!.buffer.byteLength).toBe(1)
  })

  it('takes every frame for a message where the dialect is raw', () => {
    const bench = new StageOnBench({ dialect: 'raw' })
    const [segment] = split(payload)
    expect(messagesOf(bench.feed(segment!, segment!))).toEqual([segment, segment])
    expect(bench.stored.size).toBe(0)
  })

  it('keeps segments of different senders apart', () => {
    const segments = split(payload)
    const bench = new StageOnBench()
    bench.feed(
      ...segments.slice(0, 3).map((segment) => ({ payload: segment, senderId: 'alice' })),
      ...segments.slice(3).map((segment) => ({ payload: segment, senderId: 'mallory' })),
    )
    expect(bench.messages).toEqual([])
    expect(bench.stage.stats().sets).toBe(2)
    bench.feed(...segments.map((segment) => ({ payload: segment, senderId: 'alice' })))
    expect(bench.messages).toEqual([payload])
  })

  it('names the first reason for which a segment is turned away', () => {
    const bench = new StageOnBench({ maxSegmentBytes: 191 })
    const [segment] = split(payload)
    const decoded = decodeSegment(segment!)!
    const made = (change: object): Uint8Array => encodeSegment({ ...decoded, ...change })
    // SEG-09 SEG-10 SEG-11
    bench.feed(Uint8Array.of(255), made({ hash: new Uint8Array(31) }), made({ dataCount: 0 }))
    bench.feed(made({ index: 6 }), made({ isParity: true }), segment!)
    expect(bench.reasons).toEqual(['undecodable', 'invalid', 'invalid', 'invalid', 'invalid', 'oversized'])
    expect(bench.stage.stats().rejected).toMatchObject({ undecodable: 1, invalid: 4, oversized: 1 })
    expect(bench.stage.stats().sets).toBe(0)
  })
})
