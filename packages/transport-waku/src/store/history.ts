import type { TransportMessage } from '@reliable-channels/transport'
import type { SchedulerLike } from 'rxjs'

import { toMs, toNs } from '../core/nanoseconds.ts'
import { RecentHashes } from '../core/recent-hashes.ts'
import { MAX_PAGE_ROWS, type StorePage, type StoreRow } from '../core/store-codec.ts'
import { toTransportMessage } from '../core/transport-message.ts'
import { StoreUnavailableError } from '../errors.ts'
import type { StoreReader } from './store-reader.ts'
import { wait } from '../with-timeout.ts'

/** Rows of a page with data: 100 messages of 100 kB are more than a client reads in one reply; 20 always fit. */
const PAGE_ROWS = 20
/** Subtracted from a time bound, which may be rounded up on its way to the store. */
const MARGIN_MS = 1
/** Rounds through all stores before they are given up, and the waits between them, ms. */
const ROUND_WAITS_MS = [0, 500, 2000] as const
/** Pages without anything new. @limit The store is given up. */
const MAX_BARREN_PAGES = 10
/** Pages of one reading. @limit It ends with an error, and goes on from where it came to when it is tried again. */
const MAX_PAGES = 1_000
/** A row that is stamped later than this from now is no progress: service nodes take no such message, ms. */
const AHEAD_MS = 40_000
/** Hashes remembered while reading, for pages that another store gives from another place. */
const REMEMBERED = 4096

