import { aesGcm, sealFrame, xchacha } from '@reliable-channels/encryption'
import { keccak256 } from '@reliable-channels/keccak'
import {
  type SdsMessage,
  decodeMessage,
  encodeMessage,
  encodeNimFilter,
  bloomParameters,
  kindOf,
} from '@reliable-channels/sds/core'
import {
  type Segment,
  decodeSegment,
  encodeSegment,
  validateSegment,
} from '@reliable-channels/segmentation/core'
import { WireWriter, hexOf } from '@reliable-channels/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inspectFrame } from './inspect-frame.ts'
import type { Inspection } from './inspection.ts'

const text = (bytes: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(bytes)
const NOW = Date.UTC(2026, 10, 29)

const message: SdsMessage = {
  senderId: 'alice',
  messageId: 'm1',
  channelId: 'room',
  lamport: NOW,
  causalHistory: [{ messageId: 'm0', senderId: 'bob', retrievalHint: Uint8Array.of(1, 2) }],
  repairRequest: [],
  content: text('hello'),
}

const segment: Segment = {
  dialect: 'current',
  hash: keccak256(text('hello')),
  lengthBytes: 5,
  index: 0,
  dataCount: 1,
  parityCount: 0,
  isParity: false,
  content: text('hello'),
}

const kinds = ({ layers }: Inspection): string[] => layers.map(({ kind }) => kind)
const errors = ({ layers }: Inspection): string[] => flaws({ layers }, 'error')
const notes = ({ layers }: Inspection): string[] => flaws({ layers }, 'note')
const flaws = ({ layers }: Pick<Inspection, 'layers'>, severity: string): string[] =>
  layers.flatMap((layer) => layer.flaws).flatMap((flaw) => (flaw.severity === severity ? [flaw.message] : []))
const value = ({ layers }: Inspection, layer: number, name: string): unknown =>
  layers[layer]?.fields.find((field) => field.name === name)?.value

const historyEntry = fc.record({
  messageId: fc.string({ unit: 'grapheme' }),
  senderId: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
  retrievalHint: fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 }), { nil: undefined }),
})
const anyMessage = fc.record({
  senderId: fc.string({ unit: 'grapheme', maxLength: 60 }),
  messageId: fc.string({ unit: 'grapheme', maxLength: 60 }),
  channelId: fc.string({ unit: 'grapheme', maxLength: 60 }),
  lamport: fc.option(fc.oneof(fc.nat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n })), {
    nil: undefined,
  }),
  causalHistory: fc.array(historyEntry, { maxLength: 5 }),
  bloomFilter: fc.option(fc.uint8Array({ minLength: 1, maxLength: 200 }), { nil: undefined }),
  repairRequest: fc.array(historyEntry, { maxLength: 3 }),
  content: fc.option(fc.uint8Array({ maxLength: 200 }), { nil: undefined }),
})
const anySegment = fc.record({
  dialect: fc.constantFrom('current' as const, 'lip-243' as const),
  hash: fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 40 })),
  lengthBytes: fc.nat(2 ** 32 - 1),
  index: fc.nat(300),
  dataCount: fc.nat(300),
  parityCount: fc.nat(300),
  isParity: fc.boolean(),
  content: fc.uint8Array({ maxLength: 200 }),
})
const frame = fc.oneof(
  fc
    .tuple(anyMessage, fc.constantFrom('lip' as const, 'nim' as const))
    .map(([one, dialect]) => encodeMessage(one, dialect)),
  anySegment.map(encodeSegment),
  fc.uint8Array({ maxLength: 100 }).map((rest) => Uint8Array.of(1, 2, 3, 4, 5, 0, ...rest)),
)
/** Real frames, cut, with bytes changed, or one in the other; and plain bytes. */
const anything = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.tuple(frame, fc.nat(1000)).map(([bytes, at]) => bytes.slice(0, at % (bytes.length + 1))),
  fc.tuple(frame, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 })).map(([bytes, changes]) => {
    for (const [at, byte] of changes) bytes[at % Math.max(1, bytes.length)] = byte
    return bytes
  }),
  fc.tuple(frame, anyMessage).map(([bytes, around]) => encodeMessage({ ...around, content: bytes }, 'lip')),
)

