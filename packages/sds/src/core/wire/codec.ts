import { WIRE } from '@reliable-channels/wire'
import { decodeLip, encodeLip } from './lip-codec.ts'
import type { Dialect, SdsMessage } from './message.ts'
import { decodeNim, encodeNim } from './nim-codec.ts'
import { MalformedMessage, messageReader } from './malformed-message.ts'

/** Limits of {@link decodeMessage}. */
export interface DecodeLimits {
  /** Largest message in bytes. @limit A larger one is not decoded. @default 1_048_576 */
  maxMessageBytes?: number
  /**
   * History entries, and as many repair requests, of one message.
   * @limit A message with more is not decoded.
   * @default 1_000
   */
  maxHistoryEntries?: number
}

/** The result of {@link decodeMessage}. */
export type Decoded =
  | { readonly message: SdsMessage; readonly dialect: Dialect }
  | { readonly message: undefined; readonly reason: string }

/** Encodes a message in the given dialect. LIP-109, "Message". */
export function encodeMessage(message: SdsMessage, dialect: Dialect): Uint8Array<ArrayBuffer> {
  return dialect === 'lip' ? encodeLip(message) : encodeNim(message)
}

/**
 * Decodes a message in whichever dialect it is. Bytes in the result are views of `bytes`. Never throws: anything may
 * come from the network.
 */
export function decodeMessage(bytes: Uint8Array, limits: DecodeLimits = {}): Decoded {
  const { maxMessageBytes = 1_048_576, maxHistoryEntries = 1_000 } = limits
  if (bytes.length > maxMessageBytes) {
    return { message: undefined, reason: `${bytes.length} bytes, more than ${maxMessageBytes}` }
  }
  try {
    const dialect = dialectOf(bytes)
    const decode = dialect === 'lip' ? decodeLip : decodeNim
    return { message: decode(bytes, maxHistoryEntries), dialect }
  } catch (error) {
    if (error instanceof MalformedMessage) return { message: undefined, reason: error.message }
    throw error
  }
}

/**
 * The dialect of a message: field 2 is the message id (length-delimited) in `lip`, the Lamport timestamp (a varint) in
 * `nim`. Every `lip` message has an id; without field 2 it is an older `nim` message that left out its timestamp.
 *
 * @throws {@link MalformedMessage}
 */
export function dialectOf(bytes: Uint8Array): Dialect {
  const reader = messageReader(bytes)
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === 2 * 8 + WIRE.bytes) return 'lip'
    if (tag === 2 * 8 + WIRE.varint) return 'nim'
    reader.skip(tag)
  }
  return 'nim'
}
