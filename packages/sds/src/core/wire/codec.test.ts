import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { concat } from '@reliable-channels/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { oracleDecode, oracleEncode } from '../../../test/oracle.ts'
import { decodeMessage, encodeMessage } from './codec.ts'
import { afterLamport, laterLamport } from './lamport.ts'
import { type Dialect, type HistoryEntry, type SdsMessage, kindOf } from './message.ts'

const text = fc.oneof(
  fc.string({ maxLength: 150 }),
  fc.string({ unit: 'binary', maxLength: 60 }).filter((value) => value.isWellFormed()),
  fc.constant('x'.repeat(300)),
)
const bytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 400 }),
  fc.constant(new Uint8Array(1_000).fill(3)),
)
const lamport = fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map((value) => {
  const big = BigInt(value)
  return big <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(big) : big
})
const entry: fc.Arbitrary<HistoryEntry> = fc.record(
  {
    messageId: text.filter((id) => id !== ''),
    retrievalHint: bytes,
    senderId: text.filter((id) => id !== ''),
  },
  { requiredKeys: ['messageId'] },
)
const messages: fc.Arbitrary<SdsMessage> = fc.record(
  {
    senderId: text,
    messageId: text.filter((id) => id !== ''),
    channelId: text,
    lamport,
    causalHistory: fc.array(entry, { maxLength: 5 }),
    bloomFilter: bytes,
    repairRequest: fc.array(entry, { maxLength: 3 }),
    content: bytes,
  },
  { requiredKeys: ['senderId', 'messageId', 'channelId', 'causalHistory', 'repairRequest'] },
)

/** A message as it is after a dialect has carried it: `nim` always carries a timestamp and content. */
function kept(message: SdsMessage, dialect: Dialect): SdsMessage {
  return dialect === 'lip'
    ? message
    : { ...message, lamport: message.lamport ?? 0, content: message.content ?? new Uint8Array(0) }
}

