import { type HistoryEntry, type SdsMessage, decodeNim, encodeNim } from '../../../packages/sds/src/core.ts'
import { type CaseResult, bytesOf, compare, hexOf } from '../checker.ts'
import { type NimLine, takesMessage } from './nim-line.ts'
import { orFalse } from './or-false.ts'
import { type ProtocolString, asProtocolString, stringOf } from './protocol-string.ts'

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

export interface MessageCase {
  readonly fields: MessageFields
  readonly hex: string
  readonly decodesBack: boolean
  readonly extractChannelId?: ProtocolString | null
}

export interface DecodeCase {
  readonly hex: string
  readonly ok: boolean
  readonly fields?: MessageFields
  readonly extractChannelId?: ProtocolString | null
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

export function checkMessage(name: string, one: MessageCase, line: NimLine): CaseResult {
  const { fields, hex, decodesBack } = one
  const encoded = hexOf(encodeNim(messageFrom(fields)))
  const decoded = decodedBy(line, hex)
  return compare(
    name,
    { encoded: line === 'present' ? encoded : hex, decoded, ...channelOf(decoded, one) },
    { encoded: hex, decoded: decodesBack ? fields : false, ...channelSaid(decoded, one) },
  )
}

/** What the decoder of a line makes of a message: what ours does, where it takes it. */
const decodedBy = (line: NimLine, hex: string): MessageFields | false =>
  orFalse(() => {
    const fields = fieldsOf(decodeNim(bytesOf(hex), MOST_ENTRIES))
    return takesMessage(bytesOf(hex), line) && fields
  })

export function checkDecode(name: string, one: DecodeCase, line: NimLine): CaseResult {
  const { hex, ok, fields } = one
  const decoded = decodedBy(line, hex)
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
