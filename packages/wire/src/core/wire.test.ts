import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { WIRE, WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

type Field = { readonly field: number } & (
  | { readonly type: 'bytes'; readonly value: Uint8Array }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'uint64'; readonly value: bigint }
  | { readonly type: 'sint64'; readonly value: bigint }
  | { readonly type: 'nested'; readonly value: readonly Field[] }
)

const field = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(15, 16, 2047, 2048, 2 ** 29 - 1))
/** Around the lengths where the writer changes its ways. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .constantFrom(127, 128, 256, 257, 16_383, 16_384, 20_000)
    .map((length) => new Uint8Array(length).fill(length)),
)
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }).filter((value) => value.isWellFormed()),
  fc.constantFrom('x'.repeat(127), 'x'.repeat(128), 'ü'.repeat(64), 'ü'.repeat(8_192)),
)
const { fields } = fc.letrec<{ fields: readonly Field[]; one: Field }>((tie) => ({
  one: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ field, type: fc.constant('bytes' as const), value: bytes }),
    fc.record({ field, type: fc.constant('text' as const), value: text }),
    fc.record({
      field,
      type: fc.constant('uint64' as const),
      value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    }),
    fc.record({
      field,
      type: fc.constant('sint64' as const),
      value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    }),
    fc.record({ field, type: fc.constant('nested' as const), value: tie('fields') }),
  ),
  fields: fc.array(tie('one'), { maxLength: 6 }),
}))

const plain = (value: bigint): bigint | number => (value <= Number.MAX_SAFE_INTEGER ? Number(value) : value)

function write(writer: WireWriter, all: readonly Field[]): WireWriter {
  for (const { field: number, ...one } of all) {
    if (one.type === 'bytes') writer.bytes(number, one.value)
    else if (one.type === 'text') writer.text(number, one.value)
    else if (one.type === 'uint64') writer.varint(number, plain(one.value))
    else if (one.type === 'sint64') writer.sint64(number, one.value)
    else {
      const start = writer.startNested(number)
      write(writer, one.value)
      writer.endNested(start)
    }
  }
  return writer
}

function writeWithOracle(writer: BinaryWriter, all: readonly Field[]): BinaryWriter {
  for (const { field: number, ...one } of all) {
    writer.tag(number, one.type.endsWith('int64') ? WireType.Varint : WireType.LengthDelimited)
    if (one.type === 'bytes') writer.bytes(one.value)
    else if (one.type === 'text') writer.string(one.value)
    else if (one.type === 'uint64') writer.uint64(one.value)
    else if (one.type === 'sint64') writer.sint64(one.value)
    else {
      writer.fork()
      writeWithOracle(writer, one.value)
      writer.join()
    }
  }
  return writer
}

/** Reads what was written, knowing what comes, as a decoder knows its fields. */
function read(reader: WireReader, all: readonly Field[]): Field[] {
  const found = all.map(({ field: number, type, value }): Field => {
    const tag = reader.tag()
    expect(tag).toBe(number * 8 + (type.endsWith('int64') ? WIRE.varint : WIRE.bytes))
    if (type === 'bytes') return { field: number, type, value: reader.view() }
    if (type === 'text') return { field: number, type, value: reader.text() }
    if (type === 'uint64') return { field: number, type, value: BigInt(reader.uint64()) }
    if (type === 'sint64') return { field: number, type, value: reader.sint64() }
    const outer = reader.enter()
    const inner = read(reader, value)
    expect(reader.done).toBe(true)
    reader.leave(outer)
    return { field: number, type, value: inner }
  })
  return found
}

