import { describe, expect, it } from 'vitest'
import { ContentStore, SMALL } from './content-store.ts'

const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte)

describe('the store of contents', () => {
  it('keeps contents up to a size side by side, and larger ones in memory of their own', () => {
    const store = new ContentStore(false)
    const [first, largestShared, larger] = [1, SMALL, SMALL + 1].map((length) =>
      store.keep(filled(length, 7)),
    )
    expect(largestShared!.buffer).toBe(first!.buffer)
    expect(largestShared!.byteOffset).toBe(1)
    expect(larger!.buffer.byteLength).toBe(SMALL + 1)
  })

  it('keeps what was given, whatever is kept after it and whatever becomes of the bytes that it came in', () => {
    const store = new ContentStore(false)
    const kept = Array.from({ length: 300 }, (_, i) => {
      const content = Buffer.alloc(i % 3 === 0 ? SMALL + 1 : SMALL - i, i)
      const own = store.keep(content)
      content.fill(255)
      return own
    })
    for (const [i, own] of kept.entries()) {
      expect(own.length).toBe(i % 3 === 0 ? SMALL + 1 : SMALL - i)
      expect(own.every((byte) => byte === i % 256)).toBe(true)
    }
  })

  it('keeps and gives large contents as they are where they are shared, and copies what is in much larger memory', () => {
    const store = new ContentStore(true)
    const frame = filled(40_000, 7)
    const content = frame.subarray(10_000)
    expect(store.keep(content)).toBe(content)
    expect(store.give(content)).toBe(content)
    const small = frame.subarray(0, SMALL)
    expect(store.keep(small).buffer).not.toBe(frame.buffer)
    expect(store.give(small).buffer).not.toBe(frame.buffer)
    const part = frame.subarray(10_001)
    expect(store.keep(part)).toEqual(part)
    expect(store.keep(part).buffer.byteLength).toBe(part.length)
  })

  it('shares nothing with memory that threads share', () => {
    const content = new Uint8Array(new SharedArrayBuffer(SMALL + 1))
    const kept = new ContentStore(true).keep(content)
    expect(kept.buffer).toBeInstanceOf(ArrayBuffer)
  })

  it('fills a piece of memory to its last byte before it takes another, each twice as large up to 64 KiB', () => {
    const store = new ContentStore(false)
    const kept = Array.from({ length: 254 }, () => store.keep(filled(SMALL, 1)))
    const pieces = [...new Set(kept.map(({ buffer }) => buffer))]
    expect(pieces.map(({ byteLength }) => byteLength / SMALL)).toEqual([2, 4, 8, 16, 32, 64, 64, 64])
    expect(pieces.map((piece) => kept.filter(({ buffer }) => buffer === piece).length)).toEqual([
      2, 4, 8, 16, 32, 64, 64, 64,
    ])
  })
})
