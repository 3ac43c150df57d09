import type { Urgency } from '../input.ts'
import type { Horizon } from '../parts/horizons.ts'
import type { MetId, MetReason } from '../parts/met-ids.ts'
import type { Lamport } from '../wire/lamport.ts'
import { MalformedMessage } from '../wire/malformed-message.ts'
import type { HistoryEntry } from '../wire/message.ts'
import type { Nanoseconds } from '../wire/message-id.ts'
import { counted, wholeMs, nanosecondsOf, openRecord, readVarints, startRecord } from './record-fields.ts'
import { readName, writeName } from './stored-names.ts'

/** How long a participant has run, when it joined, and its probes; times are of its life. */
export interface LifeRecord {
  readonly lived: number
  /** When it joined, if it did with nothing before: by the clock. */
  readonly joinedAt: number | undefined
  readonly probes: ProbesRecord
}

/** How often something was sent to find out what has come; see `Probes`. */
export interface ProbesRecord {
  readonly count: number
  readonly unanswered: number
  /** When the last left whose answer is awaited. */
  readonly outSince: number | undefined
}

/** A message that only a sync message has named. */
export interface MissingRecord {
  readonly entry: HistoryEntry
  /** The sync message, and whose it is. */
  readonly dependent: string
  readonly namedBy: string
  /** Since when it is missed. */
  readonly since: number
}

/** A message to be given. */
export interface AnswerRecord {
  readonly messageId: string
  readonly due: number
}

/** By the number that is stored. */
const PRIORITIES: readonly Urgency[] = ['normal', 'critical', 'optional']

/** State of an outgoing message beside its log entry. */
export interface OutgoingRecord {
  readonly retransmissions: number
  readonly left: boolean
  readonly ephemeral: boolean
  /** @default 'normal' */
  readonly priority?: Urgency
  /** It was given up; whoever is heard may still have it, or lack it. */
  readonly givenUp?: boolean
  /** When it left last, in the participant's life, and how many probes had left when it was last sent for a reason. */
  readonly leftAt?: number | undefined
  readonly probes?: number | undefined
}

/** State of the clocks. */
export interface ClockRecord {
  readonly lamport: Lamport
  readonly lastId: Nanoseconds
}

export function encodeClock({ lamport, lastId }: ClockRecord): Uint8Array {
  const writer = startRecord()
  writer.varint(1, lamport)
  writer.varint(2, lastId.ms)
  writer.varint(3, lastId.nanos)
  return writer.finish()
}

/** @throws {@link MalformedMessage} */
export function decodeClock(value: Uint8Array): ClockRecord {
  const [lamport = 0, ms = 0, nanos = 0] = readVarints(value)
  return { lamport, lastId: nanosecondsOf(ms, nanos) }
}

export function encodeHorizon({ lamport, messageId, senderId }: Omit<Horizon, 'sequence'>): Uint8Array {
  const writer = startRecord()
  writer.varint(1, lamport)
  writer.text(2, messageId)
  if (senderId !== undefined) writer.text(3, senderId)
  return writer.finish()
}

/** @throws {@link MalformedMessage} */
export function decodeHorizon(value: Uint8Array): Omit<Horizon, 'sequence'> {
  const reader = openRecord(value)
  let lamport: Lamport = 0
  let messageId = ''
  let senderId: string | undefined
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === 8) lamport = reader.uint64()
    else if (tag === 18) messageId = reader.text()
    else if (tag === 26) senderId = reader.text()
    else reader.skip(tag)
  }
  return { lamport, messageId, senderId }
}

export function encodeShared(sequence: number): Uint8Array {
  const writer = startRecord()
  writer.varint(1, sequence)
  return writer.finish()
}

/** @throws {@link MalformedMessage} */
export function decodeShared(value: Uint8Array): number {
  return counted(readVarints(value)[0] ?? 0)
}

export function encodeOutgoing({
  retransmissions,
  left,
  ephemeral,
  priority = 'normal',
  givenUp,
  leftAt,
  probes,
}: OutgoingRecord): Uint8Array {
  const writer = startRecord()
  if (retransmissions > 0) writer.varint(1, retransmissions)
  if (left) writer.varint(2, 1)
  if (ephemeral) writer.varint(3, 1)
  if (givenUp) writer.varint(4, 1)
  if (leftAt !== undefined) writer.varint(5, wholeMs(leftAt))
  if (probes !== undefined && probes > 0) writer.varint(6, probes)
  if (priority !== 'normal') writer.varint(7, PRIORITIES.indexOf(priority))
  return writer.finish()
}

/** @throws {@link MalformedMessage} */
export function decodeOutgoing(value: Uint8Array): OutgoingRecord {
  const [retransmissions = 0, left = 0, ephemeral = 0, givenUp = 0, leftAt, probes = 0, priority = 0] =
    readVarints(value)
  return {
    retransmissions: counted(retransmissions),
    left: left !== 0,
    ephemeral: ephemeral !== 0,
    priority: PRIORITIES[Number(priority)] ?? 'normal',
    givenUp: givenUp !== 0,
    leftAt: leftAt === undefined ? undefined : counted(leftAt),
    probes: counted(probes),
  }
}

