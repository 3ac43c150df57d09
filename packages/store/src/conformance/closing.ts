import { type Case, all, put } from './bench.ts'

/** `close`, and what is there afterwards. */
export const closingCases: readonly Case[] = [
  [
    'finds after opening again what was written before',
    async ({ open, dump, equal }) => {
      const first = await open()
      await first.write([put('a', '1'), put('b', '2')])
      await first.close()
      const second = await open()
      await second.write([{ key: 'a', value: undefined }, put('c', '3')])
      await second.close()
      equal(await dump(await open()), ['b=2', 'c=3'])
    },
  ],
  [
    'waits for writes under way when it is closed',
    async ({ open, dump, equal }) => {
      const store = await open()
      const writes = Array.from({ length: 20 }, (_, i) => store.write([put(String(i), 'x')]))
      const written = Promise.all(writes)
      written.catch(() => undefined)
      await store.close()
      await written
      equal((await dump(await open())).length, 20, 'entries')
    },
  ],
  [
    'rejects everything once it is closed, and may be closed twice',
    async ({ open, rejects, equal }) => {
      const store = await open()
      await store.write([put('a', '1')])
      const listing = store.entries('')[Symbol.asyncIterator]()
      await listing.next()
      await Promise.all([store.close(), store.close()])
      await store.close()
      await rejects(store.get('a'), 'get')
      await rejects(store.write([put('a', '2')]), 'write')
      await rejects(store.write([]), 'an empty write')
      await rejects(all(store.entries('')), 'entries')
      await rejects(listing.next(), 'a listing under way')
      const again = await open()
      equal((await all(again.entries(''))).length, 1, 'entries')
    },
  ],
]
