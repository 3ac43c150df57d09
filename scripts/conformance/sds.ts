import { createHash } from 'node:crypto'
import {
  type HistoryEntry,
  type NimLine,
  type SdsMessage,
  RollingFilter,
  bloomBytes,
  bloomHas,
  bloomParameters,
  decodeNim,
  decodeNimFilter,
  encodeNim,
  encodeNimFilter,
  farmHash,
  farmPair,
  inResponseGroup,
  modulo,
  requestDelayMs,
  responseDelayMs,
  setBits,
} from '../../packages/sds/src/core.ts'
import { decodeText, encodeText } from '../../packages/wire/src/core/text.ts'
import { type CaseResult, type Checker, attempt, bytesOf, compare, given, hexOf } from './checker.ts'

/** A protocol string: text, or its bytes when they are no UTF-8. */
type ProtocolString = string | { readonly hex: string }

const stringOf = (value: ProtocolString): string =>
  typeof value === 'string' ? value : decodeText(bytesOf(value.hex))

const asProtocolString = (value: string): ProtocolString =>
  value.isWellFormed() ? value : { hex: hexOf(encodeText(value)) }

interface EntryFields {
  readonly messageId: ProtocolString
  readonly retrievalHintHex: string
  readonly senderId: ProtocolString
}

export interface MessageFields {
  readonly messageId: ProtocolString
  readonly lamportTimestamp: string
  readonly causalHistory: readonly EntryFields[]
  readonly channelId: ProtocolString
  readonly contentHex: string
  readonly bloomFilterHex: string
  readonly senderId: ProtocolString
  readonly repairRequest: readonly EntryFields[]
}

interface Serialized {
  readonly serializedLen: number
  readonly serializedSha256: string
  readonly serializedHex?: string
  readonly serializedHeadHex?: string
  readonly serializedTailHex?: string
  /** Index and value, big-endian. */
  readonly nonZeroWordsU64?: readonly (readonly [number, string])[]
}

interface SdsDocument {
  readonly meta: { readonly nimSdsLine: string }
  readonly hash?: readonly HashCase[]
  readonly hashN?: readonly { inputHex: string; maxValue: number; n: number[]; result: number[] }[]
  readonly bloom?: readonly BloomCase[]
  readonly bloomDecode?: readonly BloomDecodeCase[]
  readonly rollingBloom?: readonly RollingCase[]
  readonly messages?: readonly MessageCase[]
  readonly decode?: readonly DecodeCase[]
  readonly repair?: RepairCases
}

interface HashCase {
  readonly inputHex: string
  readonly u64Hex: string
  readonly abs: string
  readonly int64?: string
  readonly utf8?: string
}

interface MessageCase {
  readonly fields: MessageFields
  readonly hex: string
  readonly decodesBack: boolean
  readonly extractChannelId?: ProtocolString | null
}

interface DecodeCase {
  readonly hex: string
  readonly ok: boolean
  readonly fields?: MessageFields
  readonly extractChannelId?: ProtocolString | null
}

interface BloomCase {
  readonly capacity: number
  readonly errorRate: number
  readonly k: number
  readonly error?: string
  readonly kHashes: number
  readonly mBits: number
  readonly words: number
  readonly items: readonly ({ id: ProtocolString; bits: number[] } | string)[]
  readonly probes?: readonly { id: ProtocolString; found: boolean }[]
  readonly after: Serialized
  readonly decoded: object
  readonly errorRatePpm?: string
}

interface BloomDecodeCase {
  readonly name: string
  readonly hex: string
  readonly ok: boolean
  readonly capacity?: number
  readonly errorRate?: number
  readonly kHashes?: number
  readonly mBits?: number
  readonly words?: number
}

interface RollingCase {
  readonly capacity: number
  readonly errorRate: number
  readonly idPrefix: string
  readonly minCapacity?: number
  readonly maxCapacity?: number
  readonly filterCapacity?: number
  readonly checkpoints: readonly {
    afterAdds: number
    capacity?: number
    minCapacity?: number
    maxCapacity?: number
    oldestKept?: string
    messagesLen: number
    kHashes: number
    mBits: number
    filterCapacity: number
    containsFirst: boolean
    containsLast: boolean
    filter: Serialized
  }[]
}