/** Fields of no dialect, of all wire types. */
const unknownField = fc
  .tuple(fc.constantFrom(8, 9, 14, 100, 2 ** 29 - 1), fc.nat(4), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
  .map(([field, kind, value]) => {
    const writer = new BinaryWriter()
    if (kind === 0) writer.tag(field, WireType.Varint).uint64(value)
    else if (kind === 1) writer.tag(field, WireType.Bit64).fixed64(value)
    else if (kind === 2) writer.tag(field, WireType.LengthDelimited).string(`${value}`)
    else if (kind === 3) writer.tag(field, WireType.Bit32).fixed32(Number(value & 0xffffn))
    else {
      writer.tag(field, WireType.StartGroup)
      // One of a known number, which means nothing here.
      writer.tag(2, WireType.LengthDelimited).string(`${value}`)
      writer.tag(field, WireType.EndGroup)
    }
    return writer.finish()
  })

/** The fields of a message, each with its tag. */
function fieldsOf(wire: Uint8Array): Uint8Array[] {
  const reader = new BinaryReader(wire)
  const fields: Uint8Array[] = []
  while (reader.pos < reader.len) {
    const start = reader.pos
    const [field, type] = reader.tag()
    reader.skip(type, field)
    fields.push(wire.subarray(start, reader.pos))
  }
  return fields
}

const shown = ({ messageId, retrievalHint, senderId }: HistoryEntry): object => ({
  messageId,
  retrievalHint: retrievalHint && [...retrievalHint],
  senderId,
})

describe('the wire formats', () => {
  // WIR-01 REP-18
  it.each(['lip', 'nim'] as const)('decode in %s what they encode, and tell the dialect', (dialect) => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(decodeMessage(encodeMessage(message, dialect))).toEqual({
          message: kept(message, dialect),
          dialect,
        })
      }),
    )
  })

  // WIR-01
  it('encode in lip what an independent encoder does, byte for byte', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const expected = oracleEncode(message, 'lip')
        // Theirs leaves out empty strings, which are no more than defaults.
        fc.pre(message.senderId !== '' && message.channelId !== '')
        expect(encodeMessage(message, 'lip')).toEqual(expected)
      }),
    )
  })

  it('encode in nim what an independent decoder understands', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const found = oracleDecode(encodeMessage(message, 'nim'), 'nim')
        expect(found['messageId']).toBe(message.messageId)
        expect(found['channelId']).toBe(message.channelId)
        expect(found['lamportTimestamp']).toBe(BigInt(message.lamport ?? 0))
        expect(found['content']).toEqual(message.content ?? new Uint8Array(0))
        expect((found['causalHistory'] as object[]).length).toBe(message.causalHistory.length)
      }),
    )
  })

  it('read what an independent encoder writes', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(decodeMessage(oracleEncode(message, 'lip'))).toEqual({ message, dialect: 'lip' })
      }),
    )
  })

  it.each(['lip', 'nim'] as const)(
    'read fields of %s in any order, the last of those that come again, and pass over all others, as an independent decoder does',
    (dialect) => {
      const soup = fc
        .tuple(messages, messages, fc.array(unknownField, { maxLength: 5 }))
        .chain(([a, b, others]) => {
          const fields = [a, b].flatMap((message) => fieldsOf(encodeMessage(message, dialect)))
          return fc.shuffledSubarray([...fields, ...others], { minLength: fields.length + others.length })
        })
      fc.assert(
        fc.property(soup, (fields) => {
          const wire = concat(fields)
          const expected = oracleDecode(wire, dialect)
          const { message } = decodeMessage(wire)
          for (const name of ['senderId', 'messageId', 'channelId'] as const)
            expect(message?.[name]).toBe(expected[name])
          expect(message?.lamport === undefined ? undefined : BigInt(message.lamport)).toBe(
            expected['lamportTimestamp'],
          )
          expect(message?.content).toEqual(expected['content'])
          // An empty filter is none.
          const filter = expected['bloomFilter'] as Uint8Array | undefined
          expect(message?.bloomFilter).toEqual(dialect === 'nim' && filter?.length === 0 ? undefined : filter)
          for (const name of ['causalHistory', 'repairRequest'] as const)
            expect(message?.[name].map(shown)).toEqual((expected[name] as HistoryEntry[]).map(shown))
        }),
        { numRuns: 200 },
      )
    },
  )

  // REP-18
  it('give an empty list of repair requests and an empty sender where there are none', () => {
    const { message } = decodeMessage(
      oracleEncode(
        { messageId: 'm', channelId: 'c', senderId: '', causalHistory: [], repairRequest: [] },
        'lip',
      ),
    )
    expect(message).toEqual(expect.objectContaining({ senderId: '', repairRequest: [] }))
  })

  it('tell kinds apart by timestamp and content', () => {
    const base = { senderId: 's', messageId: 'm', channelId: 'c', causalHistory: [], repairRequest: [] }
    const content = Uint8Array.of(1)
    expect(kindOf({ ...base, lamport: 0, content })).toBe('content')
    expect(kindOf({ ...base, lamport: 0 })).toBe('sync')
    expect(kindOf({ ...base, lamport: 0, content: new Uint8Array(0) })).toBe('sync')
    expect(kindOf({ ...base, content })).toBe('ephemeral')
    expect(kindOf(base)).toBeUndefined()
  })

  it('do not copy content, and never read beyond the message', () => {
    const wire = encodeMessage(
      {
        senderId: 's',
        messageId: 'm',
        channelId: 'c',
        lamport: 1,
        causalHistory: [],
        repairRequest: [],
        content: new Uint8Array(50),
      },
      'lip',
    )
    expect(decodeMessage(wire).message!.content!.buffer).toBe(wire.buffer)
    const embedded = new Uint8Array(wire.length + 20).fill(0xff)
    embedded.set(wire, 10)
    expect(decodeMessage(embedded.subarray(10, 10 + wire.length)).message).toEqual(
      decodeMessage(wire).message,
    )
    for (let end = 0; end < wire.length; end++) {
      expect(decodeMessage(wire.subarray(0, end)).message?.content).toBeUndefined()
    }
  })
})

describe('Lamport timestamps', () => {
  it('grow without ever overflowing', () => {
    expect(afterLamport(1)).toBe(2)
    expect(afterLamport(Number.MAX_SAFE_INTEGER)).toBe(2n ** 53n)
    expect(afterLamport(2n ** 63n - 2n)).toBe(2n ** 63n - 2n)
    expect(laterLamport(5, 2n ** 64n - 1n)).toBe(2n ** 63n - 2n)
    expect(laterLamport(7, 5n)).toBe(7)
  })
})
