import { setImmediate } from 'node:timers/promises'

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

  it('end with the source at once, and fail with it', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1)
      throw new Error('broken')
    }
    const packets: number[][] = []
    await expect(
      (async () => {
        for await (const packet of packed(broken())) packets.push(bytes(packet))
      })(),
    ).rejects.toThrow('broken')
    expect(packets.flat()).toHaveLength(0)
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
})
