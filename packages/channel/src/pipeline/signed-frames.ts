import { SparseMap } from '@reliable-channels/stage/core'

/**
 * Frames of others as they were signed, where the cipher signs: whoever gives a message that another has written gives it
 * as that one has signed it.
 */
export interface SignedFrames {
  keep(messageId: string, bytes: Uint8Array<ArrayBuffer>): void
  of(messageId: string): Uint8Array<ArrayBuffer> | undefined
}

/**
 * Bytes of the frames kept.
 * @limit The oldest goes: its message is given by its author, and by the network's memory.
 */
const MAX_BYTES = 2 ** 24

/** Makes the memory of signed frames. It does not outlive the process. */
export function createSignedFrames(): SignedFrames {
  const frames = new SparseMap<string, Uint8Array<ArrayBuffer>>()
  let bytes = 0
  return {
    keep(messageId, frame) {
      // The first copy stays: later ones differ in what they acknowledge.
      if (frames.has(messageId) || frame.length > MAX_BYTES) return
      frames.set(messageId, frame)
      bytes += frame.length
      for (const [oldest, { length }] of frames) {
        if (bytes <= MAX_BYTES) break
        frames.delete(oldest)
        bytes -= length
      }
    },
    of: (messageId) => frames.get(messageId),
  }
}
