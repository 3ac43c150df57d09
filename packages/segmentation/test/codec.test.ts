import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Segment, decodeSegment, encodeSegment, validateSegment } from '../src/core.ts'
import { SegmentMessageProtoSchema, SegmentMessageSchema } from './gen/segment_pb.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const content = fc.uint8Array({ maxLength: 300 })
const count = fc.integer({ min: 1, max: 256 })

const segments: fc.Arbitrary<Segment> = fc.record({
  dialect: fc.constantFrom('current', 'lip-243'),
  hash,
  lengthBytes: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  index: fc.integer({ min: 0, max: 255 }),
  dataCount: count,
  parityCount: fc.oneof(fc.constant(0), count),
  isParity: fc.boolean(),
  content,
})

const plain = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes)

describe('the codec of segments', () => {
  it('writes and reads the fields of the reference as protobuf-es does', () => {
    // SEG-34
    fc.assert(
      fc.property(segments, (any) => {
        const segment: Segment = { ...any, dialect: 'current' }
        const bytes = encodeSegment(segment)
        const message = create(SegmentMessageSchema, {
          originalPayloadHash: segment.hash,
          originalPayloadLength: segment.lengthBytes!,
          index: segment.index,
          dataSegmentCount: segment.dataCount,
          ...(segment.parityCount > 0 && { paritySegmentCount: segment.parityCount }),
          isParity: segment.isParity,
          segmentPayload: segment.content,
        })
        expect(plain(bytes)).toEqual(plain(toBinary(SegmentMessageSchema, message)))
        expect(fromBinary(SegmentMessageSchema, bytes)).toEqual(message)
        expect(decodeSegment(bytes)).toEqual(segment)
      }),
    )
  })

  it('writes and reads the fields of the older LIP-243 text as protobuf-es does', () => {
    fc.assert(
      fc.property(segments, (any) => {
        const segment: Segment = { ...any, dialect: 'lip-243', lengthBytes: undefined }
        const bytes = encodeSegment(segment)
        const message = create(SegmentMessageProtoSchema, {
          entireMessageHash: segment.hash,
          dataSegmentIndex: segment.isParity ? 0 : segment.index,
          dataSegmentCount: segment.dataCount,
          payload: segment.content,
          paritySegmentIndex: segment.isParity ? segment.index : 0,
          paritySegmentCount: segment.parityCount,
          isParity: segment.isParity,
        })
        expect(plain(bytes)).toEqual(plain(toBinary(SegmentMessageProtoSchema, message)))
        expect(decodeSegment(bytes)).toEqual(segment)
      }),
    )
  })

  it('reads fields in any order, skips unknown ones, and lets the last of a repeated one win', () => {
    const bytes = new BinaryWriter()
      .tag(7, WireType.LengthDelimited)
      .bytes(Uint8Array.of(9))
      .tag(99, WireType.LengthDelimited)
      .bytes(new Uint8Array(5))
      .tag(4, WireType.Varint)
      .uint32(7)
      .tag(100, WireType.Bit32)
      .fixed32(1)
      .tag(3, WireType.Varint)
      .uint32(1)
      .tag(4, WireType.Varint)
      .uint32(2)
      .tag(101, WireType.StartGroup)
      .tag(1, WireType.Varint)
      .uint32(1)
      .tag(101, WireType.EndGroup)
      .tag(2, WireType.Varint)
      .uint32(2)
      .tag(1, WireType.LengthDelimited)
      .bytes(new Uint8Array(32))
      .finish()
    const segment = decodeSegment(bytes)!
    expect(segment).toMatchObject({
      dialect: 'current',
      lengthBytes: 2,
      index: 1,
      dataCount: 2,
      isParity: false,
    })
    expect(segment.content).toEqual(Uint8Array.of(9))
    expect(validateSegment(segment, 1_000)).toBeUndefined()
  })

  it('takes an empty payload of either dialect for what it is', () => {
    const empty = { hash: new Uint8Array(32), index: 0, dataCount: 1, parityCount: 0, isParity: false }
    const none = new Uint8Array(0)
    const current: Segment = { ...empty, dialect: 'current', lengthBytes: 0, content: none }
    const older: Segment = { ...empty, dialect: 'lip-243', lengthBytes: undefined, content: none }
    expect(decodeSegment(encodeSegment(current))).toEqual(current)
    expect(decodeSegment(encodeSegment(older))).toEqual(older)
  })

  it('shows the content as a view, without a copy', () => {
    const bytes = encodeSegment({
      dialect: 'current',
      hash: new Uint8Array(32),
      lengthBytes: 4,
      index: 0,
      dataCount: 1,
      parityCount: 0,
      isParity: false,
      content: Uint8Array.of(1, 2, 3, 4),
    })
    expect(decodeSegment(bytes)!.content.buffer).toBe(bytes.buffer)
  })
})

