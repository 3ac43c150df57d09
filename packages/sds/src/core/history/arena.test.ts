import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arena, MOST_RECORD_BYTES } from './arena.ts'

/** An arena beside the records that should be in it. */
class Twin {
  readonly records = new Map<number, { address: number; bytes: Uint8Array }>()
  readonly arena = new Arena((owner, address) => {
    this.records.get(owner)!.address = address
  })
  #owners = 0
  liveBytes = 0

  put(length: number): number {
    const owner = this.#owners++
    const words = new Uint32Array(Math.ceil(length / 4) + 1)
    const bytes = new Uint8Array(words.buffer)
    bytes.forEach((_, i) => (bytes[i] = owner * 7 + i))
    const address = this.arena.put(owner, words, 1, length)
    this.records.set(owner, { address, bytes: bytes.slice(4, 4 + length) })
    this.liveBytes += length + 12
    return owner
  }

  free(owner: number): void {
    const { address, bytes } = this.records.get(owner)!
    this.records.delete(owner)
    this.liveBytes -= bytes.length + 12
    this.arena.free(address)
  }

  check(): void {
    for (const { address, bytes } of this.records.values()) {
      const start = this.arena.startOf(address)
      const length = this.arena.lengthOf(address)
      expect(Buffer.compare(this.arena.chunkOf(address).subarray(start, start + length), bytes)).toBe(0)
    }
  }
}

describe('the arena', () => {
  it('gives back each record as it was put, whatever else comes, goes and moves', () => {
    const length = fc.oneof(fc.nat(300), fc.constantFrom(0, 1, 3, 4, MOST_RECORD_BYTES))
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), length), { maxLength: 300, size: 'max' }), (steps) => {
        const twin = new Twin()
        for (const [number, size] of steps) {
          const owners = [...twin.records.keys()]
          if (number % 3 === 0 && owners.length > 0) twin.free(owners[number % owners.length]!)
          else for (let i = 0; i < 8; i++) twin.put(size)
        }
        twin.check()
      }),
      { numRuns: 30 },
    )
  })

  it('holds on to little more than what is kept, whichever is kept', () => {
    const twin = new Twin()
    for (let i = 0; i < 20_000; i++) {
      twin.put(200)
      // A few in each chunk stay.
      if (i % 100 > 0) twin.free(i)
    }
    twin.check()
    expect(twin.records.size).toBe(200)
    expect(twin.arena.bytes).toBeLessThan(2 * twin.liveBytes + 6 * 65_536)
    for (const owner of twin.records.keys()) twin.free(owner)
    expect(twin.arena.bytes).toBeLessThanOrEqual(4 * 65_536)
  })

  it('holds on to little more than what is kept, when all came before any went', () => {
    const twin = new Twin()
    for (let i = 0; i < 20_000; i++) twin.put(200)
    for (let i = 0; i < 20_000; i++) if (i % 300 > 0) twin.free(i)
    twin.check()
    expect(twin.arena.bytes).toBeLessThan(2 * twin.liveBytes + 6 * 65_536)
  })
})