describe('inspectFrame', () => {
  it('never throws, has a layer at least, and stays within the bytes, whatever they are', () => {
    fc.assert(
      fc.property(anything, fc.option(anything, { nil: undefined }), (bytes, plain) => {
        const inspection = inspectFrame(bytes, { now: NOW, ...(plain && { opening: { plain } }) })
        expect(inspection.layers.length).toBeGreaterThan(0)
        for (const { fields, lengthBytes } of inspection.layers) {
          for (const { offset, lengthBytes: length, text: shown } of fields) {
            expect(offset).toBeGreaterThanOrEqual(0)
            expect(offset + length).toBeLessThanOrEqual(lengthBytes)
            // Nothing in it steers a terminal.
            expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u)
          }
        }
        expect(JSON.parse(JSON.stringify(inspection.layers))).toEqual(inspection.layers)
      }),
      { numRuns: 1_000 },
    )
  })

  it('agrees with the decoder about messages: an error wherever it drops one, none where it takes a whole one', () => {
    fc.assert(
      fc.property(anything, (bytes) => {
        const inspection = inspectFrame(bytes)
        const outer = { layers: inspection.layers.slice(0, 1), isSound: true }
        if (outer.layers[0]!.kind !== 'sds') return
        const decoded = decodeMessage(bytes)
        if (decoded.message === undefined) expect(errors(outer)).not.toEqual([])
        else if (decoded.message.messageId === '' || kindOf(decoded.message) === undefined) {
          expect(errors(outer)).not.toEqual([])
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('agrees with the validation of segments', () => {
    fc.assert(
      fc.property(anySegment, (one) => {
        const bytes = encodeSegment(one)
        const inspection = inspectFrame(bytes)
        if (inspection.layers[0]!.kind !== 'segment') return
        const isValid = validateSegment(decodeSegment(bytes)!, Infinity) === undefined
        // A hash that was made up is found in a segment that is the whole payload, where reassembly finds it too.
        const isMadeUp = errors(inspection).some((error) => error.includes('another Keccak-256'))
        expect(inspection.isSound).toBe(isValid && !isMadeUp)
      }),
      { numRuns: 1_000 },
    )
  })

  it('shows every field of a message of either dialect as it was written', () => {
    fc.assert(
      fc.property(anyMessage, fc.constantFrom('lip' as const, 'nim' as const), (one, dialect) => {
        const bytes = encodeMessage({ ...one, messageId: `x${one.messageId}` }, dialect)
        const inspection = inspectFrame(bytes)
        expect(inspection.layers[0]!.title).toContain(`SDS message, dialect ${dialect}`)
        expect(value(inspection, 0, 'message id')).toBe(`x${one.messageId}`)
        expect(value(inspection, 0, 'channel id')).toBe(one.channelId)
        if (one.senderId !== '') expect(value(inspection, 0, 'sender id')).toBe(one.senderId)
        const history = inspection.layers[0]!.fields.filter(({ name }) => name === 'causal history')
        expect(history.map((entry) => (entry.value as { messageId: string }).messageId)).toEqual(
          one.causalHistory.map(({ messageId }) => messageId),
        )
      }),
    )
  })

  it('goes down to the payload, through a message and a segment', () => {
    const inspection = inspectFrame(encodeMessage({ ...message, content: encodeSegment(segment) }, 'lip'), {
      now: NOW,
    })
    expect(kinds(inspection)).toEqual(['sds', 'segment', 'payload'])
    expect(inspection.layers.map(({ title }) => title)).toEqual([
      'SDS message, dialect lip, content',
      'Segment, present dialect, 1 of 1',
      'Payload',
    ])
    expect(value(inspection, 2, 'text')).toBe('hello')
    expect(value(inspection, 0, 'causal history')).toEqual({
      messageId: 'm0',
      senderId: 'bob',
      retrievalHint: '0102',
    })
    expect(inspection.isSound).toBe(true)
  })

  it('takes content that is no segment for the payload, as profiles without segmentation send it', () => {
    const inspection = inspectFrame(encodeMessage(message, 'nim'))
    expect(kinds(inspection)).toEqual(['sds', 'payload'])
    expect(inspection.layers[0]!.title).toBe('SDS message, dialect nim, content')
  })

  it('looks into a whole Waku message', () => {
    const nanoseconds = BigInt(NOW) * 1_000_000n
    const bytes = new WireWriter()
      .bytes(1, encodeMessage(message, 'lip'))
      .text(2, '/app/1/room/proto')
      .varint(10, nanoseconds * 2n)
      .bytes(11, text('RELIABLE-CHANNEL-API/1'))
      .finish()
    const inspection = inspectFrame(bytes)
    expect(kinds(inspection)).toEqual(['waku-message', 'sds', 'payload'])
    expect(value(inspection, 0, 'content topic')).toBe('/app/1/room/proto')
    expect(inspection.layers[0]!.fields.find(({ name }) => name === 'timestamp')!.text).toContain(
      '2026-11-29T00:00:00.000Z',
    )
  })

  it.each([
    ['XChaCha20-Poly1305', xchacha],
    ['AES-256-GCM', aesGcm],
  ])(
    'shows the parts of a frame sealed by %s, and what is in it once it is opened',
    async (name, cipherOf) => {
      const cipher = cipherOf({ key: new Uint8Array(32).fill(3) })
      const context = { channelId: 'room', contentTopic: '/app/1/room/proto' }
      const plain = encodeMessage(message, 'lip')
      const sealed = await sealFrame(cipher, plain, context)
      const closed = inspectFrame(sealed)
      expect(kinds(closed)).toEqual(['sealed'])
      expect(closed.layers[0]!.title).toBe(`Sealed frame, ${name}`)
      expect(closed.layers[0]!.fields.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)).toBe(
        sealed.length,
      )
      expect([notes(closed), closed.isSound]).toEqual([['sealed: what is in it shows with the key'], true])
      expect(closed.sealed?.bytes).toBe(sealed)
      const opened = inspectFrame(sealed, { opening: { plain } })
      expect([kinds(opened), opened.isSound]).toEqual([['sealed', 'sds', 'payload'], true])
      const refused = inspectFrame(sealed, { opening: { refusal: 'another key' } })
      expect([kinds(refused), errors(refused)]).toEqual([['sealed'], ['another key']])
      expect(errors(inspectFrame(sealed.slice(0, 20)))[0]).toMatch(
        /^20 bytes, a frame of .* has at least \d+: cut off$/,
      )
    },
  )

  it('knows the author that sealed content is bound to', async () => {
    const context = { channelId: 'room', contentTopic: '/app/1/room/proto', senderId: 'alice' }
    const content = await sealFrame(
      xchacha({ key: new Uint8Array(32).fill(3) }),
      encodeSegment(segment),
      context,
    )
    const bytes = encodeMessage({ ...message, content }, 'lip')
    const closed = inspectFrame(bytes)
    expect(kinds(closed)).toEqual(['sds', 'sealed'])
    expect(closed.sealed?.author).toEqual({ channelId: 'room', senderId: 'alice' })
    expect(kinds(inspectFrame(bytes, { opening: { plain: encodeSegment(segment) } }))).toEqual([
      'sds',
      'sealed',
      'segment',
      'payload',
    ])
  })

  const written = (write: (writer: WireWriter) => WireWriter): Uint8Array => write(new WireWriter()).finish()
  const lip = (change: Partial<SdsMessage>): Uint8Array => encodeMessage({ ...message, ...change }, 'lip')
  const cut = (change: Partial<Segment>): Uint8Array => encodeSegment({ ...segment, ...change })

  it.each<[string, Uint8Array, RegExp]>([
    ['no bytes', new Uint8Array(), /^no bytes at all$/],
    ['some text', text('hello'), /^neither a sealed frame, nor/],
    [
      'a message that is cut off',
      lip({}).slice(0, -3),
      /^a length exceeds the message: cut off here, or damaged$/,
    ],
    ['a message without an id', lip({ messageId: '' }), /^no message id/],
    [
      'a message of no kind',
      lip({ lamport: undefined, content: undefined }),
      /^neither a Lamport timestamp nor content/,
    ],
    ['a message of another channel', lip({ channelId: 'elsewhere' }), /^another channel/],
    [
      'a message from the future',
      lip({ lamport: NOW + 48 * 3_600_000 }),
      /^its Lamport timestamp is 48 hours ahead/,
    ],
    [
      'an id without end',
      lip({ senderId: 'x'.repeat(257) }),
      /^sender id has 257 bytes, at most 256 are taken$/,
    ],
    [
      'a field of another type',
      written((writer) => writer.varint(1, 5).text(2, 'm').text(3, 'room').varint(10, 5)),
      /^field 1 \(sender id\) is a varint, expected bytes: it is passed over$/,
    ],
    [
      'an entry without an id',
      written((writer) =>
        writer
          .text(2, 'm')
          .text(3, 'room')
          .varint(10, 5)
          .bytes(11, Uint8Array.of(18, 1, 1)),
      ),
      /^an entry without a message id$/,
    ],
    [
      'more entries than are taken',
      lip({ causalHistory: Array.from({ length: 1001 }, () => ({ messageId: 'm' })) }),
      /^more than 1000 history entries$/,
    ],
    ['a short hash', cut({ hash: new Uint8Array(31) }), /^the payload hash has 31 bytes, expected 32$/],
    ['an index beyond the count', cut({ index: 1 }), /^index 1, of 1 data segments/],
    [
      'too many segments',
      cut({ dataCount: 257, lengthBytes: 257 * 5 }),
      /^257 data and 0 parity segments, at most 256/,
    ],
    [
      'more parity than data',
      cut({ parityCount: 2 }),
      /^more parity segments \(2\) than data segments \(1\)$/,
    ],
    [
      'parity of odd length',
      cut({ isParity: true, parityCount: 1 }),
      /^parity of 5 bytes, expected a multiple of 64$/,
    ],
    ['a segment without content', cut({ dataCount: 2, content: new Uint8Array() }), /^no content$/],
    [
      'a length that does not fit',
      cut({ lengthBytes: 9 }),
      /^5 bytes of content do not fit a payload of 9 bytes in 1$/,
    ],
    ['a damaged payload', cut({ content: text('hallo') }), /^the content has another Keccak-256/],
  ])('says what is wrong with %s', (_name, bytes, problem) => {
    const inspection = inspectFrame(bytes, { now: NOW, channelId: 'room' })
    expect(inspection.isSound).toBe(false)
    expect(errors(inspection)[0]).toMatch(problem)
  })

  it.each<[string, Uint8Array, RegExp]>([
    [
      'an unknown field',
      written((writer) => writer.text(1, 'a').text(2, 'm').varint(10, 5).varint(99, 1)),
      /^field 99 is unknown here/,
    ],
    [
      'a field that stands twice',
      written((writer) => writer.text(2, 'a').text(2, 'b').varint(10, 5)),
      /^field 2 \(message id\) stands here once more/,
    ],
    [
      'ids that are no UTF-8',
      written((writer) => writer.bytes(2, Uint8Array.of(255)).varint(10, 5)),
      /^is no UTF-8/,
    ],
    ['a filter of another size', lip({ bloomFilter: new Uint8Array(10) }), /^a filter of another size than/],
    [
      'a filter that contradicts itself',
      encodeMessage(
        { ...message, bloomFilter: encodeNimFilter(bloomParameters(10, 0.01), new Uint8Array(1)) },
        'nim',
      ),
      /the filter is ignored$/,
    ],
    ['a message of nobody', lip({ senderId: '' }), /^no sender id/],
    [
      'very many fields',
      written((writer) =>
        Array.from({ length: 600 })
          .reduce<WireWriter>((more) => more.text(2, 'm'), writer)
          .varint(10, 1),
      ),
      /^101 fields more are not shown$/,
    ],
  ])('takes, with a note, %s', (_name, bytes, note) => {
    const inspection = inspectFrame(bytes, { now: NOW })
    expect(errors(inspection)).toEqual([])
    expect(notes(inspection).some((one) => note.test(one))).toBe(true)
  })

  it('says about how many ids a filter holds', () => {
    const bits = bloomParameters(10_000, 0.001)
    const filter = new Uint8Array(18_752)
    for (let i = 0; i < 1_000; i++) filter[i * 18]! |= 1 << (i & 7)
    const inspection = inspectFrame(lip({ bloomFilter: filter }))
    const shown = inspection.layers[0]!.fields.find(({ name }) => name === 'bloom filter')!
    expect(shown.text).toBe(`18,752 bytes, about ${Math.round(1_000 / bits.hashCount)} of 10,000 ids`)
    expect(shown.value).toBe(hexOf(filter))
  })
})
