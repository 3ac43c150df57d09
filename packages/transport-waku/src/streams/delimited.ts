import { VarintWriter } from '@reliable-channels/wire'

import { Gathered, type Piece } from './gathered.ts'

/** Longest length prefix, bytes: lengths below 2³². */
export const MAX_PREFIX_BYTES = 5

/** Length prefix and content, which may be in pieces, in one. */
export function delimit(...content: readonly Uint8Array[]): Uint8Array {
  const writer = new VarintWriter().number(content.reduce((sum, { length }) => sum + length, 0))
  for (const piece of content) writer.raw(piece)
  return writer.finish()
}

/** The content after a length prefix. Throws unless all of it is there. */
export function undelimit(framed: Uint8Array): Uint8Array {
  if (framed.length === 0) throw new Error('the stream ended without a reply')
  const place = locate(framed, 0)
  if (place === undefined) throw new Error('malformed length of a reply')
  if (framed.length < place.end) {
    throw new Error(
      `the stream ended after ${framed.length - place.start} of ${place.end - place.start} bytes of a reply`,
    )
  }
  return framed.subarray(place.start, place.end)
}

/**
 * The contents of a stream of length-prefixed ones, each as soon as it is whole. They are views, to be copied by whoever
 * keeps them.
 *
 * @throws When one is longer than `maxBytes`, and when the source does.
 */
export async function* readDelimited(
  source: AsyncIterable<Piece>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  /** The beginning of a content. */
  let begun = new Gathered()
  /** Bytes without which there is nothing to do. */
  let needed = 1
  for await (const piece of source) {
    if (begun.length > 0) begun.add(piece, needed)
    const all = begun.length > 0 ? begun.bytes : piece.subarray()
    if (all.length < needed) continue
    let offset = 0
    for (;;) {
      const place = locate(all, offset)
      if (place === undefined) {
        needed = all.length - offset + 1
        break
      }
      if (place.end - place.start > maxBytes) throw new Error(`a frame of more than ${maxBytes} bytes`)
      if (place.end > all.length) {
        needed = place.end - offset
        break
      }
      yield all.subarray(place.start, place.end)
      offset = place.end
    }
    begun = new Gathered()
    if (offset < all.length) begun.add(all.subarray(offset))
  }
}

/** Where the content lies whose length stands at `offset`; `undefined` while the length is not whole. */
function locate(
  bytes: Uint8Array,
  offset: number,
): { readonly start: number; readonly end: number } | undefined {
  let length = 0
  for (let digits = 0; digits < MAX_PREFIX_BYTES; digits++) {
    const byte = bytes[offset + digits]
    if (byte === undefined) return undefined
    length += (byte & 0x7f) * 2 ** (7 * digits)
    if (byte < 0x80) return { start: offset + digits + 1, end: offset + digits + 1 + length }
  }
  throw new Error('malformed length')
}
