import { WireReader } from '@reliable-channels/wire'

/** Bytes that are no SDS message, and why. Data for the caller: it never leaves the package as an exception. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
}

/** A reader that throws {@link MalformedMessage}. */
export function messageReader(bytes: Uint8Array, start = 0): WireReader {
  return new WireReader(bytes, start, bytes.length, MalformedMessage)
}
