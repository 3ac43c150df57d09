import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LogEntry } from '../history/log-entry.ts'
import { MalformedMessage } from '../wire/malformed-message.ts'
import {
  decodeAnswer,
  decodeClock,
  decodeHorizon,
  decodeLife,
  decodeMet,
  decodeMissing,
  decodeOutgoing,
  decodeParked,
  encodeAnswer,
  encodeClock,
  encodeHorizon,
  encodeLife,
  encodeMet,
  encodeMissing,
  encodeOutgoing,
  encodeParked,
} from './records.ts'
import { decodeLogEntry, encodeLogEntry } from './log-record.ts'

const bytesOf = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes)

const clock = { lamport: 1_750_000_000_000, lastId: { ms: 1_750_000_000_001, nanos: 999_999 } }
const horizon = { lamport: 2n ** 63n, messageId: 'a1', senderId: undefined }
const horizonOfBob = { lamport: 9, messageId: 'a2', senderId: 'bob' }
const outgoing = {
  priority: 'critical' as const,
  retransmissions: 300,
  left: true,
  ephemeral: true,
  givenUp: true,
  leftAt: 900_000,
  probes: 11,
}
const life = {
  lived: 86_400_000,
  joinedAt: 1_750_000_000_000,
  probes: { count: 12, unanswered: 3, outSince: 86_000_000 },
}
const missing = {
  entry: { messageId: 'x', retrievalHint: bytesOf(1, 2), senderId: 'carol' },
  dependent: 'a sync',
  namedBy: 'bob',
  since: 5_000,
}
const answer = { messageId: 'x', due: 305_000 }
const met = { sequence: 7, messageId: 'b2', reason: 'lost', senderId: 'bob' } as const
const forgotten = {
  sequence: 8,
  messageId: 'b3',
  reason: 'ahead',
  stamp: { lamport: 2n ** 60n, senderId: 'carol' },
} as const
const entry = new LogEntry({
  sequence: 7,
  messageId: 'c3',
  senderId: 'alice',
  lamport: 5,
  causalHistory: [
    { messageId: 'x', retrievalHint: bytesOf(1, 2), senderId: 'carol' },
    { messageId: 'y', retrievalHint: undefined, senderId: undefined },
  ],
  content: bytesOf(9, 8, 7),
  isLoose: true,
})

const fieldsOf = ({ sequence, messageId, senderId, lamport, causalHistory, content, isLoose }: LogEntry) => ({
  sequence,
  messageId,
  senderId,
  lamport,
  causalHistory,
  content,
  isLoose,
})

/** Each kind of record: what is written, and what is read of it. */
const records = [
  ['clock', encodeClock(clock), decodeClock, clock],
  ['horizon', encodeHorizon(horizon), decodeHorizon, horizon],
  ['horizon of a sender', encodeHorizon(horizonOfBob), decodeHorizon, horizonOfBob],
  ['outgoing message', encodeOutgoing(outgoing), decodeOutgoing, outgoing],
  ['parked message', encodeParked(5_000), decodeParked, 5_000],
  ['life', encodeLife(life), decodeLife, life],
  ['missing message', encodeMissing(missing), decodeMissing, missing],
  ['answer', encodeAnswer(answer), decodeAnswer, answer],
  ['met id', encodeMet(met), decodeMet, { messageId: 'b2', reason: 'lost', senderId: 'bob' }],
  [
    'forgotten message',
    encodeMet(forgotten),
    decodeMet,
    { messageId: 'b3', reason: 'ahead', stamp: forgotten.stamp },
  ],
  ['log entry', encodeLogEntry(entry), (value) => fieldsOf(decodeLogEntry(value, 7).entry), fieldsOf(entry)],
] as const satisfies readonly (readonly [string, Uint8Array, (value: Uint8Array) => unknown, unknown])[]

