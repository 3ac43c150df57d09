/** What the tests in Chromium call in the page. */
import { type Exclusive, type Store, exclusive } from '@reliable-channels/store'
import { levelStore } from '@reliable-channels/store/level'
import { storeConformance } from '@reliable-channels/store/testing'
import { BrowserLevel } from 'browser-level'
import { type TestResult, createRunner } from '../../browser/run-suite.ts'

const open = (name: string, sync = false) => levelStore(new BrowserLevel(name), { sync })

let held: Exclusive | undefined
let filling: Store | undefined

const page = {
  conformance(sync: boolean): Promise<TestResult[]> {
    const { test, equal, run } = createRunner()
    let count = 0
    storeConformance({
      test,
      equal,
      create: async () => {
        const name = `conformance-${sync}-${count++}`
        return { open: () => open(name, sync), destroy: () => BrowserLevel.destroy(name) }
      },
    })
    return run()
  },

  /** The durability that the writes of a store ask of IndexedDB. */
  async durability(sync: boolean): Promise<(string | undefined)[]> {
    const asked: (string | undefined)[] = []
    const original = Object.getOwnPropertyDescriptor(IDBDatabase.prototype, 'transaction')!
    IDBDatabase.prototype.transaction = function (...args) {
      const transaction = (original.value as typeof IDBDatabase.prototype.transaction).apply(this, args)
      if (transaction.mode === 'readwrite') asked.push(transaction.durability)
      return transaction
    }
    try {
      const store = open('durability', sync)
      await store.write([{ key: 'a', value: Uint8Array.of(1) }])
      await store.close()
    } finally {
      Object.defineProperty(IDBDatabase.prototype, 'transaction', original)
    }
    return asked
  },

  /** What a store reads, twice, after its connection was closed as browsers close it: without a word, and without a write after. */
  async readAfterClosing(how: 'get' | 'entries'): Promise<(number | undefined)[]> {
    const connections: IDBDatabase[] = []
    const original = Object.getOwnPropertyDescriptor(IDBDatabase.prototype, 'transaction')!
    IDBDatabase.prototype.transaction = function (...args) {
      connections.push(this)
      return (original.value as typeof IDBDatabase.prototype.transaction).apply(this, args)
    }
    const store = open(`closed-${how}`)
    try {
      await store.write([{ key: 'a', value: Uint8Array.of(7) }])
    } finally {
      Object.defineProperty(IDBDatabase.prototype, 'transaction', original)
    }
    connections.at(-1)!.close()
    const read = async (): Promise<number | undefined> => {
      if (how === 'get') return (await store.get('a'))?.[0]
      for await (const { value } of store.entries('')) return value[0]
      return undefined
    }
    const values = [await read(), await read()]
    await store.close()
    return values
  },

  /** Writes pairs until the page is gone; tells of each that was answered. */
  async writePairs(name: string, from: number, answered: (i: number) => unknown): Promise<void> {
    const store = open(name)
    for (let i = from; ; i++) {
      const value = new Uint8Array(200 + ((i * 37) % 5000)).fill(i)
      await store.write([
        { key: `a/${i}`, value },
        { key: `b/${i}`, value },
      ])
      answered(i)
    }
  },

  /** Writes entries of 50 kB, numbered from `from`, until one fails or there are `to`; says how many there are, and why it ended. */
  async writeUntilFull(from: number, to: number): Promise<{ stored: number; error?: string }> {
    // The same store before and after.
    filling ??= open('quota')
    let stored = from
    try {
      for (; stored < to; stored++) {
        const value = crypto.getRandomValues(new Uint8Array(50_000))
        await filling.write([{ key: `k/${stored}`, value }])
      }
      return { stored }
    } catch (error) {
      const first = await filling.get('k/0')
      return { stored, error: `${(error as Error).name}, and reads ${first?.length} bytes` }
    }
  },

  async keys(name: string): Promise<string[]> {
    const store = open(name)
    const keys: string[] = []
    for await (const { key } of store.entries('')) keys.push(key)
    await store.close()
    return keys
  },

  /** Takes the name; returns `held` or the code of the error. */
  async take(name: string, wait: boolean): Promise<string> {
    try {
      held = await exclusive(name, { wait })
      return 'held'
    } catch (error) {
      return (error as { code: string }).code
    }
  },

  async release(): Promise<void> {
    await held?.release()
  },
}

/** The functions of the page, as the tests see them. */
export type StorePage = typeof page

Object.assign(globalThis, { storePage: page })
