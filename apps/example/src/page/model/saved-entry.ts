import type { PeerName } from '../world/settings.ts'
import type { Entry, FrameRecord } from './entry.ts'

/** An entry without the bytes of files and frames, as JSON has it. */
type SavedEntry = Omit<Entry, 'message' | 'heardAtMs' | 'frames'> & {
  readonly message: Omit<Entry['message'], 'bytes'>
  readonly heardAtMs: readonly (readonly [PeerName, number])[]
  readonly frames: readonly Omit<FrameRecord, 'layers'>[]
}

/** Writes what is known of a message; its file is kept beside. */
export function encodeEntry({ message, heardAtMs, frames, ...rest }: Entry): Uint8Array {
  const { bytes: _, ...head } = message
  const saved: SavedEntry = {
    ...rest,
    message: head,
    heardAtMs: [...heardAtMs],
    frames: frames.map(({ layers: _layers, ...frame }) => frame),
  }
  return new TextEncoder().encode(JSON.stringify(saved))
}

/** Reads it, with the bytes of its file. */
export function decodeEntry(encoded: Uint8Array, bytes: Uint8Array = new Uint8Array(0)): Entry {
  const { message, heardAtMs, frames, ...rest } = JSON.parse(new TextDecoder().decode(encoded)) as SavedEntry
  return {
    ...rest,
    // JSON has no `undefined`.
    messageId: rest.messageId,
    status: rest.status,
    message: { ...message, bytes },
    heardAtMs: new Map(heardAtMs),
    frames: frames.map((frame) => ({ ...frame, layers: undefined })),
  }
}