/** @param since When it was parked. */
export function encodeParked(since: number): Uint8Array {
  const writer = startRecord()
  writer.varint(1, wholeMs(since))
  return writer.finish()
}

/** @throws {@link MalformedMessage} */
export function decodeParked(value: Uint8Array): number | undefined {
  const [since] = readVarints(value)
  return since === undefined ? undefined : counted(since)
}

export function encodeLife({ lived, joinedAt, probes }: LifeRecord): Uint8Array {
  const writer = startRecord()
  writer.varint(1, wholeMs(lived))
  writer.varint(2, Math.max(0, probes.count))
  writer.varint(3, probes.unanswered)
  if (probes.outSince !== undefined) writer.varint(4, wholeMs(probes.outSince))
  if (joinedAt !== undefined) writer.varint(5, wholeMs(joinedAt))
  return writer.finish()
}

/** @throws {@link MalformedMessage} */
export function decodeLife(value: Uint8Array): LifeRecord {
  const [lived = 0, count = 0, unanswered = 0, outSince, joinedAt] = readVarints(value)
  return {
    lived: counted(lived),
    joinedAt: joinedAt === undefined ? undefined : counted(joinedAt),
    probes: {
      count: counted(count),
      unanswered: counted(unanswered),
      outSince: outSince === undefined ? undefined : counted(outSince),
    },
  }
}

export function encodeMissing({ entry, dependent, namedBy, since }: MissingRecord): Uint8Array {
  const writer = startRecord()
  writeName(writer, 1, entry)
  writer.text(2, dependent)
  writer.text(3, namedBy)
  writer.varint(4, wholeMs(since))
  return writer.finish()
}

/** @throws {@link MalformedMessage} */
export function decodeMissing(value: Uint8Array): MissingRecord {
  const reader = openRecord(value)
  let entry: HistoryEntry | undefined
  let dependent = ''
  let namedBy = ''
  let since: Lamport = 0
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === 10) entry = readName(reader)
    else if (tag === 18) dependent = reader.text()
    else if (tag === 26) namedBy = reader.text()
    else if (tag === 32) since = reader.uint64()
    else reader.skip(tag)
  }
  if (entry === undefined || entry.messageId === '') throw new MalformedMessage('the id is missing')
  return { entry, dependent, namedBy, since: counted(since) }
}

export function encodeAnswer({ messageId, due }: AnswerRecord): Uint8Array {
  const writer = startRecord()
  writer.text(1, messageId)
  writer.varint(2, wholeMs(due))
  return writer.finish()
}

/** @throws {@link MalformedMessage} */
export function decodeAnswer(value: Uint8Array): AnswerRecord {
  const reader = openRecord(value)
  let messageId = ''
  let due: Lamport = 0
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === 10) messageId = reader.text()
    else if (tag === 16) due = reader.uint64()
    else reader.skip(tag)
  }
  if (messageId === '') throw new MalformedMessage('the id is missing')
  return { messageId, due: counted(due) }
}

const REASONS: readonly MetReason[] = ['sync', 'waived', 'lost', 'forgotten', 'ahead']

/** @param isNamed Whether the id is in the key. */
export function encodeMet({ messageId, reason, senderId, stamp }: MetId, isNamed = false): Uint8Array {
  const writer = startRecord()
  if (!isNamed) writer.text(1, messageId)
  writer.varint(2, REASONS.indexOf(reason))
  if (senderId !== undefined) writer.text(3, senderId)
  if (stamp !== undefined) {
    writer.varint(4, stamp.lamport)
    writer.text(5, stamp.senderId)
  }
  return writer.finish()
}

/**
 * @param id In the key, or empty.
 * @throws {@link MalformedMessage}
 */
export function decodeMet(value: Uint8Array, id = ''): Omit<MetId, 'sequence'> {
  const reader = openRecord(value)
  let messageId = id
  let reason: MetReason | undefined
  let senderId: string | undefined
  let lamport: Lamport | undefined
  let author = ''
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === 10) messageId = reader.text()
    else if (tag === 16) reason = REASONS[reader.uint32()]
    else if (tag === 26) senderId = reader.text()
    else if (tag === 32) lamport = reader.uint64()
    else if (tag === 42) author = reader.text()
    else reader.skip(tag)
  }
  if (messageId === '' || reason === undefined) throw new MalformedMessage('id or reason is missing')
  if (reason === 'ahead' && lamport === undefined) throw new MalformedMessage('timestamp is missing')
  return {
    messageId,
    reason,
    ...(senderId !== undefined && { senderId }),
    ...(lamport !== undefined && { stamp: { lamport, senderId: author } }),
  }
}