interface RepairCases {
  readonly tReq: readonly {
    participantId: ProtocolString
    messageId: ProtocolString
    tMinMs: number
    tMaxMs: number
    resultMs: number
  }[]
  readonly tResp: readonly {
    participantId: ProtocolString
    senderId: ProtocolString
    messageId: ProtocolString
    tMaxMs: number
    resultMs: number
  }[]
  readonly responseGroup: readonly {
    participantId: ProtocolString
    senderId: ProtocolString
    messageId: ProtocolString
    inGroup: Record<string, boolean>
  }[]
}

/** Outputs of nim-sds: hashes, filters, messages, what its decoder takes, times of SDS-R. */
export const sdsVectors: Checker = {
  name: 'SDS vectors',
  recognises: (document) => lineOf(document) !== undefined,
  *check(document) {
    const line = lineOf(document)!
    const vectors = document as SdsDocument
    yield* each('hash', vectors.hash, checkHash)
    yield* each('hashN', vectors.hashN, checkHashN)
    yield* each('bloom', vectors.bloom, checkBloom)
    yield* each('bloomDecode', vectors.bloomDecode, (name, one) => checkBloomDecode(name, one, line))
    yield* each('rollingBloom', vectors.rollingBloom, checkRolling)
    // Messages are written as the present line writes them, whichever line the file is of.
    if (line !== 'present' && vectors.messages !== undefined) {
      yield { name: 'messages, encoded', unchecked: 'we write as the present line does', onPurpose: true }
    }
    yield* each('messages', vectors.messages, (name, one) => checkMessage(name, one, line))
    yield* each('decode', vectors.decode, (name, one) => checkDecode(name, one, line))
    if (vectors.repair === undefined) return
    yield* each('repair.tReq', vectors.repair.tReq, (name, one) =>
      compare(
        name,
        requestDelayMs('nim', stringOf(one.participantId), stringOf(one.messageId), one),
        one.resultMs,
      ),
    )
    yield* each('repair.tResp', vectors.repair.tResp, (name, one) =>
      compare(
        name,
        responseDelayMs(
          'nim',
          stringOf(one.participantId),
          stringOf(one.senderId),
          stringOf(one.messageId),
          one.tMaxMs,
        ),
        one.resultMs,
      ),
    )
    yield* each('repair.responseGroup', vectors.repair.responseGroup, checkGroup)
  },
  apart: {
    defaultConfig: 'the defaults of the reference, not ours',
    'bloom[].forceNBitsPerElem':
      'an option of the reference alone; the sizes that follow from it are taken from the file',
    'rollingBloom[].idRule': 'in words',
    'messages[].extractChannelId': 'nothing here reads the channel of what it cannot decode',
    'messages[].decodeError': 'the words of the reference',
    'decode[].extractChannelId': 'nothing here reads the channel of what it cannot decode',
    'decode[].error': 'the words of the reference',
    'repair.hash': 'in words',
    'repair.tReqFormula': 'in words',
    'repair.tRespFormula': 'in words',
    'repair.groupFormula': 'in words',
  },
}

function lineOf(document: unknown): NimLine | undefined {
  const line = (document as { meta?: { nimSdsLine?: unknown } } | null)?.meta?.nimSdsLine
  if (line === 'master') return 'present'
  return line === 'v0.4' ? line : undefined
}

function* each<T>(
  section: string,
  cases: readonly T[] | undefined,
  check: (name: string, one: T) => CaseResult,
): Iterable<CaseResult> {
  for (const [index, one] of (cases ?? []).entries()) {
    const { name: label } = one as { name?: string }
    const name = `${section}[${index}]${label === undefined ? '' : ` ${label}`}`
    if (section === 'bloom' && given((one as { error?: string }).error)) {
      const unchecked = `no such option here: ${JSON.stringify(one)}`
      yield { name, unchecked, onPurpose: true }
      continue
    }
    yield attempt(name, () => check(name, one))
  }
}

const hexWord = (word: number): string => word.toString(16).padStart(8, '0')