describe('numbers from the network', () => {
  const written = (fields: readonly (readonly [field: number, value: bigint])[]): Uint8Array => {
    const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(new Uint8Array(32))
    for (const [field, value] of fields) writer.tag(field, WireType.Varint).uint64(value)
    return writer.tag(7, WireType.LengthDelimited).bytes(new Uint8Array(64)).finish()
  }
  const verdict = (
    length: bigint,
    index: bigint,
    dataCount: bigint,
    parityCount = 0n,
    isParity = 0n,
  ): unknown =>
    validateSegment(
      decodeSegment(
        written([
          [2, length],
          [3, index],
          [4, dataCount],
          [5, parityCount],
          [6, isParity],
        ]),
      )!,
      1_000,
    )

  it('are refused beyond their bounds, and never wrap around', () => {
    // SEG-10 SEG-11 SEG-12 SEG-13
    expect(verdict(64n, 0n, 1n)).toBeUndefined()
    expect(verdict(128n, 1n, 2n)).toBeUndefined()
    expect(verdict(64n, 0n, 0n)).toBe('invalid')
    expect(verdict(64n, 1n, 1n)).toBe('invalid')
    expect(verdict(64n, 2n ** 32n, 1n)).toBe('invalid')
    expect(verdict(64n, 0n, 2n ** 32n + 1n)).toBe('invalid')
    expect(verdict(2n ** 63n, 0n, 1n)).toBe('invalid')
    expect(verdict(2n ** 64n - 1n, 0n, 1n)).toBe('invalid')
    expect(verdict(2n ** 32n + 64n, 0n, 1n)).toBe('invalid')
    expect(verdict(64n * 256n, 255n, 256n)).toBeUndefined()
    expect(verdict(64n * 257n, 256n, 257n)).toBe('invalid')
    expect(verdict(64n * 128n, 0n, 128n, 128n)).toBeUndefined()
    expect(verdict(64n * 128n, 0n, 128n, 129n)).toBe('invalid')
    expect(verdict(64n * 128n, 127n, 128n, 128n, 1n)).toBeUndefined()
    expect(verdict(64n * 128n, 128n, 128n, 128n, 1n)).toBe('invalid')
    expect(verdict(64n, 0n, 1n, 0n, 1n)).toBe('invalid')
    expect(verdict(64n, 0n, 1n, 2n ** 63n)).toBe('invalid')
  })

  it('are refused where they contradict the content', () => {
    expect(verdict(65n, 0n, 1n)).toBe('invalid')
    expect(verdict(63n, 0n, 1n)).toBe('invalid')
    expect(verdict(129n, 0n, 2n)).toBe('invalid')
    expect(verdict(64n, 0n, 2n)).toBe('invalid')
    // A last segment of 64 bytes before which 63 are too few.
    expect(verdict(127n, 1n, 2n)).toBe('invalid')
    expect(verdict(130n, 2n, 3n)).toBe('invalid')
  })

  it('do not make a length of content out of a longer one', () => {
    const writer = new BinaryWriter().tag(4, WireType.Varint).uint32(1).tag(7, WireType.LengthDelimited)
    const bytes = writer
      .uint64(2n ** 32n + 2n)
      .raw(Uint8Array.of(1, 2))
      .finish()
    expect(decodeSegment(bytes)).toBeUndefined()
  })

  it('need a hash of 32 bytes and content within the limit', () => {
    // SEG-09
    const segment: Segment = {
      dialect: 'current',
      hash: new Uint8Array(32),
      lengthBytes: 64,
      index: 0,
      dataCount: 1,
      parityCount: 1,
      isParity: false,
      content: new Uint8Array(64),
    }
    expect(validateSegment(segment, 64)).toBeUndefined()
    expect(validateSegment(segment, 63)).toBe('oversized')
    expect(validateSegment({ ...segment, hash: new Uint8Array(31) }, 64)).toBe('invalid')
    expect(validateSegment({ ...segment, hash: new Uint8Array(33) }, 64)).toBe('invalid')
    const parity = { ...segment, isParity: true }
    expect(validateSegment(parity, 64)).toBeUndefined()
    expect(validateSegment({ ...parity, content: new Uint8Array(65) }, 100)).toBe('invalid')
    expect(validateSegment({ ...parity, content: new Uint8Array(0) }, 100)).toBe('invalid')
    expect(validateSegment({ ...parity, lengthBytes: 65 }, 100)).toBe('invalid')
  })
})

