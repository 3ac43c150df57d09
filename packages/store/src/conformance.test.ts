import { deepStrictEqual } from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { describe, expect, it } from 'vitest'
import { turn } from './conformance/bench.ts'
import { type Change, type Store, memoryStore } from './index.ts'
import { levelStore } from './level.ts'
import { type StoreMedium, storeConformance } from './testing.ts'

const equal = (actual: unknown, expected: unknown, message?: string): void =>
  expect(actual, message).toEqual(expected)

const inMemory = async (): Promise<StoreMedium> => {
  const medium = new Map<string, Uint8Array>()
  return { open: () => memoryStore(medium), destroy: async () => {} }
}

const inDirectory = (options: { sync?: boolean; prefix?: string }) => async (): Promise<StoreMedium> => {
  const directory = await mkdtemp(join(tmpdir(), 'store-'))
  return {
    open: () => levelStore(new ClassicLevel(directory), options),
    destroy: () => rm(directory, { recursive: true }),
  }
}

describe('memoryStore', () => storeConformance({ describe, test: it, equal, create: inMemory }))

describe('levelStore on classic-level', () =>
  storeConformance({ describe, test: it, equal, create: inDirectory({}) }))

describe('levelStore on classic-level with sync and a prefix', () =>
  storeConformance({ describe, test: it, equal, create: inDirectory({ sync: true, prefix: 'ÿ/app/' }) }))

/** Runs the suite on a spoiled store and returns the titles of the tests that failed. */
async function failures(spoil: (store: Store) => Partial<Store>): Promise<string[]> {
  const tests: [string, () => Promise<void>][] = []
  storeConformance({
    test: (title, run) => tests.push([title, run]),
    equal: deepStrictEqual,
    create: async () => {
      const medium = new Map<string, Uint8Array>()
      const open = (): Store => {
        const store = memoryStore(medium)
        const sound: Store = {
          get: (key) => store.get(key),
          write: (changes) => store.write(changes),
          entries: (prefix) => store.entries(prefix),
          close: () => store.close(),
        }
        return { ...sound, ...spoil(store) }
      }
      return { open, destroy: async () => {} }
    },
  })
  const failed: string[] = []
  for (const [title, run] of tests) await run().catch(() => failed.push(title))
  return failed
}

describe('the suite fails a store that', () => {
  it.each<[string, string, (store: Store) => Partial<Store>]>([
    [
      'writes the changes one by one',
      'none of the changes',
      (store) => ({
        write: async (changes) => {
          for (const change of changes) await store.write([change])
          if (changes.length === 0) await store.write([])
        },
      }),
    ],
    [
      'lets half of a write be seen',
      'all of a write or nothing',
      (store) => ({
        write: async (changes) => {
          for (const change of changes) {
            await turn()
            await store.write([change])
          }
        },
      }),
    ],
    [
      'applies writes out of order',
      'in the order in which they were asked for',
      (store) => {
        const held: (readonly Change[])[] = []
        return {
          write: async (changes) => {
            held.push(changes)
            await turn()
            for (const each of held.splice(0).toReversed()) await store.write(each)
          },
        }
      },
    ],
    [
      'lists in the order of UTF-16 units',
      'order of the UTF-8 bytes',
      (store) => ({
        async *entries(prefix) {
          const entries = []
          for await (const entry of store.entries(prefix)) entries.push(entry)
          yield* entries.toSorted((a, b) => (a.key < b.key ? -1 : 1))
        },
      }),
    ],
    ['ignores the prefix', 'start with a prefix', (store) => ({ entries: () => store.entries('') })],
    [
      'lists what is written meanwhile',
      'at one moment',
      (store) => ({
        async *entries(prefix) {
          const keys = []
          for await (const { key } of store.entries(prefix)) keys.push(key)
          for (const key of keys) {
            const value = await store.get(key)
            if (value !== undefined) yield { key, value }
          }
        },
      }),
    ],
    [
      'hands out Buffers',
      'plain Uint8Arrays',
      (store) => ({
        get: async (key) => {
          const value = await store.get(key)
          return value && Buffer.from(value)
        },
      }),
    ],
    [
      'does not wait for writes when it is closed',
      'waits for writes under way',
      (store) => ({
        write: async (changes) => {
          await turn()
          await store.write(changes)
        },
      }),
    ],
    [
      'answers after it was closed',
      'rejects everything once it is closed',
      () => ({ close: async () => {} }),
    ],
    [
      'forgets',
      'finds after opening again',
      (store) => ({
        close: async () => {
          for await (const { key } of store.entries('')) await store.write([{ key, value: undefined }])
          await store.close()
        },
      }),
    ],
  ])('%s', async (_, title, spoil) => {
    expect(await failures(spoil)).toEqual(expect.arrayContaining([expect.stringContaining(title)]))
  })

  it('and none that keeps the contract', async () => {
    expect(await failures(() => ({}))).toEqual([])
  })
})
