import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryStore } from './memory-store.ts'
import type { Change, Entry, Store } from './store.ts'

const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\u{ffff}', '\u{10000}'), maxLength: 4 })
const change = fc.record({ key, value: fc.option(fc.constant(Uint8Array.of(1)), { nil: undefined }) })

async function entriesOf(store: Store, prefix: string): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of store.entries(prefix)) entries.push(entry)
  return entries
}

describe('the index of a store in memory', () => {
  it('finds what a look at all entries finds, whatever was written and deleted before', async () => {
    const steps = fc.array(fc.record({ changes: fc.array(change, { maxLength: 60 }), prefix: key }), {
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const medium = new Map<string, Uint8Array>()
        const [indexed, scanned] = [memoryStore(), memoryStore(medium)]
        for (const { changes, prefix } of all) {
          // A key that stands twice in a write is refused.
          const write: Change[] = [...new Map(changes.map((one) => [one.key, one])).values()]
          await indexed.write(write)
          await scanned.write(write)
          expect(await entriesOf(indexed, prefix)).toEqual(await entriesOf(scanned, prefix))
        }
      }),
    )
  })

  it('finds the newest of many keys that came and went while nobody looked', async () => {
    const store = memoryStore()
    for (let i = 0; i < 1_000; i++) {
      const before = i === 0 ? [] : [{ key: `k/${i - 1}`, value: undefined }]
      await store.write([...before, { key: `k/${i}`, value: Uint8Array.of(1) }])
    }
    expect(await entriesOf(store, 'k/')).toEqual([{ key: 'k/999', value: Uint8Array.of(1) }])
  })
})