describe('what others write', () => {
  const name = Uint8Array.from({ length: 32 }, (_, i) => i)
  const hashHex = Buffer.from(name).toString('hex')
  const golden: Record<string, { hex: string; segment: Segment; fault: 'invalid' | undefined }> = {
    'a data segment': {
      hex: `0a20${hashHex}10f403180120033a03aabbcc`,
      segment: {
        dialect: 'current',
        hash: name,
        lengthBytes: 500,
        index: 1,
        dataCount: 3,
        parityCount: 0,
        isParity: false,
        content: Uint8Array.of(0xaa, 0xbb, 0xcc),
      },
      // Three segments of three bytes make no 500.
      fault: 'invalid',
    },
    'a parity segment': {
      hex: `0a20${hashHex}10f4032003280130013a021122`,
      segment: {
        dialect: 'current',
        hash: name,
        lengthBytes: 500,
        index: 0,
        dataCount: 3,
        parityCount: 1,
        isParity: true,
        content: Uint8Array.of(0x11, 0x22),
      },
      // Shards are multiples of 64 bytes.
      fault: 'invalid',
    },
    'the least segment': {
      hex: `0a20${hashHex}2001`,
      segment: {
        dialect: 'current',
        hash: name,
        lengthBytes: 0,
        index: 0,
        dataCount: 1,
        parityCount: 0,
        isParity: false,
        content: new Uint8Array(0),
      },
      fault: undefined,
    },
  }

  it.each(Object.keys(golden))('reads and writes %s of nim-segmentation as its wire test has it', (which) => {
    const { hex, segment, fault } = golden[which]!
    const decoded = decodeSegment(Uint8Array.from(Buffer.from(hex, 'hex')))
    expect(decoded).toEqual(segment)
    expect(Buffer.from(encodeSegment(segment)).toString('hex')).toBe(hex)
    expect(validateSegment(segment, 153_600)).toBe(fault)
  })

  // Between the two layouts that are read there was one with 4 segment count, 5 is parity and 6 payload.
  it.each([
    [1, false],
    [3, false],
    [3, true],
  ])('refuses the layout in between, a segment of %i, parity: %s', (segmentCount, isParity) => {
    const writer = new BinaryWriter()
    writer.tag(1, WireType.LengthDelimited).bytes(name)
    writer.tag(2, WireType.Varint).uint32(192 * segmentCount)
    writer.tag(3, WireType.Varint).uint32(segmentCount - 1)
    writer.tag(4, WireType.Varint).uint32(segmentCount)
    if (isParity) writer.tag(5, WireType.Varint).bool(true)
    writer.tag(6, WireType.LengthDelimited).bytes(new Uint8Array(192))
    const decoded = decodeSegment(writer.finish())
    expect(decoded && validateSegment(decoded, 153_600)).toBe('invalid')
  })
})
