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

// F3
describe('a database that does not answer', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  const never = <T>(): Promise<T> => new Promise<T>(() => undefined)
  const gaveUp = { code: 'ERR_STORE_TIMEOUT', message: expect.stringContaining('within 10000 ms') }

  it.each(['get', 'entries', 'write'] as const)(
    'fails what hangs in it after its limit, and is opened anew: %s',
    async (asked) => {
      const { database, store, opened } = mortal()
      await store.write([put('a')])
      const { get, batch, iterator } = database
      database.get = never
      database.batch = never
      database.iterator = (range) => ({ ...iterator.call(database, range), all: never, nextv: never })
      const answers = {
        get: () => store.get('a'),
        entries: () => all(store.entries('')),
        write: () => store.write([put('b')]),
      }
      const before = opened()
      const answer = answers[asked]()
      const failure = expect(answer).rejects.toMatchObject(gaveUp)
      await vi.advanceTimersByTimeAsync(9_999)
      expect(opened()).toBe(before)
      await vi.advanceTimersByTimeAsync(1)
      await failure
      expect(opened()).toBe(before + 1)
      Object.assign(database, { get, batch, iterator })
      expect(await store.get('a')).toEqual(Uint8Array.of(1))
      expect(await all(store.entries(''))).toContain('a')
      await store.write([put('c')])
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  it('writes nothing after a write that hangs until it is closed, so that no write is overtaken', async () => {
    const { database, store } = mortal()
    await store.write([put('a')])
    const { batch, close } = database
    const closed = Promise.withResolvers<void>()
    database.batch = never
    database.close = () => closed.promise.then(() => close.call(database))
    const hung = expect(store.write([put('b')])).rejects.toMatchObject(gaveUp)
    await vi.advanceTimersByTimeAsync(10_000)
    await hung
    database.batch = batch
    const written = vi.spyOn(database, 'batch')
    const early = expect(store.write([put('c')])).rejects.toMatchObject(gaveUp)
    await vi.advanceTimersByTimeAsync(10_000)
    await early
    expect(written).not.toHaveBeenCalled()
    // A handle that comes late helps those who ask later.
    const later = store.write([put('d')])
    closed.resolve()
    await later
    expect(await all(store.entries(''))).toEqual(['a', 'd'])
  })

  it('fails all writes of a group at once, each of which would wait as long', async () => {
    const { database, store } = mortal()
    await store.get('a')
    database.batch = never
    const writes = ['a', 'b', 'c', 'd'].map((key) =>
      expect(store.write([put(key)])).rejects.toMatchObject(gaveUp),
    )
    await vi.advanceTimersByTimeAsync(20_000)
    await Promise.all(writes)
  })

  it('is used when its opening comes late', async () => {
    const database = new Mortal()
    const { open } = database
    const opening = Promise.withResolvers<void>()
    database.open = () => opening.promise.then(() => open.call(database))
    const store = levelStore(database, { limitMs: 500 })
    const early = expect(store.get('a')).rejects.toMatchObject({ code: 'ERR_STORE_TIMEOUT' })
    await vi.advanceTimersByTimeAsync(500)
    await early
    opening.resolve()
    expect(await store.get('a')).toBeUndefined()
    expect(database.openings).toBe(1)
  })

  it('takes a limit above 0 alone', () => {
    expect(() => levelStore(new Mortal(), { limitMs: 0 })).toThrow(
      '"limitMs" expected a number above 0, got 0',
    )
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
    expect(closed).toHaveBeenCalled()
    expect(database.status).toBe('closed')
  })

  it.each([
    ['opening', (database: Mortal) => (database.open = () => new Promise(() => undefined))],
    ['its closing', (database: Mortal) => (database.close = () => new Promise(() => undefined))],
  ])('gives up on %s, when it hangs', async (_what, hang) => {
    const database = new Mortal()
    hang(database)
    const store = levelStore(database)
    const closing = expect(store.close()).rejects.toMatchObject({ code: 'ERR_STORE_TIMEOUT' })
    await vi.advanceTimersByTimeAsync(10_000)
    await closing
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no timer where all ends in time', async () => {
    const { store } = mortal()
    await store.write([put('a')])
    await store.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
