import { type WireReader, WireWriter } from '@reliable-channels/wire'
import type { Lamport } from '../wire/lamport.ts'
import { LogEntry, type LogFields } from '../history/log-entry.ts'
import type { Horizon } from '../parts/horizons.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { NANOS_PER_MS, type Nanoseconds } from '../wire/message-id.ts'
import type { Urgency } from '../input.ts'
import type { MetId, MetReason } from '../parts/met-ids.ts'
import { MalformedMessage, messageReader } from '../wire/malformed-message.ts'
import { readName, writeName } from './stored-names.ts'

/*
 * The entries in the store, one for each thing:
 *
 *   clock        Lamport timestamp and the time in the last message id, where no log/N tells them
 *   log/N/ID     a content message, received or sent; and whether it is an own one with `order: 'none'`; and the time in the
 *                last message id, where that was new with it
 *   parked/N     there while log/N waits for its dependencies: since when
 *   out/N        there while log/N is unacknowledged: retransmissions, whether it ever left, whether it was given up,
 *                when it left last, and the probes then, its priority
 *   missing/N    a message that only a sync message has named: whose, and since when it is missed
 *   answer/N     a message to be given to those who asked for it, and when
 *   life         how long the participant has run, and its probes
 *   met/N/ID     an id met without its message
 *   horizon      up to where messages may have come and be forgotten
 *   horizon/N    the same, of one sender
 *   made-up/N    the same of messages with made-up timestamps; made-up for all other senders
 *   passed/N     the same of ephemeral messages, whose time is that in their ids; passed for all other senders
 *   shared       the last entry of which it was told that two wrote at once
 *
 * Times are of the participant's life: ms that it has run, all its processes together. What waits goes on waiting where it
 * was, whatever time nothing ran.
 *
 * N is the entry's sequence number in base 36. An id stands in the key (see `idInKey`), so that it is known though the value is damaged: the
 * message has been here. In what older versions wrote, and where it is no well-formed text, it stands in the value. Values are Protocol Buffers fields after a version byte.
 */
const VERSION = 1

export const CLOCK_KEY = 'clock'
export const SHARED_KEY = 'shared'
export const PASSED_KEY = 'passed'
/** Of content messages, of those with made-up timestamps, or of ephemeral ones. */
export type HorizonKind = 'horizon' | 'made-up' | typeof PASSED_KEY
export const isHorizon = (kind: string): kind is HorizonKind =>
  kind === 'horizon' || kind === 'made-up' || kind === PASSED_KEY
/** Kinds of records whose keys say nothing but a number. */
export type Numbered = 'parked' | 'out' | 'missing' | 'answer'
/** Under which key a record is stored; the id of what has one follows. */
export const keyOf = (kind: Numbered | 'log' | 'met', sequence: number): string =>
  `${kind}/${sequence.toString(36)}`
/** Of a horizon: one for each sender, and one for all others. */
export const horizonKey = (kind: HorizonKind, { sequence, senderId }: Horizon): string =>
  senderId === undefined ? kind : `${kind}/${sequence.toString(36)}`

export const LIFE_KEY = 'life'

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

function start(): WireWriter {
  const writer = new WireWriter()
  writer.byte(VERSION)
  return writer
}

/** @throws {@link MalformedMessage} for another version */
function open(value: Uint8Array): WireReader {
  if (value[0] !== VERSION) throw new MalformedMessage(`version ${value[0] ?? 'none'}, expected ${VERSION}`)
  return messageReader(value, 1)
}