/** The range to be read. */
export interface HistoryRequest {
  readonly pubsubTopic: string
  readonly contentTopic: string
  readonly sinceMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * Messages of a content topic since a time, oldest first, page by page; a page that one store does not give is asked
 * of the next. A store that has nothing is not believed: another one is asked too.
 */
export async function* readHistory(
  reader: StoreReader,
  scheduler: SchedulerLike,
  request: HistoryRequest,
): AsyncGenerator<TransportMessage> {
  const { contentTopic, signal } = request
  for await (const { hash, message } of readRows(reader, scheduler, request, true)) {
    if (message?.contentTopic !== contentTopic) continue
    signal?.throwIfAborted()
    yield toTransportMessage(hash, message)
    signal?.throwIfAborted()
  }
}

/**
 * Messages of a content topic since a time that are not known: their hashes alone are asked for first, and then, by
 * hash, those of which `isKnown` knows nothing.
 */
export async function* readUnknown(
  reader: StoreReader,
  scheduler: SchedulerLike,
  request: HistoryRequest,
  isKnown: (hash: string) => boolean,
): AsyncGenerator<TransportMessage> {
  const { contentTopic, signal } = request
  let barrenPages = 0
  let source = ''
  const fetchUnknown = async function* (hashes: readonly string[]): AsyncGenerator<TransportMessage> {
    const unknown = hashes.filter((hash) => !isKnown(hash))
    let isBarren = unknown.length === hashes.length
    for await (const message of readByHash(reader, unknown, signal)) {
      isBarren = false
      if (message.contentTopic === contentTopic) yield message
    }
    barrenPages = isBarren ? barrenPages + 1 : 0
    // A store that makes up hashes would be read for ever.
    if (barrenPages > MAX_BARREN_PAGES) {
      reader.distrust(source)
      throw new StoreUnavailableError('a store names hash after hash for which no store has a message')
    }
  }
  let gathered: string[] = []
  for await (const { hash, peer } of readRows(reader, scheduler, request, false)) {
    source = peer
    if (gathered.push(hash) < MAX_PAGE_ROWS) continue
    yield* fetchUnknown(gathered)
    gathered = []
  }
  yield* fetchUnknown(gathered)
}

/** The rows of a content topic, each once, from whichever stores give them. */
async function* readRows(
  reader: StoreReader,
  scheduler: SchedulerLike,
  { pubsubTopic, contentTopic, sinceMs, signal }: HistoryRequest,
  includeData: boolean,
): AsyncGenerator<StoreRow & { readonly peer: string }> {
  signal?.throwIfAborted()
  await reader.anyStore(pubsubTopic, signal)
  const seen = new RecentHashes(REMEMBERED)
  const emptyAt = new Set<string>()
  let fromMs = sinceMs
  let cursor: { readonly peer: string; readonly hash: string } | undefined
  const page = async (peer: string): Promise<StorePage> => {
    const query = {
      pubsubTopic,
      contentTopic,
      ...(fromMs > MARGIN_MS && { sinceNs: toNs(fromMs - MARGIN_MS) }),
      // A cursor means something to the store that gave it; others start from the last message's time.
      ...(cursor?.peer === peer && { cursor: cursor.hash }),
      limit: includeData ? PAGE_ROWS : MAX_PAGE_ROWS,
      includeData,
    }
    try {
      return await reader.page(peer, query, signal)
    } catch (error) {
      // Perhaps it knows the cursor no longer.
      if (cursor?.peer === peer) cursor = undefined
      throw error
    }
  }
  let hasSome = false
  let barrenPages = 0
  for (let pages = 0; ; pages++) {
    // A store that makes up rows would be read for ever.
    if (pages === MAX_PAGES) {
      throw new StoreUnavailableError(
        `there was no end after ${pages} pages; it goes on from there when tried again`,
      )
    }
    const found = await tryStores(reader, scheduler, pubsubTopic, cursor?.peer, emptyAt, signal, page)
    if (found === undefined) return
    const { peer, answer } = found
    barrenPages++
    for (const row of answer.rows) {
      hasSome = true
      if (!seen.add(row.hash)) continue
      const stampNs = row.message?.timestampNs
      const stampMs = stampNs === undefined ? undefined : toMs(stampNs)
      const isAhead = stampMs !== undefined && stampMs > scheduler.now() + AHEAD_MS
      if (!isAhead) barrenPages = 0
      if (stampMs !== undefined && !isAhead) fromMs = Math.max(fromMs, stampMs)
      yield { ...row, peer }
    }
    // A store that gives a cursor and nothing new, again and again, would be read for ever.
    if (barrenPages > MAX_BARREN_PAGES) {
      reader.distrust(peer)
      throw new StoreUnavailableError(`store ${peer} gives page after page without anything new`)
    }
    if (answer.cursor === undefined) {
      if (hasSome) return
      emptyAt.add(peer)
      // One empty result proves nothing; a second one is believed.
      if (emptyAt.size >= 2) return
    } else cursor = { peer, hash: answer.cursor }
  }
}

/**
 * Asks one store after the other, the preferred one first, in several rounds.
 *
 * @returns `undefined` when every store that there is was empty.
 */
async function tryStores(
  reader: StoreReader,
  scheduler: SchedulerLike,
  pubsubTopic: string,
  preferred: string | undefined,
  emptyAt: ReadonlySet<string>,
  signal: AbortSignal | undefined,
  page: (peer: string) => Promise<StorePage>,
): Promise<{ readonly peer: string; readonly answer: StorePage } | undefined> {
  let lastError: unknown
  for (const waitMs of ROUND_WAITS_MS) {
    if (waitMs > 0) await wait(scheduler, waitMs, signal)
    const stores = reader.stores(pubsubTopic).filter((peer) => !emptyAt.has(peer))
    if (stores.length === 0 && emptyAt.size > 0) return undefined
    for (const peer of stores.sort((a, b) => Number(b === preferred) - Number(a === preferred))) {
      try {
        return { peer, answer: await page(peer) }
      } catch (error) {
        signal?.throwIfAborted()
        lastError = error
      }
    }
  }
  throw new StoreUnavailableError('every store that is connected failed; try again later', {
    cause: lastError,
  })
}

/** Messages by hash: what one store does not have is asked of the next. */
export async function* readByHash(
  reader: StoreReader,
  hashes: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<TransportMessage> {
  signal?.throwIfAborted()
  const missing = new Set(hashes.filter((hash) => /^[0-9a-f]{64}$/.test(hash)))
  if (missing.size === 0) return
  await reader.anyStore(undefined, signal)
  let answers = 0
  let lastError: unknown
  for (const peer of reader.stores(undefined)) {
    const wanted = [...missing]
    try {
      for (let at = 0; at < wanted.length; at += PAGE_ROWS) {
        const some = wanted.slice(at, at + PAGE_ROWS)
        const { rows } = await reader.page(
          peer,
          { hashes: some, limit: PAGE_ROWS, includeData: true },
          signal,
        )
        answers++
        for (const { hash, message } of rows) {
          if (message === undefined || !missing.delete(hash)) continue
          yield toTransportMessage(hash, message)
          signal?.throwIfAborted()
        }
      }
    } catch (error) {
      signal?.throwIfAborted()
      lastError = error
    }
    if (missing.size === 0) return
  }
  if (answers === 0) {
    throw new StoreUnavailableError('every store that is connected failed; try again later', {
      cause: lastError,
    })
  }
}