function checkHash(name: string, { inputHex, u64Hex, abs, int64, utf8 }: HashCase): CaseResult {
  const out = new Uint32Array(2)
  farmHash(bytesOf(inputHex), out)
  const pair = new Uint32Array(4)
  farmPair(decodeText(bytesOf(inputHex)), pair)
  const absolute = ((BigInt(pair[0]!) << 32n) | BigInt(pair[1]!)).toString()
  const hash = (BigInt(out[0]!) << 32n) | BigInt(out[1]!)
  return compare(
    name,
    [
      hexWord(out[0]!) + hexWord(out[1]!),
      absolute,
      given(int64) ? BigInt.asIntN(64, hash).toString() : int64,
      given(utf8) ? decodeText(bytesOf(inputHex)) : utf8,
    ],
    [u64Hex, abs, int64, utf8],
  )
}

/** The bits of an id in a filter of `bits` bits. */
function bitsOf(id: string, hashes: readonly number[], bits: number): number[] {
  const pair = new Uint32Array(4)
  farmPair(id, pair)
  const a = modulo(pair[0]!, pair[1]!, bits)
  const b = modulo(pair[2]!, pair[3]!, bits)
  return hashes.map((n) => (a + n * b) % bits)
}

function checkHashN(
  name: string,
  one: { inputHex: string; maxValue: number; n: number[]; result: number[] },
): CaseResult {
  return compare(name, bitsOf(decodeText(bytesOf(one.inputHex)), one.n, one.maxValue), one.result)
}

function serialized(bytes: Uint8Array, expected: Serialized): Serialized {
  return {
    serializedLen: bytes.length,
    serializedSha256: createHash('sha256').update(bytes).digest('hex'),
    ...(given(expected.serializedHex) && { serializedHex: hexOf(bytes) }),
    ...(given(expected.serializedHeadHex) && {
      serializedHeadHex: hexOf(bytes).slice(0, expected.serializedHeadHex.length),
    }),
    ...(given(expected.serializedTailHex) && {
      serializedTailHex: hexOf(bytes).slice(-expected.serializedTailHex.length),
    }),
    ...(given(expected.nonZeroWordsU64) && { nonZeroWordsU64: nonZeroWords(decodeNimFilter(bytes).words) }),
  }
}

function nonZeroWords(words: Uint8Array): [number, string][] {
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength)
  const found: [number, string][] = []
  for (let index = 0; index < words.length / 8; index++) {
    const word = view.getBigUint64(8 * index, true)
    if (word !== 0n) found.push([index, word.toString(16).padStart(16, '0')])
  }
  return found
}

const picked = (expected: Serialized): Partial<Serialized> => {
  const { serializedLen, serializedSha256, serializedHex, serializedHeadHex, serializedTailHex } = expected
  const { nonZeroWordsU64 } = expected
  return {
    serializedLen,
    serializedSha256,
    ...(given(serializedHex) && { serializedHex }),
    ...(given(serializedHeadHex) && { serializedHeadHex }),
    ...(given(serializedTailHex) && { serializedTailHex }),
    ...(given(nonZeroWordsU64) && { nonZeroWordsU64 }),
  }
}

function checkBloom(name: string, one: BloomCase): CaseResult {
  const parameters =
    one.k === 0
      ? bloomParameters(one.capacity, one.errorRate)
      : { capacity: one.capacity, errorRate: one.errorRate, hashCount: one.kHashes, bits: one.mBits }
  const { bits, hashCount } = parameters
  const filter = { dialect: 'nim', bits, hashCount, bytes: new Uint8Array(bloomBytes(bits)) } as const
  const hashes = Array.from({ length: hashCount }, (_, n) => n)
  const items = one.items.map((item) => {
    const id = typeof item === 'string' ? item : stringOf(item.id)
    const [a, b] = bitsOf(id, [0, 1], bits) as [number, number]
    setBits(filter, a, (b - a + bits) % bits)
    return typeof item === 'string' ? item : bitsOf(id, hashes, bits)
  })
  const wire = encodeNimFilter(parameters, filter.bytes)
  return compare(
    name,
    {
      hashCount,
      bits,
      words: filter.bytes.length / 8,
      items,
      probes: (one.probes ?? []).map(({ id }) => bloomHas(filter, stringOf(id))),
      after: serialized(wire, one.after),
      decoded: summary(decodeNimFilter(wire)),
      ppm: given(one.errorRatePpm)
        ? String(Math.round(decodeNimFilter(wire).errorRate * 1e6))
        : one.errorRatePpm,
    },
    {
      hashCount: one.kHashes,
      bits: one.mBits,
      words: one.words,
      items: one.items.map((item) => (typeof item === 'string' ? item : item.bits)),
      probes: (one.probes ?? []).map(({ found }) => found),
      after: picked(one.after),
      decoded: one.decoded,
      ppm: one.errorRatePpm,
    },
  )
}

