import { SparseMap } from '@reliable-channels/stage/core'
import type { Change, Entry } from '@reliable-channels/store'
import {
  WIRE,
  WireReader,
  WireWriter,
  hashBytesOf,
  hexOf,
  parseHex,
  readFields,
  writeHex,
} from '@reliable-channels/wire'
import { UNREADABLE } from '../core/record.ts'

/** Hashes of the network messages that carried SDS messages: where others can fetch them (LIP-109, retrieval hint). */
export interface RetrievalHints {
  get(messageId: string): Uint8Array | undefined
  /** A message leaves under this hash, and may leave under another later. Until then this one is its hint. */
  leaving(messageId: string, hash: string): void
  /** The network has a message under this hash; returns what to store. Of several the first counts. */
  set(messageId: string, hash: string): readonly Change[]
}

/** Hints kept, and as many of messages that leave; only the newest stand in causal histories. @limit The oldest goes. */
const MAX_HINTS = 2048

/** Bytes of a hint. @limit A longer hash is no hint. */
const MAX_HINT_BYTES = 64

const NOTHING: Change[] = []

/**
 * Makes the memory of hints; `restore` holds what it stored before.
 *
 * @param isStored Without a store there is nothing to write down.
 */
export function createRetrievalHints(
  restore: Iterable<Entry> = [],
  onCorrupt?: (key: string, reason: string) => void,
  isStored = true,
): RetrievalHints {
  // As the text of the hash, which is remembered by others too.
  const hints = new SparseMap<string, string>()
  const leaving = new SparseMap<string, string>()
  // Kept and reused: a new iterator would pass over all deleted entries again.
  let oldest: MapIterator<string> | undefined
  const { named, numbered, corrupt } = read(restore)
  for (const key of corrupt) onCorrupt?.(key, UNREADABLE)
  for (const [messageId, hint] of named) hints.set(messageId, hexOf(hint))
  for (const { messageId, hint } of numbered) hints.set(messageId, hexOf(hint))
  let next = 1 + (numbered.at(-1)?.number ?? -1)
  return {
    get(messageId) {
      const hash = hints.get(messageId) ?? leaving.get(messageId)
      return hash === undefined ? undefined : parseHex(hash)
    },
    leaving(messageId, hash) {
      if (hints.has(messageId) || !isHint(hash)) return
      leaving.delete(messageId)
      leaving.set(messageId, hash)
      if (leaving.size > MAX_HINTS) leaving.delete(leaving.keys().next().value!)
    },
    set(messageId, hash) {
      if (hints.has(messageId) || !isHint(hash)) return NOTHING
      leaving.delete(messageId)
      hints.set(messageId, hash)
      const changes: Change[] = isStored ? [] : NOTHING
      while (hints.size > MAX_HINTS) {
        oldest ??= hints.keys()
        const key = oldest.next().value!
        hints.delete(key)
        // The entry of another is written over by one that comes later.
        if (named.delete(key) && isStored) changes.push({ key, value: undefined })
      }
      // Ids of peers that send no UTF-8 are not stored: their hints last as long as the process.
      if (!isStored || !messageId.isWellFormed()) return changes
      const number = next++
      changes.push({ key: keyOf(number), value: encode({ number, messageId, hint: parseHex(hash)! }) })
      return changes
    },
  }
}

/** A hint, as it is stored. */
interface StoredHint {
  /** Greater than of those before. */
  readonly number: number
  readonly messageId: string
  readonly hint: Uint8Array
}

const NUMBER = 1
const HASH_ID = 2
const TEXT_ID = 3
const HINT = 4

/** Entries are used again and again, so that none need be deleted. */
const SLOT = '#'
const keyOf = (number: number): string => SLOT + (number % MAX_HINTS).toString(36)

function encode({ number, messageId, hint }: StoredHint): Uint8Array {
  const writer = new WireWriter().varint(NUMBER, number)
  const hash = hashBytesOf(messageId)
  if (hash === undefined) writer.text(TEXT_ID, messageId)
  else writer.bytes(HASH_ID, hash)
  return writer.bytes(HINT, hint).finish()
}

function decode(value: Uint8Array): StoredHint | undefined {
  let number = 0
  let messageId = ''
  let hint = new Uint8Array(0)
  const reader = new WireReader(value)
  const isWellFormed = readFields(reader, (tag) => {
    if (tag === NUMBER * 8) number = Number(reader.uint64())
    else if (tag === HASH_ID * 8 + WIRE.bytes) messageId = hexOf(reader.view())
    else if (tag === TEXT_ID * 8 + WIRE.bytes) messageId = reader.text()
    else if (tag === HINT * 8 + WIRE.bytes) hint = reader.bytes()
    else return false
    return true
  })
  const isHint =
    isWellFormed && Number.isSafeInteger(number + MAX_HINTS) && messageId !== '' && hint.length > 0
  return isHint && hint.length <= MAX_HINT_BYTES ? { number, messageId, hint } : undefined
}

/** What was stored, oldest first: by number, and of an older version by the id of the message. */
function read(entries: Iterable<Entry>): {
  readonly named: Map<string, Uint8Array>
  readonly numbered: readonly StoredHint[]
  readonly corrupt: readonly string[]
} {
  const named = new Map<string, Uint8Array>()
  const numbered: StoredHint[] = []
  const corrupt: string[] = []
  for (const { key, value } of entries) {
    const stored = key.startsWith(SLOT) ? decode(value) : undefined
    if (stored !== undefined) numbered.push(stored)
    else if (!key.startsWith(SLOT) && value.length > 0 && value.length <= MAX_HINT_BYTES)
      named.set(key, value)
    else corrupt.push(key)
  }
  return { named, numbered: numbered.toSorted((a, b) => a.number - b.number), corrupt }
}

const scratch = new Uint8Array(MAX_HINT_BYTES)

/** Whether a hash is of bytes in hexadecimal, and not too many. */
const isHint = (hash: string): boolean =>
  hash !== '' && hash.length <= 2 * MAX_HINT_BYTES && writeHex(hash, scratch, 0)
