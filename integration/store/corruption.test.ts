import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CorruptEntry, levelStore } from '@reliable-channels/store/level'
import { ClassicLevel } from 'classic-level'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const COUNT = 1000

const key = (i: number): string => `k/${String(i).padStart(4, '0')}`
const value = (i: number): Uint8Array => new TextEncoder().encode(`value ${i} `.repeat(10))

let root: string

beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'corruption-'))))
afterAll(() => rm(root, { recursive: true }))

/** A database whose entries are all in one table file, and that file. */
async function fill(compression: boolean): Promise<{ directory: string; table: string }> {
  const directory = join(root, compression ? 'compressed' : 'plain')
  const database = new ClassicLevel(directory, { compression })
  const store = levelStore(database, { closeDatabase: false })
  await store.write(Array.from({ length: COUNT }, (_, i) => ({ key: key(i), value: value(i) })))
  await database.compactRange('a', 'z')
  await database.close()
  const name = (await readdir(directory)).find((file) => file.endsWith('.ldb'))!
  return { directory, table: join(directory, name) }
}

describe('levelStore on a damaged medium', () => {
  it.each([false, true])(
    'loses what is damaged, reports it, and keeps everything else (compression: %s)',
    async (compression) => {
      const { directory, table } = await fill(compression)
      const sound = await readFile(table)
      const copy = `${directory}.copy`
      await cp(directory, copy, { recursive: true })
      const reasons = new Set<string>()
      let tried = 0
      let silent = 0
      // The rest of the file holds the index of the table, without which nothing can be found.
      for (let at = 5; at < sound.length * 0.9; at += compression ? 997 : 4001) {
        const damaged = Buffer.from(sound)
        damaged[at]! ^= 0x10
        await writeFile(table, damaged)
        const corrupt: CorruptEntry[] = []
        const store = levelStore(new ClassicLevel(directory, { compression }), {
          onCorrupt: (entry) => corrupt.push(entry),
        })
        const found = new Map<string, Uint8Array>()
        for await (const entry of store.entries('k/')) found.set(entry.key, entry.value)
        const context = `byte ${at}`
        // Of 27 to 100 entries in a block of 4 KiB.
        expect(found.size, context).toBeGreaterThanOrEqual(COUNT - 100)
        for (const [name, bytes] of found) expect(bytes, context).toEqual(value(Number(name.slice(2))))
        tried++
        if (found.size < COUNT && corrupt.length === 0) silent++
        for (const { reason } of corrupt) reasons.add(reason)
        // LevelDB finds some entries by key that a listing misses; whatever is found is right.
        for (let i = 0; i < COUNT; i++) {
          const got = found.has(key(i)) ? undefined : await store.get(key(i))
          if (got !== undefined) expect(got, context).toEqual(value(i))
        }
        // And it can be written again.
        const lost = key([...Array(COUNT).keys()].find((i) => !found.has(key(i))) ?? 0)
        await store.write([{ key: lost, value: value(1) }])
        expect(await store.get(lost), context).toEqual(value(1))
        await store.close()
        await rm(directory, { recursive: true })
        await cp(copy, directory, { recursive: true })
      }
      expect([...reasons].toSorted()).toEqual(['checksum', 'unreadable'])
      // Damage to the list of keys inside a block of LevelDB (some per cent of it) can hide entries from everybody.
      expect(silent / tried, `${silent} of ${tried}`).toBeLessThan(0.1)
    },
  )

  it('reports an entry that was cut short, and one that it has not written', async () => {
    const directory = join(root, 'foreign')
    const database = new ClassicLevel(directory)
    await database.batch([
      { type: 'put', key: 'cut', value: 'xy' },
      { type: 'put', key: 'foreign', value: 'not written by a store' },
    ])
    const corrupt: CorruptEntry[] = []
    const store = levelStore(database, { onCorrupt: (entry) => corrupt.push(entry) })
    await store.write([{ key: 'own', value: value(1) }])
    const found: string[] = []
    for await (const entry of store.entries('')) found.push(entry.key)
    expect(found).toEqual(['own'])
    expect(corrupt).toEqual([
      { key: 'cut', reason: 'truncated' },
      { key: 'foreign', reason: 'checksum' },
    ])
    await store.close()
  })
})
