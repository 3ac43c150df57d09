import type { Entry, Store } from '../store.ts'
import type { StoreConformanceOptions, StoreMedium } from './options.ts'

/** Tools of a test. All functions may be taken out of it. */
export interface Bench {
  readonly equal: (actual: unknown, expected: unknown, message?: string) => void
  /** Opens the store on the medium of the test. */
  readonly open: () => Promise<Store>
  /** The entries under a prefix, as keys and texts: `['a=1', 'b=2']`. */
  readonly dump: (store: Store, prefix?: string) => Promise<string[]>
  /** The text under a key. */
  readonly read: (store: Store, key: string) => Promise<string | undefined>
  /** Requires that the promise is rejected with an `Error`. */
  readonly rejects: (promise: Promise<unknown>, what: string) => Promise<void>
}

/** A name and what a store must do. */
export type Case = readonly [title: string, run: (bench: Bench) => Promise<void>]

const decoder = new TextDecoder()

/** A text as bytes. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A change that puts a text. */
export const put = (key: string, text: string): { key: string; value: Uint8Array } => ({
  key,
  value: bytes(text),
})

/** A change that deletes. */
export const del = (key: string): { key: string; value: undefined } => ({ key, value: undefined })

/** All that an iterable yields. */
export async function all(entries: AsyncIterable<Entry>): Promise<Entry[]> {
  const list: Entry[] = []
  for await (const entry of entries) list.push(entry)
  return list
}

/** Lets others have a turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve)
  })
}

/** Runs one case on a medium of its own. */
export async function runCase(
  [, run]: Case,
  { create, equal }: Pick<StoreConformanceOptions, 'create' | 'equal'>,
): Promise<void> {
  const medium: StoreMedium = await create()
  const opened: Store[] = []
  try {
    await run({
      equal,
      async open() {
        const store = await medium.open()
        opened.push(store)
        return store
      },
      async dump(store, prefix = '') {
        return (await all(store.entries(prefix))).map(({ key, value }) => `${key}=${decoder.decode(value)}`)
      },
      async read(store, key) {
        const value = await store.get(key)
        return value && decoder.decode(value)
      },
      async rejects(promise, what) {
        const outcome: unknown = await promise.then(
          () => 'resolved',
          (error: unknown) => error instanceof Error,
        )
        equal(outcome, true, `${what} rejects with an Error`)
      },
    })
  } finally {
    for (const store of opened) await store.close().catch(() => undefined)
    await medium.destroy()
  }
}
