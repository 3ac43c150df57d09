import type { Change, Entry } from '@reliable-channels/store'
import { RecordWriter, UNREADABLE, readRecord } from '../core/record.ts'

/** When the channel last heard anything: what came later may have been missed. */
export interface LastHeard {
  /** ms since 1970, not after `nowMs`; `undefined` when it never heard anything. */
  at(nowMs: number): number | undefined
  /** Something was heard now; returns what to store. */
  heard(nowMs: number): readonly Change[]
  /** An own message came back now, or one that was here: it is stored with what is written next. */
  again(nowMs: number): void
  /** What to store with a write. */
  due(): readonly Change[]
}

/** The stored time may be this much too early, which only makes the network's memory repeat more. */
const COARSE_MS = 10_000
/** How far back the network's memory is asked where the clock had been ahead, ms. */
const UNKNOWN_MS = 3_600_000
const KEY = 'last'

/** Makes the memory of when the channel last heard anything; `restore` holds what it stored before. */
export function createLastHeard(
  restore: Iterable<Entry>,
  onCorrupt: (key: string, reason: string) => void,
): LastHeard {
  let atMs: number | undefined
  let storedMs = -Infinity
  for (const { key, value } of restore) {
    if (key !== KEY) continue
    const time = decodeTime(value)
    if (time === undefined) onCorrupt(key, UNREADABLE)
    else storedMs = atMs = time
  }
  const due = (): readonly Change[] => {
    if (atMs === undefined || (atMs >= storedMs && atMs - storedMs < COARSE_MS)) return []
    storedMs = atMs
    return [{ key: KEY, value: new RecordWriter().float64(atMs).finish() }]
  }
  return {
    at: (nowMs) => (atMs === undefined || atMs <= nowMs ? atMs : nowMs - UNKNOWN_MS),
    heard(nowMs) {
      atMs = nowMs
      return due()
    },
    again(nowMs) {
      atMs = nowMs
    },
    due,
  }
}

function decodeTime(value: Uint8Array): number | undefined {
  return readRecord(value, (reader) => {
    const time = reader.float64()
    return time >= 0 && time < Infinity && reader.rest().length === 0 ? time : undefined
  })
}
