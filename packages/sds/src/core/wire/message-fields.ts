import { WIRE, type WireReader } from '@reliable-channels/wire'
import { readHistoryEntry } from './history-entry-codec.ts'
import type { Lamport } from './lamport.ts'
import type { HistoryEntry, SdsMessage } from './message.ts'
import { MalformedMessage, messageReader } from './malformed-message.ts'

/** The number that each field has in a dialect; the `nim` dialect knows no ephemeral messages. */
export type FieldNumbers = Readonly<Record<Exclude<keyof SdsMessage, 'sentAt'>, number>> & {
  readonly sentAt?: number
}

/** The tag (number × 8 + wire type) that each field has in a dialect. */
export type FieldTags = FieldNumbers

/** A message as it stands on the wire, filled in field by field. */
interface MessageFields<NoId extends '' | undefined> {
  senderId: string
  messageId: string | NoId
  channelId: string | NoId
  lamport: Lamport | undefined
  causalHistory: HistoryEntry[]
  bloomFilter: Uint8Array | undefined
  repairRequest: HistoryEntry[]
  content: Uint8Array | undefined
  sentAt: Lamport | undefined
}

/** Every field is length-delimited but times, which are varints. */
export function tagsOf(numbers: FieldNumbers): FieldTags {
  const entries = Object.entries(numbers).map(([field, number]) => {
    const isTime = field === 'lamport' || field === 'sentAt'
    return [field, number * 8 + (isTime ? WIRE.varint : WIRE.bytes)]
  })
  return Object.fromEntries(entries) as FieldTags
}

/**
 * Reads the fields of either dialect, in any order; the last one of a kind counts, and unknown ones are passed over.
 * Bytes in the result are views.
 *
 * @param maxEntries - history entries and repair requests accepted, each
 * @param noId - stands for the id of the message, or of the channel, where there is none
 * @throws {@link MalformedMessage}
 */
export function readMessageFields<NoId extends '' | undefined>(
  bytes: Uint8Array,
  tags: FieldTags,
  maxEntries: number,
  noId: NoId,
): MessageFields<NoId> {
  const reader = messageReader(bytes)
  const fields: MessageFields<NoId> = {
    senderId: '',
    messageId: noId,
    channelId: noId,
    lamport: undefined,
    causalHistory: [],
    bloomFilter: undefined,
    repairRequest: [],
    content: undefined,
    sentAt: undefined,
  }
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === tags.causalHistory) addEntry(fields.causalHistory, reader, maxEntries)
    else if (tag === tags.repairRequest) addEntry(fields.repairRequest, reader, maxEntries)
    else if (tag === tags.senderId) fields.senderId = reader.text()
    else if (tag === tags.messageId) fields.messageId = reader.text()
    else if (tag === tags.channelId) fields.channelId = reader.text()
    else if (tag === tags.lamport) fields.lamport = reader.uint64()
    else if (tag === tags.bloomFilter) fields.bloomFilter = reader.view()
    else if (tag === tags.content) fields.content = reader.view()
    else if (tag === tags.sentAt) fields.sentAt = reader.uint64()
    else reader.skip(tag)
  }
  return fields
}

/** Adds the next entry, unless there are too many already. */
function addEntry(entries: HistoryEntry[], reader: WireReader, maxEntries: number): void {
  if (entries.length >= maxEntries) throw new MalformedMessage(`more than ${maxEntries} history entries`)
  entries.push(readHistoryEntry(reader))
}
