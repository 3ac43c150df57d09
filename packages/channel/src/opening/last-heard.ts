import type { Change, Entry } from '@reliable-channels/store'

/** When the channel last heard anything: what came later may have been missed. */
export interface LastHeard {
  /** ms since 1970, not after `nowMs`; `undefined` when it never heard anything. */
  at(nowMs: number): number | undefined
  /** Something was heard now; returns what to store. */
  heard(nowMs: number): readonly Change[]
}

/** The stored time may be this much too early, which only makes the network's memory repeat more. */
const COARSE_MS = 10_000
/** What is asked for where a clock noted the time that was ahead, ms. */
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
    if (value.length !== 8) {
      onCorrupt(key, `expected 8 bytes, got ${value.length}`)
      continue
    }
    const time = new DataView(value.buffer, value.byteOffset).getFloat64(0)
    if (time >= 0 && time < Infinity) storedMs = atMs = time
    else onCorrupt(key, `expected a time, got ${time}`)
  }
  return {
    at: (nowMs) => (atMs === undefined || atMs <= nowMs ? atMs : nowMs - UNKNOWN_MS),
    heard(nowMs) {
      atMs = nowMs
      if (nowMs >= storedMs && nowMs - storedMs < COARSE_MS) return []
      storedMs = nowMs
      const value = new Uint8Array(8)
      new DataView(value.buffer).setFloat64(0, nowMs)
      return [{ key: KEY, value }]
    },
  }
}
