import { setImmediate } from 'node:timers/promises'

import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it } from 'vitest'

import { packed } from './packed.ts'

const bytes = (list: Uint8ArrayList): number[] => [...list.subarray()]

describe('packets', () => {
  it('hold what was written in one turn, in order, and what comes later is in the next', async () => {
    async function* written(): AsyncGenerator<Uint8Array | Uint8ArrayList> {
      yield Uint8Array.of(1)
      yield new Uint8ArrayList(Uint8Array.of(2), Uint8Array.of(3))
      await setImmediate()
      await setImmediate()
      yield Uint8Array.of(4)
    }
    const packets: number[][] = []
    for await (const packet of packed(written())) packets.push(bytes(packet))
    expect(packets).toEqual([[1, 2, 3], [4]])
  })

  it('leave before they are too large for one packet of noise', async () => {
    async function* written(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 5; i++) yield new Uint8Array(30_000)
    }
    const sizes: number[] = []
    for await (const packet of packed(written())) sizes.push(packet.byteLength)
    expect(sizes).toEqual([90_000, 60_000])
  })

  it('are the bytes that were written, however they were', async () => {
    const chunk = fc.oneof(fc.nat(100), fc.constantFrom(64_999, 65_000, 65_001, 65_519, 131_000))
    const turns = fc.array(fc.array(chunk, { maxLength: 5 }), { maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(turns, fc.boolean(), async (writes, isList) => {
        let at = 0
        async function* written(): AsyncGenerator<Uint8Array | Uint8ArrayList> {
          for (const sizes of writes) {
            for (const size of sizes) {
              const one = Uint8Array.from({ length: size }, () => at++ % 251)
              yield isList ? new Uint8ArrayList(one) : one
            }
            await setImmediate()
            await setImmediate()
          }
        }
        const packets: Uint8Array[] = []
        for await (const packet of packed(written())) packets.push(packet.subarray())
        const all = new Uint8ArrayList(...packets).subarray()
        expect(all.length).toBe(writes.flat().reduce((sum, size) => sum + size, 0))
        expect(all.every((byte, index) => byte === index % 251)).toBe(true)
        // One more only where one was full.
        const full = packets.filter(({ length }) => length >= 65_000).length
        expect(packets.length).toBeLessThanOrEqual(writes.filter(({ length }) => length > 0).length + full)
      }),
      { numRuns: 50 },
    )
  })

  it('end with the source at once, and fail with it once what was written is out', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1)
      yield Uint8Array.of(2)
      throw new Error('broken')
    }
    const packets: number[][] = []
    await expect(
      (async () => {
        for await (const packet of packed(broken())) packets.push(bytes(packet))
      })(),
    ).rejects.toThrow('broken')
    expect(packets).toEqual([[1, 2]])
  })

  it('let go of the source when nobody takes any more', async () => {
    let left = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Uint8Array.of(1)
      } finally {
        left = true
      }
    }
    for await (const packet of packed(endless())) {
      expect(packet.byteLength).toBe(65_000)
      break
    }
    await setImmediate()
    expect(left).toBe(true)
  })

  it('let go of a source that has nothing more for now', async () => {
    let left = false
    const source = {
      written: false,
      [Symbol.asyncIterator]() {
        return this
      },
      next(): Promise<IteratorResult<Uint8Array>> {
        if (this.written) return new Promise(() => {})
        this.written = true
        return Promise.resolve({ done: false, value: Uint8Array.of(1) })
      },
      return(): Promise<IteratorResult<Uint8Array>> {
        left = true
        return Promise.reject(new Error('nobody asked'))
      },
    }
    for await (const _ of packed(source)) break
    expect(left).toBe(true)
  })

  it('hold what can be had at once', async () => {
    const packets: number[][] = []
    for await (const packet of packed([Uint8Array.of(1), Uint8Array.of(2)])) packets.push(bytes(packet))
    expect(packets).toEqual([[1, 2]])
  })
})
