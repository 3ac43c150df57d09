import { checkChanges } from './check-changes.ts'
import { crc32 } from './level/crc32.ts'
import type { Change, CorruptEntry, CorruptReason, Entry, Store } from './store.ts'

/**
 * Begins each checked value: so many bytes, the last its version, that a value from before there were checks does not
 * begin so.
 */
const MARK = Uint8Array.of(0xc5, 0x52, 0x43, 1)
/** The mark and a CRC-32 of mark, key and value, little-endian. */
const HEADER_BYTES = MARK.length + 4

const encoder = new TextEncoder()

/**
 * The same store, where each entry carries a checksum over key and value: one that was damaged on the medium is passed
 * over, and told to whoever asks for it with `onCorrupt`. Entries from before, without one, are handed out as they are.
 *
 * @example
 * const store = checkedStore(myStore)
 */
export function checkedStore(store: Store): Store & AsyncDisposable {
  return {
    checksEntries: true,
    async get(key, onCorrupt) {
      // oxlint-disable-next-line reliable-channels/limited-wait -- an adapter: whoever asks it has a limit
      const stored = await store.get(key, onCorrupt)
      return stored && opened(key, stored, onCorrupt)
    },
    async write(changes) {
      checkChanges(changes)
      // oxlint-disable-next-line reliable-channels/limited-wait -- the same
      return store.write(changes.map(sealed))
    },
    async *entries(prefix, onCorrupt): AsyncGenerator<Entry> {
      // oxlint-disable-next-line reliable-channels/limited-wait -- the same
      for await (const { key, value: stored } of store.entries(prefix, onCorrupt)) {
        const value = opened(key, stored, onCorrupt)
        if (value !== undefined) yield { key, value }
      }
    },
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store.close(),
  }
}

function sealed({ key, value }: Change): Change {
  if (value === undefined) return { key, value }
  const stored = new Uint8Array(HEADER_BYTES + value.length)
  stored.set(MARK)
  stored.set(value, HEADER_BYTES)
  new DataView(stored.buffer).setUint32(MARK.length, checksum(key, stored), true)
  return { key, value: stored }
}

function opened(
  key: string,
  stored: Uint8Array,
  onCorrupt: ((entry: CorruptEntry) => void) | undefined,
): Uint8Array | undefined {
  const value = decode(key, stored)
  if (typeof value !== 'string') return value
  onCorrupt?.({ key, reason: value })
  return undefined
}

function decode(key: string, stored: Uint8Array): Uint8Array | CorruptReason {
  const alike = MARK.reduce((count, byte, i) => count + (stored[i] === byte ? 1 : 0), 0)
  // One byte of the mark may be what was damaged.
  if (alike < MARK.length - 1) return stored
  if (stored.length < HEADER_BYTES) return 'truncated'
  const view = new DataView(stored.buffer, stored.byteOffset, HEADER_BYTES)
  const isSound = alike === MARK.length && view.getUint32(MARK.length, true) === checksum(key, stored)
  return isSound ? stored.subarray(HEADER_BYTES) : 'checksum'
}

const checksum = (key: string, stored: Uint8Array): number =>
  crc32(stored, HEADER_BYTES, crc32(encoder.encode(key), 0, crc32(MARK)))
