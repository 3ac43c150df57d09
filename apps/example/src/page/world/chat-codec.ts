/** What the application puts into the bytes that a channel carries. */
export interface ChatMessage {
  /** Chosen by the author: the same at every peer. */
  readonly id: string
  readonly kind: 'text' | 'file'
  /** What was said, or the name of the file. */
  readonly text: string
  /** Of a file, as its author's browser told it; empty where it did not. */
  readonly mediaType: string
  /** The file; empty for text. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

const MAX_HEADER_BYTES = 8_192

/** Writes a message: the length of the header (two bytes), the header as JSON, the file. */
export function encodeChat({ id, kind, text, mediaType, bytes }: ChatMessage): Uint8Array<ArrayBuffer> {
  const header = new TextEncoder().encode(JSON.stringify({ id, kind, text, mediaType }))
  if (header.length > MAX_HEADER_BYTES) throw new RangeError('this text is too long for one message')
  const encoded = new Uint8Array(2 + header.length + bytes.length)
  new DataView(encoded.buffer).setUint16(0, header.length)
  encoded.set(header, 2)
  encoded.set(bytes, 2 + header.length)
  return encoded
}

/** Reads a message; `undefined` when the bytes are none. Anybody may have written them. */
export function decodeChat(encoded: Uint8Array<ArrayBuffer>): ChatMessage | undefined {
  if (encoded.length < 2) return undefined
  const length = new DataView(encoded.buffer, encoded.byteOffset).getUint16(0)
  if (length > MAX_HEADER_BYTES || encoded.length < 2 + length) return undefined
  const header = parse(new TextDecoder().decode(encoded.subarray(2, 2 + length)))
  if (header === undefined) return undefined
  const { id, kind, text, mediaType } = header
  if (typeof id !== 'string' || typeof text !== 'string' || typeof mediaType !== 'string') return undefined
  if (kind !== 'text' && kind !== 'file') return undefined
  return { id, kind, text, mediaType, bytes: encoded.subarray(2 + length) }
}

function parse(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
