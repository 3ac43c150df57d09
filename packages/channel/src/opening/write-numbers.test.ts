import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Store, memoryStore } from '@reliable-channels/store'
import { type WriteNumbers, createWriteNumbers } from './write-numbers.ts'

const nothing: readonly never[] = []

/** Opens the numbers on a store, and tells what was missing. */
async function opened(
  store: Store,
  writer: number,
): Promise<{ readonly numbers: WriteNumbers; readonly told: readonly string[] }> {
  const told: string[] = []
  const restore = []
  for await (const { key, value } of store.entries('w/')) restore.push({ key: key.slice(2), value })
  const numbers = createWriteNumbers({
    write: (changes) => store.write(changes),
    restore,
    keyPrefix: 'w/',
    writer,
    onCorrupt: (key, reason) => told.push(`${key}: ${reason}`),
  })
  return { numbers, told }
}

/** A store that loses the writes of these numbers, counted from 0, and says that they are written. */
function losing(store: Store, lost: (count: number) => boolean): Store {
  let count = 0
  return { ...delegated(store), write: async (changes) => (lost(count++) ? undefined : store.write(changes)) }
}

const delegated = (store: Store): Store => ({
  get: (key) => store.get(key),
  write: (changes) => store.write(changes),
  entries: (prefix) => store.entries(prefix),
  close: () => store.close(),
})

// X13
describe('a number for each write', () => {
  it('shows nothing where nothing is missing, whatever writes there were and however often it was opened', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(700), { maxLength: 6 }), async (sessions) => {
        const store = memoryStore()
        for (const [session, writes] of sessions.entries()) {
          const { numbers, told } = await opened(store, session / 10)
          expect(told).toEqual([])
          for (let i = 0; i < writes; i++) await numbers.write(nothing)
        }
        expect((await opened(store, 0.99)).told).toEqual([])
      }),
      { numRuns: 30 },
    )
  })

  it('shows each hole among the last writes, and holes of many writes further back, once', async () => {
    const holes = fc.constantFrom([1, 200], [8, 2_000], [64, 5_000])
    await fc.assert(
      fc.asyncProperty(holes, fc.nat(9_999), async ([length, reach], place) => {
        const writes = 6_000
        const first = writes - 1 - length - (place % (reach - length))
        const store = memoryStore()
        const lossy = losing(store, (count) => count >= first && count < first + length)
        const { numbers } = await opened(lossy, 0.1)
        for (let i = 0; i < writes; i++) await numbers.write(nothing)
        const again = await opened(store, 0.2)
        expect(again.told).toEqual([expect.stringContaining('writes are missing')])
        await again.numbers.write(nothing)
        expect((await opened(store, 0.3)).told).toEqual([])
      }),
      { numRuns: 12 },
    )
  })

  it('is given again to a write that failed, and to one that was written after all', async () => {
    const store = memoryStore()
    let count = 0
    const failing: Store = {
      ...delegated(store),
      async write(changes) {
        count++
        if (count % 5 === 1) throw new Error('full')
        await store.write(changes)
        if (count % 5 === 2) throw new Error('written, but not flushed')
      },
    }
    const { numbers } = await opened(failing, 0.1)
    for (let i = 0; i < 100; i++) await numbers.write(nothing).catch(() => {})
    expect((await opened(store, 0.2)).told).toEqual([])
  })

  it('says nothing of two who wrote at once and did not know of each other', async () => {
    const store = memoryStore()
    const one = await opened(store, 0.1)
    const other = await opened(store, 0.2)
    for (let i = 0; i < 600; i++) await other.numbers.write(nothing)
    for (let i = 0; i < 10; i++) await one.numbers.write(nothing)
    expect((await opened(store, 0.3)).told).toEqual([])
  })

  it('that is damaged is told as such, and is no hole', async () => {
    const store = memoryStore()
    const { numbers } = await opened(store, 0.1)
    for (let i = 0; i < 20; i++) await numbers.write(nothing)
    await store.write([{ key: 'w/1/13', value: new Uint8Array(0) }])
    expect((await opened(store, 0.2)).told).toEqual(['1/13: not a record of this version'])
  })

  it('leaves out an entry whose key no store takes, and tells it, so that all others are written', async () => {
    const disk = new Map<string, Uint8Array>()
    const { numbers, told } = await opened(memoryStore(disk), 0.5)
    const value = new Uint8Array(1)
    await numbers.write([
      { key: 'a', value },
      { key: 'b\udcff', value },
    ])
    expect([...disk.keys()]).toEqual(['a', expect.stringContaining('1/1')])
    expect(told).toEqual([expect.stringContaining('is no text')])
  })
})
