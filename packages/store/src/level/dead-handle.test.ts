import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Entry, Store } from '../store.ts'
import type { LevelDatabase, LevelIterator, LevelOperation, LevelRange } from './level-database.ts'
import { levelStore } from './level-store.ts'

/** A database whose handle can die as in Chromium: all fails until it is opened anew, and its status says nothing. */
class Mortal implements LevelDatabase {
  status = 'closed'
  readonly supports = { implicitSnapshots: false }
  openings = 0
  isDead = false
  readonly #entries = new Map<string, [Uint8Array, Uint8Array]>()

  async open(): Promise<void> {
    if (this.status === 'open') return
    this.status = 'open'
    this.openings++
    this.isDead = false
  }

  async close(): Promise<void> {
    this.status = 'closed'
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.#check()
    return this.#entries.get(String(key))?.[1]
  }

  async batch(operations: LevelOperation[]): Promise<void> {
    this.#check()
    for (const one of operations) {
      if (one.type === 'del') this.#entries.delete(String(one.key))
      else this.#entries.set(String(one.key), [one.key, one.value])
    }
  }

  iterator(_options: LevelRange): LevelIterator {
    const all = async (): Promise<[Uint8Array, Uint8Array][]> => {
      this.#check()
      return [...this.#entries.values()]
    }
    return { all, nextv: all, seek: () => undefined, close: () => Promise.resolve() }
  }

  #check(): void {
    if (this.status !== 'open') throw new Error('not open')
    if (this.isDead) throw new DOMException('The database connection is closing.', 'InvalidStateError')
  }
}

function mortal(): { database: Mortal; store: Store; die: () => void; opened: () => number } {
  const database = new Mortal()
  const store = levelStore(database)
  return { database, store, die: () => void (database.isDead = true), opened: () => database.openings }
}

async function all(entries: AsyncIterable<Entry>): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of entries) keys.push(key)
  return keys
}

const put = (key: string) => ({ key, value: Uint8Array.of(1) })

// F19
describe('a database whose handle the browser has closed', () => {
  it('is opened anew by whatever is asked first, which is tried once more', async () => {
    const { store, die } = mortal()
    await store.write([put('a'), put('b')])
    die()
    expect(await store.get('a')).toEqual(Uint8Array.of(1))
    die()
    expect(await all(store.entries(''))).toEqual(['a', 'b'])
    die()
    await store.write([put('c')])
    expect(await all(store.entries(''))).toEqual(['a', 'b', 'c'])
  })

  it('is opened anew once for many that find out at the same time', async () => {
    const { store, die, opened } = mortal()
    await store.write([put('a')])
    const before = opened()
    die()
    const [values, keys] = await Promise.all([
      Promise.all(Array.from({ length: 20 }, () => store.get('a'))),
      all(store.entries('')),
    ])
    expect(values.every((value) => value?.[0] === 1)).toBe(true)
    expect(keys).toEqual(['a'])
    expect(opened() - before).toBe(1)
  })

  it('stays closed when its owner has closed it', async () => {
    const { database, store, die, opened } = mortal()
    await store.write([put('a')])
    const before = opened()
    die()
    await database.close()
    await expect(store.get('a')).rejects.toThrow()
    await expect(store.write([put('a')])).rejects.toThrow()
    expect(opened()).toBe(before)
  })

  it('fails with its own error when opening it anew does not help', async () => {
    const { database, store, die } = mortal()
    await store.write([put('a')])
    database.open = () => Promise.reject(new Error('gone for good'))
    die()
    await expect(store.get('a')).rejects.toThrow('gone for good')
  })
})

describe('closing', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  // F3
  it('waits ten seconds for a write that never ends, and then closes and says so', async () => {
    const { database, store } = mortal()
    await store.get('a')
    const closed = vi.spyOn(database, 'close')
    database.batch = () => new Promise(() => undefined)
    store.write([put('a')]).catch(() => undefined)
    const closing = expect(store.close()).rejects.toMatchObject({ code: 'ERR_STORE_TIMEOUT' })
    await vi.advanceTimersByTimeAsync(9_999)
    expect(closed).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await closing
    expect(closed).toHaveBeenCalledOnce()
  })

  it('leaves no timer where all ends in time', async () => {
    const { store } = mortal()
    await store.write([put('a')])
    await store.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