/** Fields that this version does not know, of each type that the wire has. */
const unknownFields = [
  bytesOf(120, 200, 1),
  bytesOf(113, 1, 2, 3, 4, 5, 6, 7, 8),
  bytesOf(106, 3, 8, 1, 2),
  bytesOf(99, 8, 1, 100),
  bytesOf(93, 1, 2, 3, 4),
]

describe.each(records)('the record of a %s', (_, written, read, expected) => {
  it('is read as it was written', () => {
    expect(read(written)).toEqual(expected)
  })

  it('is read without the fields that a later version may add, wherever they stand', () => {
    for (const field of unknownFields) {
      expect(read(bytesOf(...written, ...field)), `${field[0]} at the end`).toEqual(expected)
      expect(read(bytesOf(written[0]!, ...field, ...written.slice(1))), `${field[0]} in front`).toEqual(
        expected,
      )
    }
  })

  it('is refused when it is of another version, or empty', () => {
    expect(() => read(bytesOf(2, ...written.slice(1)))).toThrow(MalformedMessage)
    expect(() => read(bytesOf())).toThrow('version none')
  })

  it('is read or refused, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          read(bytesOf(1, ...bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessage)
        }
      }),
    )
  })
})

describe('the record of a life', () => {
  it('counts no probe before the first, nor where that did not leave', () => {
    for (const count of [0, -1]) {
      const probes = { ...life.probes, count }
      expect(decodeLife(encodeLife({ ...life, probes })).probes.count).toBe(0)
    }
  })
})

describe('a record of an earlier version', () => {
  it('is read: a parked message of which nobody noted since when it waits', () => {
    expect(decodeParked(bytesOf(1))).toBeUndefined()
  })

  it('is read: an outgoing message of which nobody noted when it left', () => {
    const { leftAt, probes, ...others } = outgoing
    expect(decodeOutgoing(encodeOutgoing(others))).toEqual({
      ...others,
      leftAt: undefined,
      probes: 0,
    })
    expect([leftAt, probes]).not.toContain(undefined)
  })
})

describe('a record that makes no sense', () => {
  it('is refused: numbers that could not be counted on from', () => {
    const most = Number.MAX_SAFE_INTEGER
    const retransmissions = (count: number): Uint8Array =>
      encodeOutgoing({ ...outgoing, retransmissions: count })
    expect(decodeOutgoing(retransmissions(most - 1)).retransmissions).toBe(most - 1)
    expect(() => decodeOutgoing(retransmissions(most))).toThrow('too large')
    expect(() => decodeClock(encodeClock({ ...clock, lastId: { ms: most, nanos: 0 } }))).toThrow('too large')
    expect(() => decodeClock(encodeClock({ ...clock, lastId: { ms: 1, nanos: 1_000_000 } }))).toThrow(
      '1000000 nanoseconds',
    )
  })

  it('is refused: an id that nobody could have met, and a reason that there is not', () => {
    expect(() => decodeMet(encodeMet({ ...met, messageId: '' }))).toThrow('is missing')
    expect(() => decodeMet(bytesOf(1, 10, 1, 97, 16, 4))).toThrow('is missing')
    expect(() => decodeMet(bytesOf(1, 10, 1, 97))).toThrow('is missing')
  })

  it('is refused: a missing message, or an answer, without an id', () => {
    expect(() =>
      decodeMissing(encodeMissing({ ...missing, entry: { ...missing.entry, messageId: '' } })),
    ).toThrow('is missing')
    expect(() => decodeMissing(bytesOf(1, 32, 5))).toThrow('is missing')
    expect(() => decodeAnswer(bytesOf(1, 16, 5))).toThrow('is missing')
  })

  it('is refused: a log entry without id or timestamp', () => {
    expect(() => decodeLogEntry(bytesOf(1, 10, 1, 97), 0)).toThrow('is missing')
    expect(() => decodeLogEntry(bytesOf(1, 24, 5), 0)).toThrow('is missing')
  })
})
