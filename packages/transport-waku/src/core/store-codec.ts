import { WireReader, WireWriter, hexOf, parseHex, readFields } from '@reliable-channels/wire'

import {
  type Sha256,
  decodeWireMessage,
  wireMessageHash,
  ownedMessage,
  portableSha256,
  type WireMessage,
} from './message.ts'
import { STATUS_TAG, type Status } from './status.ts'

/** Protocol id of 13/WAKU2-STORE, v3. */
export const STORE = '/vac/waku/store-query/3.0.0'

/** Rows that a service node puts on a page, whatever is asked for. @limit A reply with more is malformed. */
export const MAX_PAGE_ROWS = 100

const HASH_BYTES = 32

/** A question to a store: messages of a content topic since a time, or by hash. */
export interface StoreQuery {
  readonly pubsubTopic?: string
  readonly contentTopic?: string
  /** Inclusive, nanoseconds since 1970. */
  readonly sinceNs?: bigint
  /** Lower-case hexadecimal. */
  readonly hashes?: readonly string[]
  /** Hash of the last row of the page before. */
  readonly cursor?: string
  /** Rows of a page, 1 to {@link MAX_PAGE_ROWS}. */
  readonly limit: number
  /** Whether the messages are wanted, and not their hashes alone. */
  readonly includeData: boolean
}

/** One row of a page. */
export interface StoreRow {
  readonly hash: string
  /** Absent when it was not asked for, or is not what the hash stands for. */
  readonly message?: WireMessage
}

/** One page of a store's answer. */
export interface StorePage {
  readonly status: Status
  readonly rows: readonly StoreRow[]
  /** Set when there is more. */
  readonly cursor?: string
}

/** Encodes a store query; pages are chronological, oldest first. */
export function encodeStoreQuery(requestId: string, query: StoreQuery): Uint8Array {
  const writer = new WireWriter().text(1, requestId)
  if (query.includeData) writer.varint(2, 1)
  if (query.pubsubTopic !== undefined) writer.text(10, query.pubsubTopic)
  if (query.contentTopic !== undefined) writer.text(11, query.contentTopic)
  if (query.sinceNs !== undefined) writer.sint64(12, query.sinceNs)
  for (const hash of query.hashes ?? []) writer.bytes(20, bytesOf(hash))
  if (query.cursor !== undefined) writer.bytes(51, bytesOf(query.cursor))
  return writer.varint(52, 1).varint(53, query.limit).finish()
}

function bytesOf(hash: string): Uint8Array {
  const bytes = parseHex(hash.toLowerCase())
  if (bytes === undefined) throw new TypeError(`expected a message hash in hexadecimal, got "${hash}"`)
  return bytes
}

/** Field numbers × 8 + wire types of a page, and of a row. */
const TAG = { row: 162, cursor: 410 } as const
const ROW_TAG = { hash: 10, message: 18, pubsubTopic: 26 } as const

/**
 * Reads a page; `undefined` when it is malformed or has more rows than any page may have.
 * The hash of a message is computed here, never believed.
 *
 * @param pubsubTopic The one that was asked about, if it was one.
 */
export function decodeStorePage(
  bytes: Uint8Array,
  pubsubTopic?: string,
  sha256: Sha256 = portableSha256,
): StorePage | undefined {
  let code: number | undefined
  let description = ''
  let cursor: Uint8Array | undefined
  const encodedRows: Uint8Array[] = []
  const reader = new WireReader(bytes)
  const wellFormed = readFields(reader, (tag) => {
    if (tag === STATUS_TAG.code) code = reader.uint32()
    else if (tag === STATUS_TAG.text) description = reader.text()
    else if (tag === TAG.row && encodedRows.length <= MAX_PAGE_ROWS) encodedRows.push(reader.view())
    else if (tag === TAG.cursor) cursor = reader.view()
    else return false
    return true
  })
  if (!wellFormed || code === undefined || encodedRows.length > MAX_PAGE_ROWS) return undefined
  if (cursor !== undefined && cursor.length !== HASH_BYTES) return undefined
  const rows: StoreRow[] = []
  for (const encoded of encodedRows) {
    const row = decodeRow(encoded, pubsubTopic, sha256)
    if (row === undefined) return undefined
    rows.push(row)
  }
  return {
    status: { code, text: description },
    rows,
    ...(cursor !== undefined && { cursor: hexOf(cursor) }),
  }
}

function decodeRow(bytes: Uint8Array, wantedTopic: string | undefined, sha256: Sha256): StoreRow | undefined {
  let key: Uint8Array | undefined
  let encoded: Uint8Array | undefined
  let pubsubTopic = wantedTopic
  const reader = new WireReader(bytes)
  const wellFormed = readFields(reader, (tag) => {
    if (tag === ROW_TAG.hash) key = reader.view()
    else if (tag === ROW_TAG.message) encoded = reader.view()
    else if (tag === ROW_TAG.pubsubTopic) pubsubTopic = reader.text()
    else return false
    return true
  })
  if (!wellFormed || key?.length !== HASH_BYTES) return undefined
  const hash = hexOf(key)
  if (encoded === undefined || pubsubTopic === undefined) return { hash }
  if (wantedTopic !== undefined && pubsubTopic !== wantedTopic) return { hash }
  const message = decodeWireMessage(encoded)
  return message !== undefined && wireMessageHash(pubsubTopic, message, sha256) === hash
    ? { hash, message: ownedMessage(message) }
    : { hash }
}
