import { describe, expect, it } from 'vitest'
import { ParkedSegments } from './parked-segments.ts'
import { SetPlaces } from './places.ts'
import { segmentPayload } from './segmenter.ts'

describe('parked segments', () => {
  it('leave nothing behind when they are withdrawn, while others of their payload stay', () => {
    const most = { bytes: 1_000_000, segments: 100 }
    const parked = new ParkedSegments(
      1_000_000,
      new SetPlaces({ ofAll: most, ofSender: most, ofMessage: most, mostMs: 1_000 }),
    )
    const segments = segmentPayload(new Uint8Array(1_000), { segmentSizeBytes: 320 })
    const [first, second] = segments.map(({ payload }, index) => ({
      messageId: `m${index}`,
      senderId: 'mallory',
      content: payload,
      missing: [],
      sameSenderHistory: [],
    }))
    const group = parked.add(first!, 1_000, 0)!
    parked.add(second!, 1_000, 0)
    parked.remove('m0')
    expect(parked.size).toBe(1)
    const held = new Set<ArrayBufferLike>()
    const walk = (value: unknown): void => {
      if (value instanceof Uint8Array) held.add(value.buffer)
      else if (value instanceof Map || value instanceof Set) for (const inner of value.values()) walk(inner)
      else if (typeof value === 'object' && value !== null) {
        for (const [key, inner] of Object.entries(value)) if (key !== 'group') walk(inner)
      }
    }
    walk(group)
    expect(held.has(second!.content.buffer)).toBe(true)
    expect(held.has(first!.content.buffer)).toBe(false)
  })
})
