import { type Case, all, put } from './bench.ts'

/** Ordered by their UTF-8 bytes; `<` would put the last two the other way round. */
const ORDERED = [
  '',
  '\0',
  '\0\0',
  ' ',
  '0',
  'A',
  'a',
  'a\0',
  'a/',
  'a/1',
  'a/2',
  'a0',
  'aa',
  'b',
  'k'.repeat(1000),
  '~',
  '\x7f',
  '\u0080',
  'é',
  '߿',
  'ࠀ',
  '\ud7ff',
  '\ue000',
  '\ufeff',
  '\ufeffa',
  '\ufffd',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
]

/** `entries`. */
export const readingCases: readonly Case[] = [
  [
    'lists entries in the order of the UTF-8 bytes of their keys',
    async ({ open, equal }) => {
      const store = await open()
      const shuffled = ORDERED.map((_, i) => ORDERED[(i * 10) % ORDERED.length]!)
      for (const key of shuffled) await store.write([put(key, `of ${key.length}`)])
      const entries = await all(store.entries(''))
      equal(
        entries.map(({ key }) => key),
        ORDERED,
      )
      for (const key of ORDERED) {
        equal((await store.get(key)) === undefined, false, `the value of ${JSON.stringify(key.slice(0, 10))}`)
      }
    },
  ],
  [
    'lists exactly the entries whose keys start with a prefix',
    async ({ open, equal }) => {
      const store = await open()
      await store.write(ORDERED.map((key) => put(key, 'x')))
      for (const prefix of [...ORDERED, 'a/3', 'zz', 'kk']) {
        const entries = await all(store.entries(prefix))
        equal(
          entries.map(({ key }) => key),
          ORDERED.filter((key) => key.startsWith(prefix)),
          `keys under ${JSON.stringify(prefix.slice(0, 10))}`,
        )
      }
    },
  ],
  [
    'finds nothing under what is no well-formed key, as nothing can be there',
    async ({ open, equal }) => {
      const store = await open()
      await store.write([put('\ufffd', 'x'), put('\u{10ffff}', 'x'), put('a', 'x')])
      for (const illFormed of ['\ud800', '\udbff', 'a\udfff']) {
        equal(await store.get(illFormed), undefined, 'a value')
        equal(await all(store.entries(illFormed)), [], 'entries')
      }
    },
  ],
  [
    'lists entries as they were at one moment, whatever is written meanwhile',
    async ({ open, equal }) => {
      const store = await open()
      const count = 1000
      const keys = Array.from({ length: count }, (_, i) => `k/${String(i).padStart(4, '0')}`)
      await store.write(keys.map((key) => put(key, 'old')))
      const seen: string[] = []
      for await (const { key, value } of store.entries('k/')) {
        if (seen.length === 0) {
          await store.write([
            put('k/0500', 'new'),
            { key: 'k/0900', value: undefined },
            put('k/0001x', 'new'),
            put('k/9999', 'new'),
          ])
        }
        equal(new TextDecoder().decode(value), 'old', `value of ${key}`)
        seen.push(key)
      }
      equal(seen, keys)
    },
  ],
  [
    'lists entries twice at the same time, and lets a listing be left early',
    async ({ open, dump, equal }) => {
      const store = await open()
      await store.write([put('a', '1'), put('b', '2'), put('c', '3')])
      for await (const { key } of store.entries('')) {
        equal(key, 'a')
        equal(await dump(store), ['a=1', 'b=2', 'c=3'])
        break
      }
      await store.write([put('d', '4')])
      equal((await dump(store)).length, 4, 'entries after a listing that was left')
    },
  ],
]
