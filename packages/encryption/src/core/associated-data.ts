import { HEADER_BYTES } from './header.ts'

/** What a frame is bound to beside its header. */
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

const encoder = new TextEncoder()

/**
 * Associated data: header ‖ channel id ‖ content topic ‖ author ‖ anything else.
 *
 * Each part has its length (4 bytes, big-endian) before it, and the author a byte that tells whether there is one, so
 * that no two contexts give the same bytes.
 */
export function associatedData(frame: Uint8Array, binding: Binding): Uint8Array {
  const { channelId, contentTopic, senderId, aad = new Uint8Array() } = binding
  const parts: Uint8Array[] = [encoder.encode(channelId), encoder.encode(contentTopic)]
  if (senderId !== undefined) parts.push(encoder.encode(senderId))
  parts.push(aad)
  let length = HEADER_BYTES + 1
  for (const part of parts) length += 4 + part.length
  const data = new Uint8Array(length)
  data.set(frame.subarray(0, HEADER_BYTES))
  data[HEADER_BYTES] = senderId === undefined ? 0 : 1
  let at = HEADER_BYTES + 1
  for (const part of parts) {
    data[at++] = part.length >>> 24
    data[at++] = part.length >>> 16
    data[at++] = part.length >>> 8
    data[at++] = part.length
    data.set(part, at)
    at += part.length
  }
  return data
}
