import { WireWriter } from '@reliable-channels/wire'
import type { Segment } from './segment.ts'

/**
 * Writes a segment: fields in ascending order, proto3 defaults left out.
 *
 * @returns a new array; the content is copied once.
 */
export function encodeSegment(segment: Segment): Uint8Array<ArrayBuffer> {
  return segment.dialect === 'current' ? encodeCurrent(segment) : encodeLip243(segment)
}

/** `SegmentMessage` of the reference: hash 1, length 2, index 3, data count 4, parity count 5, is parity 6, content 7. */
function encodeCurrent(segment: Segment): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter().bytes(1, segment.hash)
  writeNumber(writer, 2, segment.lengthBytes ?? 0)
  writeNumber(writer, 3, segment.index)
  writeNumber(writer, 4, segment.dataCount)
  writeNumber(writer, 5, segment.parityCount)
  writeNumber(writer, 6, Number(segment.isParity))
  if (segment.content.length > 0) writer.bytes(7, segment.content)
  return writer.finish()
}

/**
 * `SegmentMessageProto` of LIP-243: hash 1, data index 2, data count 3, content 4, parity index 5, parity count 6,
 * is parity 7.
 */
function encodeLip243(segment: Segment): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter().bytes(1, segment.hash)
  if (!segment.isParity) writeNumber(writer, 2, segment.index)
  writeNumber(writer, 3, segment.dataCount)
  if (segment.content.length > 0) writer.bytes(4, segment.content)
  if (segment.isParity) writeNumber(writer, 5, segment.index)
  writeNumber(writer, 6, segment.parityCount)
  writeNumber(writer, 7, Number(segment.isParity))
  return writer.finish()
}

function writeNumber(writer: WireWriter, field: number, value: number): void {
  if (value !== 0) writer.varint(field, value)
}
