/** What is kept of an open request: enough to end it after a restart. */
export interface StoredRequest {
  readonly requestId: string
  readonly messageIds: readonly string[]
  readonly dataCount: number
  readonly ephemeral: boolean
}

const VERSION = 1

/** Encodes as: version, flags (1 = ephemeral), data count, then the ids, each ended by a line feed. */
export function encodeRequest({ messageIds, dataCount, ephemeral }: StoredRequest): Uint8Array {
  const text = new TextEncoder().encode(messageIds.join('\n'))
  const record = new Uint8Array(4 + text.length)
  record[0] = VERSION
  record[1] = ephemeral ? 1 : 0
  new DataView(record.buffer).setUint16(2, dataCount)
  record.set(text, 4)
  return record
}

/** The request, or `undefined` when the bytes are not one. */
export function decodeRequest(requestId: string, record: Uint8Array): StoredRequest | undefined {
  if (record.length < 5 || record[0] !== VERSION) return undefined
  const dataCount = new DataView(record.buffer, record.byteOffset, record.byteLength).getUint16(2)
  const messageIds = new TextDecoder().decode(record.subarray(4)).split('\n')
  if (dataCount < 1 || dataCount > messageIds.length) return undefined
  return { requestId, messageIds, dataCount, ephemeral: record[1] === 1 }
}
