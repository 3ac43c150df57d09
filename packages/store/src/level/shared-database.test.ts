import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../store.ts'
import { levelStore } from './level-store.ts'

let root: string

beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'shared-'))))
afterAll(() => rm(root, { recursive: true }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

async function keysOf(store: Store): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.entries('')) keys.push(key)
  return keys
}

describe('stores on one database', () => {
  it('see only what is theirs, by their prefixes, and leave it open when they are told to', async () => {
    const database = new ClassicLevel(join(root, 'two'))
    const [one, other] = ['one/', 'other/'].map((prefix): Store =>
      levelStore(database, { prefix, closeDatabase: false }),
    ) as [Store, Store]
    await Promise.all([
      one.write([{ key: 'a', value: bytes('1') }]),
      other.write([{ key: 'a', value: bytes('2') }]),
    ])
    await database.put('ours', 'too')
    await other.write([{ key: 'b', value: bytes('3') }])
    expect([await keysOf(one), await keysOf(other)]).toEqual([['a'], ['a', 'b']])
    expect(await one.get('a')).toEqual(bytes('1'))
    await one.close()
    expect(await other.get('b')).toEqual(bytes('3'))
    expect(await database.get('ours')).toBe('too')
    await other.close()
    expect(database.status).toBe('open')
    await database.close()
  })

  it('go on when a write of one of them has failed and the database is opened anew', async () => {
    const database = new ClassicLevel(join(root, 'failing'))
    const stores = ['one/', 'other/'].map((prefix): Store =>
      levelStore(database, { prefix, closeDatabase: false }),
    )
    const [one, other] = stores as [Store, Store]
    await other.write([{ key: 'a', value: bytes('1') }])
    const batch = database.batch.bind(database)
    database.batch = (() => Promise.reject(new Error('disk full'))) as never
    await expect(one.write([{ key: 'x', value: bytes('x') }])).rejects.toThrow('disk full')
    database.batch = batch
    // While it is closed and opened again, all of them wait.
    const meanwhile = Promise.all([
      one.get('a'),
      other.get('a'),
      other.write([{ key: 'b', value: bytes('2') }]),
      keysOf(other),
    ])
    expect((await meanwhile).slice(0, 2)).toEqual([undefined, bytes('1')])
    expect(await keysOf(other)).toEqual(['a', 'b'])
    for (const store of stores) await store.close()
    await database.close()
  })
})
