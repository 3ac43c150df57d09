import { encodeText } from '@reliable-channels/wire'
import { HEADER_BYTES } from './header.ts'

/** Fields that a frame is bound to beside its header. */
export interface Binding {
  /** The channel's id. */
  readonly channelId: string
  /** Where the frame travels. */
  readonly contentTopic: string
  /** The author, in content placement, where the message around the frame names one in the clear. */
  readonly senderId?: string | undefined
  /** Anything else that both ends know. */
  readonly aad?: Uint8Array | undefined
}

/** Marks the length of a text that is written as JSON. */
const ESCAPED = 2 ** 31

/** Texts that are not well-formed (ids of peers that send no UTF-8) as JSON, which tells lone surrogates apart. */
const bytesOf = (text: string): { readonly bytes: Uint8Array; readonly mark: number } =>
  text.isWellFormed()
    ? { bytes: encodeText(text), mark: 0 }
    : { bytes: encodeText(JSON.stringify(text)), mark: ESCAPED }

/**
 * Associated data: header ‖ channel id ‖ content topic ‖ author ‖ anything else.
 *
 * Each part has its length (4 bytes, big-endian; the top bit set for text that is not well-formed, which is written as
 * JSON) before it, and the author a byte that tells whether there is one, so
 * that no two contexts give the same bytes.
 */
export function associatedData(frame: Uint8Array, binding: Binding): Uint8Array {
  const { channelId, contentTopic, senderId, aad = new Uint8Array() } = binding
  const parts = [bytesOf(channelId), bytesOf(contentTopic)]
  if (senderId !== undefined) parts.push(bytesOf(senderId))
  parts.push({ bytes: aad, mark: 0 })
  let length = HEADER_BYTES + 1
  for (const { bytes } of parts) length += 4 + bytes.length
  const data = new Uint8Array(length)
  data.set(frame.subarray(0, HEADER_BYTES))
  data[HEADER_BYTES] = senderId === undefined ? 0 : 1
  let at = HEADER_BYTES + 1
  for (const { bytes, mark } of parts) {
    const head = (bytes.length + mark) >>> 0
    data[at++] = head >>> 24
    data[at++] = head >>> 16
    data[at++] = head >>> 8
    data[at++] = head
    data.set(bytes, at)
    at += bytes.length
  }
  return data
}
