import { describe, expect, it } from 'vitest'
import { checkedStore } from './checked-store.ts'
import { memoryStore } from './memory-store.ts'
import type { CorruptEntry } from './store.ts'
import { storeConformance } from './conformance/suite.ts'

describe('a checked store', () => {
  storeConformance({
    describe,
    test: it,
    equal: (actual, expected, message) => expect(actual, message).toEqual(expected),
    create: async () => {
      const medium = new Map<string, Uint8Array>()
      return { open: () => checkedStore(memoryStore(medium)), destroy: async () => {} }
    },
  })

  // X10
  it('hands out no entry of which a bit was flipped, or that lies under another key, and tells', async () => {
    const medium = new Map<string, Uint8Array>()
    const store = checkedStore(memoryStore(medium))
    await store.write([
      { key: 'a', value: Uint8Array.of(1, 2, 3) },
      { key: 'b', value: new Uint8Array(0) },
    ])
    const sound = new Map(medium)
    for (const [key, bytes] of sound) {
      for (let bit = 0; bit < 8 * bytes.length; bit++) {
        const damaged = bytes.slice()
        damaged[bit >> 3]! ^= 1 << (bit & 7)
        medium.set(key, damaged)
        const told: CorruptEntry[] = []
        expect(await store.get(key, (entry) => told.push(entry))).toBeUndefined()
        for await (const entry of store.entries('', (one) => told.push(one))) expect(entry.key).not.toBe(key)
        expect(told).toEqual([
          { key, reason: 'checksum' },
          { key, reason: 'checksum' },
        ])
      }
      medium.set(key, bytes)
    }
    medium.set('b', sound.get('a')!)
    expect(await store.get('b')).toBeUndefined()
    medium.set('b', sound.get('a')!.slice(0, 5))
    const told: CorruptEntry[] = []
    await store.get('b', (entry) => told.push(entry))
    expect(told).toEqual([{ key: 'b', reason: 'truncated' }])
  })

  it('hands out what was there before there were checks', async () => {
    const medium = new Map([
      ['old', Uint8Array.of(1, 2, 3)],
      ['empty', new Uint8Array(0)],
    ])
    const store = checkedStore(memoryStore(medium))
    expect(await store.get('old')).toEqual(Uint8Array.of(1, 2, 3))
    expect(await store.get('empty')).toEqual(new Uint8Array(0))
  })

  it('closes the store below at the end of the block', async () => {
    const medium = memoryStore()
    {
      await using store = checkedStore(medium)
      await store.write([{ key: 'a', value: Uint8Array.of(1) }])
    }
    await expect(medium.get('a')).rejects.toThrow('closed')
  })
})
