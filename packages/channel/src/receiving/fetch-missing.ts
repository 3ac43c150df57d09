import { SparseMap } from '@reliable-channels/stage/core'
import type { HistoryEntry } from '@reliable-channels/sds/core'
import type { Transport, TransportMessage } from '@reliable-channels/transport'
import { hexOf } from '@reliable-channels/wire'
import { EMPTY, type Observable, type SchedulerLike, auditTime, buffer, concatMap } from 'rxjs'
import { type PatienceOptions, patiently } from './patiently.ts'

/** Missing messages noticed within this time are fetched together, this many at a time. */
const GATHER_MS = 200
const FETCH_AT_ONCE = 50
/** A message is fetched again after this time at the earliest, and within it no more than so many: hints may be lies. */
const FETCH_AGAIN_MS = 60_000
/** Messages fetched within a minute: hints may be lies. @limit Further ones are left to repair. */
const MOST_FETCHED = 1_000
/** Bytes of a message hash (14/WAKU2-MESSAGE). One hint that is none would spoil the request for all. */
const HASH_BYTES = 32

/**
 * Fetches single messages by their retrieval hints, one request at a time.
 *
 * @param missing$ Missing messages that SDS noticed, with their hints.
 */
export function fetchMissing(
  transport: Transport,
  missing$: Observable<readonly HistoryEntry[]>,
  patience: PatienceOptions,
): Observable<TransportMessage> {
  if (transport.fetch === undefined) return EMPTY
  const { scheduler } = patience
  const notAskedYet = createAskedHashes(scheduler)
  return missing$.pipe(
    buffer(missing$.pipe(auditTime(GATHER_MS, scheduler))),
    concatMap((gathered) => inBatches(notAskedYet(gathered.flat().flatMap(hashesOf)))),
    concatMap((hashes) => patiently((signal) => transport.fetch!(hashes, { signal }), patience)),
  )
}

/** Leaves out what was asked for lately. */
function createAskedHashes(scheduler: SchedulerLike): (hashes: readonly string[]) => string[] {
  /** When each was asked for, oldest first. */
  const asked = new SparseMap<string, number>()
  return (hashes) => {
    const now = scheduler.now()
    for (const [hash, atMs] of asked) {
      if (atMs > now - FETCH_AGAIN_MS) break
      asked.delete(hash)
    }
    return hashes.filter((hash) => {
      if (asked.size >= MOST_FETCHED || asked.has(hash)) return false
      asked.set(hash, now)
      return true
    })
  }
}

/** Whether a hint is the hash of a network message. */
export const isHash = (hint: Uint8Array): boolean => hint.length === HASH_BYTES

function hashesOf({ retrievalHint }: HistoryEntry): string[] {
  return retrievalHint !== undefined && isHash(retrievalHint) ? [hexOf(retrievalHint)] : []
}

function inBatches(hashes: readonly string[]): string[][] {
  const batches: string[][] = []
  for (let i = 0; i < hashes.length; i += FETCH_AT_ONCE) batches.push(hashes.slice(i, i + FETCH_AT_ONCE))
  return batches
}
