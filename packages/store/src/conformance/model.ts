import { compareKeys } from '../key-order.ts'
import type { Change } from '../store.ts'
import { type Case, del, put } from './bench.ts'

/** Keys of which some are the beginnings of others, and some are ordered otherwise by UTF-16. */
const KEYS = ['a', 'a/', 'a/1', 'a/10', 'a/2', 'b', 'ab', '\uFFFD', '\u{1F600}', '']
const PREFIXES = ['', 'a', 'a/', 'a/1', 'c']
const STEPS = 120

/** Numbers below a limit, always the same from the same seed. */
function drawing(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

/** What a store does, next to what a map does. */
const asAMap =
  (seed: number): Case[1] =>
  async ({ open, read, dump, equal }) => {
    const draw = drawing(seed)
    const model = new Map<string, string>()
    const listed = (prefix: string): string[] =>
      [...model]
        .filter(([key]) => key.startsWith(prefix))
        .toSorted(([a], [b]) => compareKeys(a, b))
        .map(([key, text]) => `${key}=${text}`)
    let store = await open()
    for (let step = 0; step < STEPS; step++) {
      const at = `seed ${seed}, step ${step}`
      const kind = draw(10)
      if (kind < 6) {
        // Some at once, which apply in the order in which they were asked for.
        const writes = Array.from({ length: 1 + draw(3) }, (_, n): Change[] =>
          Array.from({ length: 1 + draw(4) }, (_each, i) => {
            const key = KEYS[draw(KEYS.length)]!
            return draw(3) === 0 ? del(key) : put(key, `${step}.${n}.${i}`)
          }),
        )
        await Promise.all(writes.map((changes) => store.write(changes)))
        for (const { key, value } of writes.flat())
          if (value === undefined) model.delete(key)
          else model.set(key, new TextDecoder().decode(value))
      } else if (kind < 8) {
        const key = KEYS[draw(KEYS.length)]!
        equal(await read(store, key), model.get(key), `${at}: "${key}"`)
      } else if (kind < 9) {
        const prefix = PREFIXES[draw(PREFIXES.length)]!
        equal(await dump(store, prefix), listed(prefix), `${at}: entries of "${prefix}"`)
      } else {
        await store.close()
        store = await open()
      }
    }
    equal(await dump(store), listed(''), `seed ${seed}, at the end`)
  }

/** Whatever is done with it, in whatever order. */
export const modelCases: readonly Case[] = [1, 2, 3].map((seed) => [
  `does what a map does, whatever is written, read and opened again (${seed})`,
  asAMap(seed),
])
