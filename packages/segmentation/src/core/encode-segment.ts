import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
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
  const head = new BinaryWriter()
  head.tag(1, WireType.LengthDelimited).bytes(segment.hash)
  writeUint(head, 2, segment.lengthBytes ?? 0)
  writeUint(head, 3, segment.index)
  writeUint(head, 4, segment.dataCount)
  writeUint(head, 5, segment.parityCount)
  if (segment.isParity) head.tag(6, WireType.Varint).bool(true)
  return join(head, 7, segment.content)
}

/**
 * `SegmentMessageProto` of LIP-243: hash 1, data index 2, data count 3, content 4, parity index 5, parity count 6,
 * is parity 7.
 */
function encodeLip243(segment: Segment): Uint8Array<ArrayBuffer> {
  const head = new BinaryWriter()
  head.tag(1, WireType.LengthDelimited).bytes(segment.hash)
  if (!segment.isParity) writeUint(head, 2, segment.index)
  writeUint(head, 3, segment.dataCount)
  const tail = new BinaryWriter()
  if (segment.isParity) writeUint(tail, 5, segment.index)
  writeUint(tail, 6, segment.parityCount)
  if (segment.isParity) tail.tag(7, WireType.Varint).bool(true)
  return join(head, 4, segment.content, tail.finish())
}

function writeUint(writer: BinaryWriter, field: number, value: number): void {
  if (value !== 0) writer.tag(field, WireType.Varint).uint32(value)
}

const NOTHING = new Uint8Array(0)

/** Joined by hand because the writer would copy the content twice more. */
function join(
  head: BinaryWriter,
  field: number,
  content: Uint8Array,
  tail: Uint8Array = NOTHING,
): Uint8Array<ArrayBuffer> {
  if (content.length > 0) head.tag(field, WireType.LengthDelimited).uint32(content.length)
  const start = head.finish()
  const bytes = new Uint8Array(start.length + content.length + tail.length)
  bytes.set(start)
  bytes.set(content, start.length)
  bytes.set(tail, start.length + content.length)
  return bytes
}