const summary = (filter: ReturnType<typeof decodeNimFilter>): object => ({
  capacity: filter.capacity,
  errorRate: filter.errorRate,
  kHashes: filter.hashCount,
  mBits: filter.bits,
  words: Math.floor(filter.words.length / 8),
})

function checkBloomDecode(name: string, one: BloomDecodeCase, line: NimLine): CaseResult {
  const { capacity, errorRate, kHashes, mBits, words } = one
  return compare(
    name,
    orFalse(() => summary(decodeNimFilter(bytesOf(one.hex), line))),
    one.ok ? { capacity, errorRate, kHashes, mBits, words } : false,
  )
}

function orFalse<T>(decode: () => T): T | false {
  try {
    return decode()
  } catch {
    return false
  }
}

function checkRolling(name: string, one: RollingCase): CaseResult {
  // The reference takes its defaults for a capacity or rate that makes no sense; here such options are refused.
  const capacity = one.capacity > 0 ? one.capacity : 10_000
  const errorRate = one.errorRate > 0 && one.errorRate < 1 ? one.errorRate : 0.001
  const filter = new RollingFilter('nim', capacity, errorRate)
  const bounds = boundsOf(capacity, errorRate)
  const start = { ...bounds, filterCapacity: filter.parameters.capacity }
  const { idPrefix } = one
  let added = 0
  const results = one.checkpoints.map((checkpoint) => {
    for (; added < checkpoint.afterAdds; added++) filter.insert(idPrefix + added)
    const has = (index: number): boolean => added > 0 && bloomHas(filter.bits, idPrefix + index)
    return {
      messagesLen: filter.count,
      kHashes: filter.parameters.hashCount,
      mBits: filter.parameters.bits,
      filterCapacity: filter.parameters.capacity,
      containsFirst: has(0),
      containsLast: has(added - 1),
      filter: serialized(filter.toWire(), checkpoint.filter),
      ...(given(checkpoint.capacity) && { capacity }),
      ...(given(checkpoint.minCapacity) && { minCapacity: bounds.minCapacity }),
      ...(given(checkpoint.maxCapacity) && { maxCapacity: bounds.maxCapacity }),
      ...(given(checkpoint.oldestKept) && { oldestKept: idPrefix + (added - filter.count) }),
    }
  })
  return compare(
    name,
    [only(start, one), ...results],
    [
      only(one, one),
      ...one.checkpoints.map((c) => ({
        messagesLen: c.messagesLen,
        kHashes: c.kHashes,
        mBits: c.mBits,
        filterCapacity: c.filterCapacity,
        containsFirst: c.containsFirst,
        containsLast: c.containsLast,
        filter: picked(c.filter),
        ...(given(c.capacity) && { capacity: c.capacity }),
        ...(given(c.minCapacity) && { minCapacity: c.minCapacity }),
        ...(given(c.maxCapacity) && { maxCapacity: c.maxCapacity }),
        ...(given(c.oldestKept) && { oldestKept: c.oldestKept }),
      })),
    ],
  )
}

type Bounds = Pick<RollingCase, 'minCapacity' | 'maxCapacity' | 'filterCapacity'>

/** Of these numbers those that the file gives. */
const only = ({ minCapacity, maxCapacity, filterCapacity }: Bounds, file: Bounds): Bounds => ({
  ...(given(file.minCapacity) && { minCapacity }),
  ...(given(file.maxCapacity) && { maxCapacity }),
  ...(given(file.filterCapacity) && { filterCapacity }),
})