describe('fields', () => {
  it('are written byte for byte as protobuf-es writes them, in an array of exactly their size', () => {
    fc.assert(
      fc.property(fields, (all) => {
        const written = write(new WireWriter(), all).finish()
        expect(Buffer.compare(written, writeWithOracle(new BinaryWriter(), all).finish())).toBe(0)
        expect(written.buffer.byteLength).toBe(written.length)
      }),
      { numRuns: 300 },
    )
  })

  it('are read as they were written, and passed over as well', () => {
    fc.assert(
      fc.property(fields, (all) => {
        const written = writeWithOracle(new BinaryWriter(), all).finish()
        const reader = new WireReader(written)
        expect(read(reader, all)).toEqual(all)
        expect(reader.done).toBe(true)
        const skipping = new WireReader(written)
        for (const { field: number } of all) {
          const tag = skipping.tag()
          expect(tag >>> 3).toBe(number)
          skipping.skip(tag)
        }
        expect(skipping.done).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('of other types are passed over as protobuf-es does', () => {
    const fixed = new BinaryWriter()
      .tag(9, WireType.Bit32)
      .fixed32(7)
      .tag(10, WireType.Bit64)
      .fixed64(7)
      .tag(11, WireType.StartGroup)
      .tag(1, WireType.StartGroup)
      .tag(3, WireType.LengthDelimited)
      .string('inside')
      .tag(1, WireType.EndGroup)
      .tag(11, WireType.EndGroup)
      .tag(12, WireType.Varint)
      .uint32(5)
      .finish()
    const reader = new WireReader(fixed)
    const seen: number[] = []
    while (!reader.done) {
      const tag = reader.tag()
      seen.push(tag >>> 3)
      reader.skip(tag)
    }
    expect(seen).toEqual([9, 10, 11, 12])
  })
})

describe('hostile bytes', () => {
  class Refused extends Error {}

  /** Walks as a decoder would that takes everything for what its wire type says it may be. */
  function walk(reader: WireReader, take: (tag: number, reader: WireReader) => void): unknown[] {
    const seen: unknown[] = []
    while (!reader.done) {
      const tag = reader.tag()
      seen.push(tag)
      take(tag, reader)
    }
    return seen
  }
  const takeAll = (tag: number, reader: WireReader): void => {
    const choice = tag % 3
    if ((tag & 7) === WIRE.varint)
      void (choice === 0 ? reader.uint64() : choice === 1 ? reader.uint32() : reader.sint64())
    else if ((tag & 7) !== WIRE.bytes) reader.skip(tag)
    else if (choice === 0) reader.view()
    else if (choice === 1) reader.text()
    else {
      const outer = reader.enter()
      walk(reader, takeAll)
      reader.leave(outer)
    }
  }
  const spoiled = fc
    .tuple(fields, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat())
    .map(([all, changes, cut]) => {
      const written = write(new WireWriter(), all).finish()
      for (const [at, value] of changes) if (written.length > 0) written[at % written.length] = value
      return written.subarray(0, cut % 3 === 0 ? cut % (written.length + 1) : written.length)
    })
  const hostile = fc.oneof(fc.uint8Array({ maxLength: 60 }), spoiled)

  it('are refused with the error that was asked for, never read beyond their end, and never anything else', () => {
    fc.assert(
      fc.property(hostile, (wire) => {
        const embedded = new Uint8Array(wire.length + 20).fill(0x12)
        embedded.set(wire, 10)
        const outcome = (reader: WireReader): unknown => {
          try {
            return walk(reader, takeAll)
          } catch (error) {
            if (!(error instanceof Refused)) throw error
            return error.message
          }
        }
        expect(outcome(new WireReader(embedded, 10, 10 + wire.length, Refused))).toEqual(
          outcome(new WireReader(wire, 0, wire.length, Refused)),
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it('are never taken when protobuf-es refuses them', () => {
    let taken = 0
    fc.assert(
      fc.property(hostile, (wire) => {
        let seen: unknown[]
        try {
          seen = walk(new WireReader(wire, 0, wire.length, Refused), (tag, reader) => reader.skip(tag))
        } catch (error) {
          if (error instanceof Refused) return
          throw error
        }
        taken++
        const oracle = new BinaryReader(wire)
        const expected: number[] = []
        while (oracle.pos < oracle.len) {
          const [number, type] = oracle.tag()
          expected.push(((number << 3) | type) >>> 0)
          oracle.skip(type, number)
        }
        expect(seen).toEqual(expected)
      }),
      { numRuns: 2_000 },
    )
    expect(taken).toBeGreaterThan(200)
  })

  const ff = (length: number): number[] => Array<number>(length).fill(0xff)

  it.each<[string, number[], string]>([
    ['an end within a tag', [0x80], 'a varint is cut off'],
    ['a field 0', [0x00, 1], 'a field number is 0'],
    ['a tag beyond 32 bits', [...ff(4), 0x1f, 1], 'a length or tag does not fit 32 bits'],
    ['an end within a varint', [0x08, 0xff], 'a varint is cut off'],
    ['a varint beyond 64 bits', [0x08, ...ff(9), 2], 'a varint does not fit 64 bits'],
    ['a length beyond the end', [0x12, 5, 1, 2], 'a length exceeds the message'],
    ['a length beyond 32 bits', [0x12, 0x80, 0x80, 0x80, 0x80, 0x10], 'a length or tag does not fit 32 bits'],
    ['an end within a fixed number', [0x0d, 1, 2, 3], 'a field is cut off'],
    ['a group without an end', [0x0b, 0x08, 1], 'a varint is cut off'],
    ['the end of another group', [0x0b, 0x14], 'a group ends that is not open'],
    ['the end of no group', [0x0c], 'wire type 4 where a field begins'],
    ['groups without end', Array<number>(200).fill(0x0b), 'groups are nested too deeply'],
    ['an unknown wire type', [0x0f], 'wire type 7 where a field begins'],
  ])('are refused with %s', (_, wire, reason) => {
    const reader = new WireReader(Uint8Array.from(wire))
    expect(() => walk(reader, (tag) => reader.skip(tag))).toThrow(reason)
  })

  it('may hold a varint that is longer than necessary, unless that is forbidden', () => {
    const long = Uint8Array.of(0x85, 0x80, 0x00)
    expect(new WireReader(long).uint64()).toBe(5)
    expect(() => new WireReader(long).uint64(true)).toThrow('a varint is not minimal')
    expect(new WireReader(Uint8Array.of(0)).uint64(true)).toBe(0)
  })
})

describe('the writer', () => {
  it.each([-1, 1.5, NaN, Infinity, 2 ** 53, -1n, 2n ** 64n])('refuses %s', (value) => {
    expect(() => new WireWriter().varint(1, value)).toThrow(
      expect.objectContaining({ code: 'ERR_WIRE_NUMBER', message: expect.stringContaining(String(value)) }),
    )
  })

  it.each([2n ** 63n, -(2n ** 63n) - 1n])('refuses %s as a signed number', (value) => {
    expect(() => new WireWriter().sint64(1, value)).toThrow('below 2⁶⁴')
  })

  it('puts bytes, numbers and pieces that are no fields where they are given', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), fc.nat(), (pieces, number) => {
        const writer = new WireWriter().byte(1).number(number)
        for (const piece of pieces) writer.bytesHead(2, piece.length).raw(piece)
        const oracle = new BinaryWriter().raw(Uint8Array.of(1)).uint32(number)
        for (const piece of pieces) oracle.tag(2, WireType.LengthDelimited).bytes(piece)
        expect(Buffer.compare(writer.finish(), oracle.finish())).toBe(0)
      }),
    )
  })

  it('is not disturbed by another one at work', () => {
    const one = new WireWriter().text(1, 'one')
    const two = new WireWriter().text(1, 'two')
    expect(one.finish()).toEqual(Uint8Array.of(10, 3, 0x6f, 0x6e, 0x65))
    expect(two.finish()).toEqual(Uint8Array.of(10, 3, 0x74, 0x77, 0x6f))
  })

  it('writes a field larger than what it keeps for the next', () => {
    const large = 'x'.repeat(300_000)
    const written = new WireWriter().text(1, large).finish()
    const reader = new WireReader(written)
    expect(reader.tag()).toBe(10)
    expect(reader.text()).toBe(large)
    expect(new WireWriter().varint(1, 1).finish()).toEqual(Uint8Array.of(8, 1))
  })
})

describe('bytes that are read', () => {
  const source = Buffer.from(new WireWriter().bytes(1, Uint8Array.of(7)).finish())

  it('are a view, or plain bytes of their own, also when read from a Buffer', () => {
    const reader = new WireReader(source, 1)
    const view = reader.view()
    expect([view.constructor, view.buffer]).toEqual([Uint8Array, source.buffer])
    const own = new WireReader(source, 1).bytes()
    source.fill(0)
    expect(own.constructor).toBe(Uint8Array)
    expect([...own]).toEqual([7])
  })
})
