import { type Cipher, openFrame } from '@reliable-channels/encryption'
import { type SdsMessage, decodeLip } from '@reliable-channels/sds/core'
import { type Segment, decodeSegment } from '@reliable-channels/segmentation/core'

/** One frame, opened layer by layer: as whoever has the key sees it. */
export interface Layers {
  readonly sealed: Uint8Array
  readonly plain: Uint8Array
  readonly sds: SdsMessage
  /** Absent from SDS's own messages, which carry nothing. */
  readonly segment?: Segment
}

/** More entries than a message of the library ever has. */
const MAX_ENTRIES = 10_000

/**
 * Opens a frame that was handed to the network.
 *
 * @returns `undefined` when it does not open, or is of another format
 */
export function inspect(
  sealed: Uint8Array,
  cipher: Cipher,
  context: { readonly channelId: string; readonly contentTopic: string },
): Layers | undefined {
  try {
    const plain = openFrame(cipher, sealed, context)
    if (plain instanceof Promise) return undefined
    const sds = decodeLip(plain, MAX_ENTRIES)
    const segment = sds.content && sds.content.length > 0 ? decodeSegment(sds.content) : undefined
    return { sealed, plain, sds, ...(segment && { segment }) }
  } catch {
    return undefined
  }
}
