import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'

import { FieldWriter } from './field-writer.ts'
import { readFields } from './fields.ts'
import { type Sha256, decodeMessage, messageHash, portableSha256, type WireMessage } from './message.ts'
import type { Status } from './status.ts'

/** Protocol id of 13/WAKU2-STORE, v3. */
export const STORE = '/vac/waku/store-query/3.0.0'

/** Rows that a service node puts on a page, whatever is asked for. */
export const MAX_PAGE_ROWS = 100

const HASH_BYTES = 32

/** What is asked of a store: messages of a content topic since a time, or by hash. */
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
  const writer = new FieldWriter().text(1, requestId)
  if (query.includeData) writer.bool(2, true)
  if (query.pubsubTopic !== undefined) writer.text(10, query.pubsubTopic)
  if (query.contentTopic !== undefined) writer.text(11, query.contentTopic)
  if (query.sinceNs !== undefined) writer.sint64(12, query.sinceNs)
  for (const hash of query.hashes ?? []) writer.bytes(20, hexToBytes(hash))
  if (query.cursor !== undefined) writer.bytes(51, hexToBytes(query.cursor))
  return writer.bool(52, true).uint32(53, query.limit).finish()
}

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
  const wellFormed = readFields(bytes, (field, value) => {
    if (field === 10) code = value.uint32()
    else if (field === 11) description = value.text()
    else if (field === 20) encodedRows.push(value.view())
    else if (field === 51) cursor = value.bytes()
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
    ...(cursor !== undefined && { cursor: bytesToHex(cursor) }),
  }
}

function decodeRow(bytes: Uint8Array, wantedTopic: string | undefined, sha256: Sha256): StoreRow | undefined {
  let key: Uint8Array | undefined
  let encoded: Uint8Array | undefined
  let pubsubTopic = wantedTopic
  const wellFormed = readFields(bytes, (field, value) => {
    if (field === 1) key = value.bytes()
    else if (field === 2) encoded = value.view()
    else if (field === 3) pubsubTopic = value.text()
    else return false
    return true
  })
  if (!wellFormed || key?.length !== HASH_BYTES) return undefined
  const hash = bytesToHex(key)
  if (encoded === undefined || pubsubTopic === undefined) return { hash }
  if (wantedTopic !== undefined && pubsubTopic !== wantedTopic) return { hash }
  const message = decodeMessage(encoded)
  return message !== undefined && messageHash(pubsubTopic, message, sha256) === hash
    ? { hash, message }
    : { hash }
}
