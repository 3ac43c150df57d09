import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { proto_store } from '@waku/proto'

import type { Archive, ArchiveRow } from './core/archive.ts'
import { BAD_WIRE_TYPE } from './message.ts'
import { splitFields, type FieldType } from './wire.ts'

/** Protocol id of 13/WAKU2-STORE, v3. */
export const STORE = '/vac/waku/store-query/3.0.0'

/** Longest store request read, bytes. @limit Its stream is reset. */
export const MAX_STORE_BYTES: number = 1024 * 1024

const DEFAULT_PAGE = 20n
/** Messages on a page of the store. @limit Further ones are on the next. */
const MAX_PAGE = 100n
/** Content topics of a store query that goes on from a cursor. @limit It is refused (`INVALID_QUERY`). */
const MAX_TOPICS_WITH_CURSOR = 10
const FIELDS: Readonly<Record<number, FieldType>> = {
  1: 'bytes',
  2: 'varint',
  10: 'bytes',
  11: 'bytes',
  12: 'varint',
  13: 'varint',
  20: 'bytes',
  51: 'bytes',
  52: 'varint',
  53: 'varint',
}
const { StoreQueryRequest, StoreQueryResponse } = proto_store

/** A reply without messages. */
export function encodeStoreStatus(requestId: string, statusCode: number, statusDesc: string): Uint8Array {
  return StoreQueryResponse.encode({ requestId, statusCode, statusDesc, messages: [] })
}

/** Answers a store query. */
export function answerStore(request: Uint8Array, archive: Archive, now: number): Uint8Array {
  const query = decodeQuery(request)
  if (query === undefined) return encodeStoreStatus('', 400, `decoding rpc failed: ${BAD_WIRE_TYPE}`)
  const cursor = query.paginationCursor
  if (cursor !== undefined) {
    if (cursor.every((byte) => byte === 0)) return archiveError('INVALID_QUERY: all zeroes cursor hash')
    if (query.contentTopics.length > MAX_TOPICS_WITH_CURSOR) {
      return archiveError('INVALID_QUERY: too many content topics')
    }
  }
  const page = archive.query(
    {
      pubsubTopic: query.pubsubTopic === '' ? undefined : query.pubsubTopic,
      contentTopics: query.contentTopics,
      timeStart: query.timeStart,
      timeEnd: query.timeEnd,
      hashes: query.messageHashes.length === 0 ? undefined : query.messageHashes.map(toHex),
      cursor: cursor === undefined ? undefined : toHex(cursor),
      forward: query.paginationForward,
      limit: pageSize(query.paginationLimit),
    },
    now,
  )
  if (page === undefined) return archiveError('DRIVER_ERROR: cursor not found')
  return encodePage(query.requestId, page.rows, page.cursor, query.includeData)
}

function decodeQuery(request: Uint8Array): proto_store.StoreQueryRequest | undefined {
  if (splitFields(request, FIELDS) === undefined) return undefined
  try {
    return StoreQueryRequest.decode(request)
  } catch {
    return undefined
  }
}

function pageSize(asked: bigint | undefined): number {
  if (asked === undefined || asked === 0n) return Number(DEFAULT_PAGE)
  return Number(asked > MAX_PAGE ? MAX_PAGE : asked)
}

/** The real node leaves the request id out of these. */
function archiveError(reason: string): Uint8Array {
  return encodeStoreStatus('', 300, `BAD_RESPONSE: archive error: ${reason}`)
}

/** Written field by field, so that the messages, which are kept encoded, go out as they are. */
function encodePage(
  requestId: string,
  rows: readonly ArchiveRow[],
  cursor: ArchiveRow | undefined,
  includeData: boolean,
): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(1, WireType.LengthDelimited).string(requestId)
  writer.tag(10, WireType.Varint).uint32(200)
  writer.tag(11, WireType.LengthDelimited).string('OK')
  for (const row of rows) {
    writer.tag(20, WireType.LengthDelimited).fork()
    writer.tag(1, WireType.LengthDelimited).bytes(row.hash)
    if (includeData) {
      writer.tag(2, WireType.LengthDelimited).bytes(row.bytes)
      writer.tag(3, WireType.LengthDelimited).string(row.pubsubTopic)
    }
    writer.join()
  }
  if (cursor !== undefined) writer.tag(51, WireType.LengthDelimited).bytes(cursor.hash)
  return writer.finish()
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
