import { answerWithin } from './answer-within.ts'
import { type LevelDatabase, type LevelRange, VIEWS } from './level-database.ts'

/** Entries read from the database at a time. */
const PAGE = 256

/** The keys that start with `prefix`. UTF-8 has no byte 255, so the last byte can always be raised. */
export function prefixRange(prefix: Uint8Array): LevelRange {
  if (prefix.length === 0) return {}
  const end = prefix.slice()
  end[end.length - 1]! += 1
  return { gte: prefix, lt: end }
}

/** Whether the database could not read a part of its medium. */
export function isCorruption(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'LEVEL_CORRUPTION'
}

/** Options of {@link readRange}. */
export interface Reading {
  readonly database: LevelDatabase
  readonly range: LevelRange
  /** How long a page may take, ms. @limit Reading fails with a `StoreTimeoutError`. */
  readonly limitMs: number
  /** Called once, at the end, when a part of the range could not be read. */
  readonly unreadable: () => void
}

/** Reads a range, ordered, as it was at one moment. */
export async function* readRange({
  database,
  range,
  limitMs,
  unreadable,
}: Reading): AsyncGenerator<[key: Uint8Array, stored: Uint8Array], void, void> {
  const iterator = database.iterator({ ...range, ...VIEWS })
  try {
    if (!database.supports.implicitSnapshots) {
      // Such a database shows one moment only in a single read.
      yield* await answerWithin(limitMs, () => iterator.all())
      return
    }
    let size = PAGE
    let latest: Uint8Array | undefined
    for (;;) {
      let page: [Uint8Array, Uint8Array][]
      try {
        const pageSize = size
        page = await answerWithin(limitMs, () => iterator.nextv(pageSize))
      } catch (error) {
        if (!isCorruption(error)) throw error
        if (size === 1) return unreadable()
        // LevelDB passes over a block that it cannot read and fails at the end of the range, with the last page in
        // hand. That page is read again, one entry at a time.
        size = 1
        if (latest !== undefined) iterator.seek(successor(latest))
        else if (range.gte !== undefined) iterator.seek(range.gte)
        else iterator.seek(new Uint8Array())
        continue
      }
      if (page.length === 0) return
      yield* page
      latest = page.at(-1)![0]
    }
  } finally {
    await answerWithin(limitMs, () => iterator.close())
  }
}

/** The next key there can be. */
function successor(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}