/** How many ids a filter holds at most, and how many are left when it is made anew. */
function boundsOf(capacity: number, errorRate: number): { minCapacity: number; maxCapacity: number } {
  const filter = new RollingFilter('nim', capacity, errorRate)
  for (let added = 0; ; added++) {
    const maxCapacity = filter.count
    filter.insert(String(added))
    if (filter.count <= maxCapacity) return { minCapacity: filter.count, maxCapacity }
  }
}

function entryFrom({ messageId, retrievalHintHex, senderId }: EntryFields): HistoryEntry {
  return {
    messageId: stringOf(messageId),
    ...(retrievalHintHex !== '' && { retrievalHint: bytesOf(retrievalHintHex) }),
    ...(senderId !== '' && { senderId: stringOf(senderId) }),
  }
}

function messageFrom(fields: MessageFields): SdsMessage {
  const lamport = BigInt(fields.lamportTimestamp)
  return {
    messageId: stringOf(fields.messageId),
    senderId: stringOf(fields.senderId),
    channelId: stringOf(fields.channelId),
    lamport: lamport <= Number.MAX_SAFE_INTEGER ? Number(lamport) : lamport,
    causalHistory: fields.causalHistory.map(entryFrom),
    repairRequest: fields.repairRequest.map(entryFrom),
    bloomFilter: bytesOf(fields.bloomFilterHex),
    content: bytesOf(fields.contentHex),
  }
}

const entryFields = ({ messageId, retrievalHint, senderId }: HistoryEntry): EntryFields => ({
  messageId: asProtocolString(messageId),
  retrievalHintHex: retrievalHint === undefined ? '' : hexOf(retrievalHint),
  senderId: asProtocolString(senderId ?? ''),
})

export const fieldsOf = (message: SdsMessage): MessageFields => ({
  messageId: asProtocolString(message.messageId),
  lamportTimestamp: String(message.lamport),
  causalHistory: message.causalHistory.map(entryFields),
  channelId: asProtocolString(message.channelId),
  contentHex: message.content === undefined ? '' : hexOf(message.content),
  bloomFilterHex: message.bloomFilter === undefined ? '' : hexOf(message.bloomFilter),
  senderId: asProtocolString(message.senderId),
  repairRequest: message.repairRequest.map(entryFields),
})

/** More than any vector has. */
const MOST_ENTRIES = 10_000

function checkMessage(name: string, one: MessageCase, line: NimLine): CaseResult {
  const { fields, hex, decodesBack } = one
  const encoded = hexOf(encodeNim(messageFrom(fields)))
  const decoded = orFalse(() => fieldsOf(decodeNim(bytesOf(hex), MOST_ENTRIES, line)))
  return compare(
    name,
    { encoded: line === 'present' ? encoded : hex, decoded, ...channelOf(decoded, one) },
    { encoded: hex, decoded: decodesBack ? fields : false, ...channelSaid(decoded, one) },
  )
}

function checkDecode(name: string, one: DecodeCase, line: NimLine): CaseResult {
  const { hex, ok, fields } = one
  const decoded = orFalse(() => fieldsOf(decodeNim(bytesOf(hex), MOST_ENTRIES, line)))
  return compare(
    name,
    { decoded, ...channelOf(decoded, one) },
    { decoded: ok ? fields : false, ...channelSaid(decoded, one) },
  )
}

type WithChannel = Pick<MessageCase, 'extractChannelId'>

/** The channel of what was decoded, where the file says one. */
const channelOf = (decoded: MessageFields | false, file: WithChannel): object =>
  decoded !== false && file.extractChannelId !== undefined ? { channelId: decoded.channelId } : {}

const channelSaid = (decoded: MessageFields | false, file: WithChannel): object =>
  decoded !== false && file.extractChannelId !== undefined ? { channelId: file.extractChannelId } : {}

function checkGroup(name: string, one: RepairCases['responseGroup'][number]): CaseResult {
  const groups = Object.keys(one.inGroup)
  const actual = groups.map((group) =>
    inResponseGroup(
      'nim',
      stringOf(one.participantId),
      stringOf(one.senderId),
      stringOf(one.messageId),
      Number(group),
    ),
  )
  return compare(
    name,
    actual,
    groups.map((group) => one.inGroup[group]),
  )
}
