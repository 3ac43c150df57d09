import { type Case, all, bytes, del, put, turn } from './bench.ts'

/** `get` and `write`. */
export const writingCases: readonly Case[] = [
  [
    'finds nothing in an empty store',
    async ({ open, read, dump, equal }) => {
      const store = await open()
      equal(await read(store, 'missing'), undefined)
      equal(await dump(store), [])
    },
  ],
  [
    'keeps, replaces and deletes values',
    async ({ open, read, equal }) => {
      const store = await open()
      await store.write([put('a', '1'), put('b', '2')])
      await store.write([put('a', '3'), del('b'), del('never there')])
      equal([await read(store, 'a'), await read(store, 'b')], ['3', undefined])
    },
  ],
  [
    'applies the changes of a write in order, so that the last one of a key wins',
    async ({ open, dump, equal }) => {
      const store = await open()
      await store.write([put('a', '1'), put('a', '2'), put('b', '1'), del('b'), del('c'), put('c', '1')])
      equal(await dump(store), ['a=2', 'c=1'])
    },
  ],
  [
    'takes an empty write',
    async ({ open, dump, equal }) => {
      const store = await open()
      await store.write([])
      equal(await dump(store), [])
    },
  ],
  [
    'keeps empty and large values, and all bytes',
    async ({ open, equal }) => {
      const store = await open()
      const large = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * 31) >> 3)
      await store.write([
        { key: 'empty', value: new Uint8Array() },
        { key: 'large', value: large },
        { key: 'part', value: large.subarray(1000, 1256) },
      ])
      equal((await store.get('empty'))?.length, 0, 'length of the empty value')
      const read = await store.get('large')
      equal(
        read?.length === large.length && large.every((byte, i) => read[i] === byte),
        true,
        'the large value',
      )
      equal(
        [...((await store.get('part')) ?? [])],
        Array.from(large.subarray(1000, 1256)),
        'part of a larger array',
      )
    },
  ],
  [
    'hands out plain Uint8Arrays that may be changed without changing the store',
    async ({ open, read, equal }) => {
      const store = await open()
      await store.write([put('a', 'kept')])
      const got = await store.get('a')
      const [entry] = await all(store.entries(''))
      for (const value of [got, entry?.value]) {
        equal(value?.constructor === Uint8Array, true, 'a plain Uint8Array')
        value?.fill(0)
      }
      equal(await read(store, 'a'), 'kept')
    },
  ],
  [
    'applies none of the changes when one of them is not valid',
    async ({ open, dump, rejects, equal }) => {
      const store = await open()
      await store.write([put('a', 'before')])
      const invalid = [
        put('\ud800', 'x'),
        { key: 7 as never, value: bytes('x') },
        { key: 'b', value: 'text' as never },
      ]
      for (const change of invalid) {
        await rejects(store.write([put('a', 'after'), put('c', 'x'), change]), 'an invalid change')
      }
      equal(await dump(store), ['a=before'])
    },
  ],
  [
    'applies writes in the order in which they were asked for, without waiting for each',
    async ({ open, dump, equal }) => {
      const store = await open()
      const writes: Promise<void>[] = []
      for (let i = 0; i < 200; i++)
        writes.push(store.write([put('latest', String(i)), put(`n/${i % 7}`, String(i))]))
      await Promise.all(writes)
      equal(await dump(store, 'latest'), ['latest=199'])
      equal(await dump(store, 'n/'), [
        'n/0=196',
        'n/1=197',
        'n/2=198',
        'n/3=199',
        'n/4=193',
        'n/5=194',
        'n/6=195',
      ])
    },
  ],
  [
    'shows all of a write or nothing of it',
    async ({ open, dump, equal }) => {
      const store = await open()
      for (let round = 0; round < 20; round++) {
        const changes = Array.from({ length: 20 }, (_, i) => put(`k/${i}`, String(round)))
        const state = { pending: true }
        const writing = store.write(changes).finally(() => (state.pending = false))
        writing.catch(() => undefined)
        do {
          const values = (await dump(store, 'k/')).map((entry) => entry.split('=')[1])
          equal(new Set(values).size <= 1, true, `values of one write, seen together: ${values.join(' ')}`)
          await turn()
        } while (state.pending)
        await writing
      }
    },
  ],
]
