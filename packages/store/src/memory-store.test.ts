import { Buffer } from 'node:buffer'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { memoryStore } from './index.ts'

describe('the store in memory', () => {
  it('gives plain bytes of its own, also of a Buffer', async () => {
    const store = memoryStore()
    await store.write([{ key: 'a', value: Buffer.from([1, 2]) }])
    const read = [(await store.get('a'))!]
    for await (const { value } of store.entries('')) read.push(value)
    for (const value of read) {
      expect(value.constructor).toBe(Uint8Array)
      value.fill(9)
    }
    expect(read).toHaveLength(2)
    expect(await store.get('a')).toEqual(Uint8Array.of(1, 2))
  })

  it('takes a Map and values of any realm', async () => {
    const medium = runInNewContext('new Map()') as Map<string, Uint8Array>
    const value = runInNewContext('Uint8Array.of(1, 2)') as Uint8Array
    await memoryStore(medium).write([{ key: 'a', value }])
    expect(await memoryStore(medium).get('a')).toEqual(Uint8Array.of(1, 2))
  })

  it('takes what does what a Map does', async () => {
    const held = new Map<string, Uint8Array>()
    const medium = {
      get: (key: string) => held.get(key),
      set: (key: string, value: Uint8Array) => held.set(key, value),
      delete: (key: string) => held.delete(key),
      [Symbol.iterator]: () => held.entries(),
    }
    const store = memoryStore(medium as unknown as Map<string, Uint8Array>)
    await store.write([{ key: 'a', value: Uint8Array.of(1) }])
    await store.write([{ key: 'b', value: undefined }])
    expect([...held.keys()]).toEqual(['a'])
  })
})