export function encodeClock({ lamport, lastId }: ClockRecord): Uint8Array {
  const writer = start()
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

function nanosecondsOf(ms: Lamport, nanos: Lamport): Nanoseconds {
  if (nanos >= NANOS_PER_MS) throw new MalformedMessage(`${nanos} nanoseconds within a millisecond`)
  return { ms: counted(ms), nanos: Number(nanos) }
}

export function encodeHorizon({ lamport, messageId, senderId }: Omit<Horizon, 'sequence'>): Uint8Array {
  const writer = start()
  writer.varint(1, lamport)
  writer.text(2, messageId)
  if (senderId !== undefined) writer.text(3, senderId)
  return writer.finish()
}

/** @throws {@link MalformedMessage} */
export function decodeHorizon(value: Uint8Array): Omit<Horizon, 'sequence'> {
  const reader = open(value)
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
  const writer = start()
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
  const writer = start()
  writer.varint(1, retransmissions)
  writer.varint(2, left ? 1 : 0)
  if (ephemeral) writer.varint(3, 1)
  if (givenUp) writer.varint(4, 1)
  if (leftAt !== undefined) writer.varint(5, ms(leftAt))
  if (probes !== undefined) writer.varint(6, probes)
  if (priority !== 'normal') writer.varint(7, PRIORITIES.indexOf(priority))
  return writer.finish()
}

/** @throws {@link MalformedMessage} */
export function decodeOutgoing(value: Uint8Array): OutgoingRecord {
  const [retransmissions = 0, left = 0, ephemeral = 0, givenUp = 0, leftAt, probes, priority = 0] =
    readVarints(value)
  return {
    retransmissions: counted(retransmissions),
    left: left !== 0,
    ephemeral: ephemeral !== 0,
    priority: PRIORITIES[Number(priority)] ?? 'normal',
    givenUp: givenUp !== 0,
    leftAt: leftAt === undefined ? undefined : counted(leftAt),
    probes: probes === undefined ? undefined : counted(probes),
  }
}

/** @param since When it was parked. */
export function encodeParked(since: number): Uint8Array {
  const writer = start()
  writer.varint(1, ms(since))
  return writer.finish()
}

/** @throws {@link MalformedMessage} */
export function decodeParked(value: Uint8Array): number | undefined {
  const [since] = readVarints(value)
  return since === undefined ? undefined : counted(since)
}

export function encodeLife({ lived, joinedAt, probes }: LifeRecord): Uint8Array {
  const writer = start()
  writer.varint(1, ms(lived))
  writer.varint(2, Math.max(0, probes.count))
  writer.varint(3, probes.unanswered)
  if (probes.outSince !== undefined) writer.varint(4, ms(probes.outSince))
  if (joinedAt !== undefined) writer.varint(5, ms(joinedAt))
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
  const writer = start()
  writeName(writer, 1, entry)
  writer.text(2, dependent)
  writer.text(3, namedBy)
  writer.varint(4, ms(since))
  return writer.finish()
}

/** @throws {@link MalformedMessage} */
export function decodeMissing(value: Uint8Array): MissingRecord {
  const reader = open(value)
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
  const writer = start()
  writer.text(1, messageId)
  writer.varint(2, ms(due))
  return writer.finish()
}

/** @throws {@link MalformedMessage} */
export function decodeAnswer(value: Uint8Array): AnswerRecord {
  const reader = open(value)
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

function hinted(entry: HistoryEntry, hintOf: (messageId: string) => Uint8Array | undefined): HistoryEntry {
  const { messageId, senderId, retrievalHint = hintOf(messageId) } = entry
  return { messageId, senderId, retrievalHint }
}

/** Whole milliseconds. */
const ms = (time: number): number => Math.max(0, Math.floor(time))

/** A number that can be counted on from. */
function counted(value: Lamport): number {
  if (value >= Number.MAX_SAFE_INTEGER) throw new MalformedMessage(`${value} is too large`)
  return Number(value)
}

function readVarints(value: Uint8Array): Lamport[] {
  const reader = open(value)
  const values: Lamport[] = []
  while (!reader.done) {
    const tag = reader.tag()
    if ((tag & 7) === 0 && tag < 64) values[(tag >>> 3) - 1] = reader.uint64()
    else reader.skip(tag)
  }
  return values
}

const REASONS: readonly MetReason[] = ['sync', 'waived', 'lost', 'forgotten', 'ahead']

/** @param isNamed Whether the id is in the key. */
export function encodeMet({ messageId, reason, senderId, stamp }: MetId, isNamed = false): Uint8Array {
  const writer = start()
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
  const reader = open(value)
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

/** What the record of a message depends on, beside the message. */
export interface LogRecordContext {
  /** Whether the id is in the key. */
  readonly isNamed?: boolean
  /** The time in the last message id, where this entry tells it. */
  readonly lastId?: Nanoseconds | undefined
  /** The causal history, as far as it must be stored. */
  readonly causalHistory?: readonly HistoryEntry[]
}

export function encodeLogEntry(
  entry: LogFields,
  { isNamed = false, lastId, causalHistory = entry.causalHistory }: LogRecordContext = {},
): Uint8Array {
  const content = entry.content ?? new Uint8Array(0)
  const writer = start()
  if (!isNamed) writer.text(1, entry.messageId)
  writer.text(2, entry.senderId)
  writer.varint(3, entry.lamport)
  for (const item of causalHistory) writeName(writer, 4, item)
  if (content.length > 0) writer.bytes(5, content)
  if (entry.isLoose === true) writer.varint(6, 1)
  if (lastId !== undefined) writer.varint(7, lastId.ms).varint(8, lastId.nanos)
  return writer.finish()
}

/**
 * @param id In the key, or empty.
 * @throws {@link MalformedMessage}
 */
export function decodeLogEntry(
  value: Uint8Array,
  sequence: number,
  id = '',
  hintOf: (messageId: string) => Uint8Array | undefined = () => undefined,
): { readonly entry: LogEntry; readonly lastId: Nanoseconds | undefined } {
  const reader = open(value)
  const causalHistory: HistoryEntry[] = []
  let messageId = id
  let senderId = ''
  let lamport: Lamport | undefined
  let content: Uint8Array | undefined
  let isLoose = false
  let lastMs: Lamport | undefined
  let lastNanos: Lamport = 0
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === 10) messageId = reader.text()
    else if (tag === 18) senderId = reader.text()
    else if (tag === 24) lamport = reader.uint64()
    else if (tag === 34) causalHistory.push(hinted(readName(reader), hintOf))
    else if (tag === 42) content = reader.view()
    else if (tag === 48) isLoose = reader.uint32() !== 0
    else if (tag === 56) lastMs = reader.uint64()
    else if (tag === 64) lastNanos = reader.uint64()
    else reader.skip(tag)
  }
  if (messageId === '' || lamport === undefined) throw new MalformedMessage('id or timestamp is missing')
  return {
    entry: new LogEntry({ sequence, messageId, senderId, lamport, causalHistory, content, isLoose }),
    lastId: lastMs === undefined ? undefined : nanosecondsOf(lastMs, lastNanos),
  }
}
