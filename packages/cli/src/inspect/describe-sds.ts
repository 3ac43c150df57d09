import {
  type Dialect,
  bloomBytes,
  bloomParameters,
  decodeMessage,
  decodeNimFilter,
  kindOf,
  MalformedMessage,
  settingsOf,
} from '@reliable-channels/sds/core'
import { type Uint64, hexOf } from '@reliable-channels/wire'
import {
  type FieldSpec,
  type MessageSpec,
  type Shown,
  bytesShown,
  describeFields,
  textShown,
} from './describe-fields.ts'
import { type Flaw, type InspectedLayer, errorAt, noteAt } from './inspection.ts'
import { type Scanned, scanFields } from './scan-fields.ts'
import { numberValue, shownTime, sizeOf } from './show.ts'

const SETTINGS = settingsOf({ participantId: '-', channelId: '-', random: () => 0 })
/** Of ids in the default filter, and in that of the profile `lean`. */
const FILTER_CAPACITIES = [SETTINGS.bloomCapacity, 512]
/** Longest id, bytes (see `MAX_ID_BYTES` of the channel). */
const MAX_ID_BYTES = 256

const id = (name: string): FieldSpec => ({
  name,
  wire: 'bytes',
  show(content) {
    const shown = textShown(content)
    if (content.length <= MAX_ID_BYTES) return shown
    const flaw = errorAt(`${name} has ${content.length} bytes, at most ${MAX_ID_BYTES} are taken`)
    return { ...shown, flaws: [...(shown.flaws ?? []), flaw] }
  },
})

const time = (name: string, unitMs: number): FieldSpec => ({
  name,
  wire: 'varint',
  show: (content: Uint64) => ({
    text: shownTime(content, Number(content) * unitMs),
    value: numberValue(content),
  }),
})

const entry = (name: string): FieldSpec => ({ name, wire: 'bytes', repeated: true, show: entryShown })
const content: FieldSpec = { name: 'content', wire: 'bytes', show: bytesShown }

/** Fields of LIP-109; and one of this library's own. */
const LIP_FIELDS: MessageSpec = {
  1: id('sender id'),
  2: id('message id'),
  3: id('channel id'),
  10: time('Lamport timestamp', 1),
  11: entry('causal history'),
  12: { name: 'bloom filter', wire: 'bytes', show: lipFilterShown },
  13: entry('repair request'),
  20: content,
  1000: time('sent at', 1),
}

/** Fields of nim-sds. */
export const NIM_FIELDS: MessageSpec = {
  1: id('message id'),
  2: time('Lamport timestamp', 1000),
  3: entry('causal history'),
  4: id('channel id'),
  5: content,
  6: { name: 'bloom filter', wire: 'bytes', show: nimFilterShown },
  7: id('sender id'),
  13: entry('repair request'),
}

/** What is known beside the bytes. */
export interface SdsContext {
  /** The time, ms: then timestamps from the future are found. */
  readonly now?: number | undefined
  /** The channel that it should be of. */
  readonly channelId?: string | undefined
}

/** An SDS message field by field, and its content where it has some. */
export interface DescribedSds {
  readonly layer: InspectedLayer
  readonly content?: Uint8Array
  readonly senderId?: string
  readonly channelId?: string
}

/** LIP-109, `Message`: what it holds, and why a receiver would drop it. */
export function describeSds(
  bytes: Uint8Array,
  scanned: Scanned,
  dialect: Dialect,
  context: SdsContext,
): DescribedSds {
  const { fields, flaws } = describeFields(scanned, dialect === 'lip' ? LIP_FIELDS : NIM_FIELDS)
  const decoded = decodeMessage(bytes)
  const layer = (found: readonly Flaw[], kind: string): InspectedLayer => ({
    kind: 'sds',
    title: `SDS message, dialect ${dialect}${kind}`,
    lengthBytes: bytes.length,
    fields,
    flaws: [...flaws, ...found],
  })
  if (decoded.message === undefined) {
    const isTold = scanned.flaw !== undefined
    return { layer: layer(isTold ? [] : [errorAt(decoded.reason)], '') }
  }
  const { message } = decoded
  const { senderId, channelId, content: inner } = message
  const hasContent = inner !== undefined && inner.length > 0
  return {
    layer: layer(messageFlaws(message, dialect, context), `, ${kindOf(message) ?? 'of no kind'}`),
    ...(hasContent && { content: inner }),
    senderId,
    channelId,
  }
}

type Message = Extract<ReturnType<typeof decodeMessage>, { readonly dialect: Dialect }>['message']

function messageFlaws(message: Message, dialect: Dialect, { now, channelId }: SdsContext): Flaw[] {
  const flaws: Flaw[] = []
  if (message.messageId === '') flaws.push(errorAt('no message id: a receiver drops it'))
  if (kindOf(message) === undefined) {
    flaws.push(errorAt('neither a Lamport timestamp nor content: a receiver drops it'))
  }
  if (channelId !== undefined && message.channelId !== channelId) {
    flaws.push(errorAt('another channel than the one that was asked for: its members drop it'))
  }
  if (message.senderId === '')
    flaws.push(noteAt('no sender id: it cannot be acknowledged to anybody by name'))
  if (now !== undefined && dialect === 'lip' && message.lamport !== undefined) {
    const aheadMs = Number(message.lamport) - now
    if (aheadMs > SETTINGS.maxFutureSkewMs) {
      flaws.push(errorAt(`its Lamport timestamp is ${hours(aheadMs)} ahead of now: a receiver drops it`))
    }
  }
  return flaws
}

const hours = (ms: number): string => `${Math.round(ms / 3_600_000).toLocaleString('en')} hours`

const ENTRY: MessageSpec = {
  1: id('message id'),
  2: { name: 'retrieval hint', wire: 'bytes', show: bytesShown },
  3: id('sender id'),
}

function entryShown(bytes: Uint8Array): Shown {
  const { fields, flaws } = describeFields(scanFields(bytes), ENTRY)
  const named = new Map(fields.map(({ name, text, value }) => [name, { text, value }]))
  const found = named.has('message id') ? flaws : [...flaws, errorAt('an entry without a message id')]
  return {
    text: ['message id', 'sender id', 'retrieval hint']
      .flatMap((name) => {
        const field = named.get(name)
        if (field === undefined) return []
        return name === 'message id'
          ? [field.text]
          : [`${name === 'sender id' ? 'of' : 'hint'} ${field.text}`]
      })
      .join(', '),
    value: {
      messageId: named.get('message id')?.value ?? null,
      ...(named.has('sender id') && { senderId: named.get('sender id')!.value }),
      ...(named.has('retrieval hint') && { retrievalHint: named.get('retrieval hint')!.value }),
    },
    flaws: found,
  }
}

function lipFilterShown(bytes: Uint8Array): Shown {
  const parameters = FILTER_CAPACITIES.map((capacity) => bloomParameters(capacity, SETTINGS.bloomErrorRate))
  const known = parameters.find(({ bits }) => bloomBytes(bits) === bytes.length)
  if (known === undefined) {
    const sizes = parameters.map(({ bits }) => bloomBytes(bits).toLocaleString('en')).join(' or ')
    return {
      text: `${sizeOf(bytes.length)}, ${onesIn(bytes)} bits set`,
      value: hexOf(bytes),
      flaws: [noteAt(`a filter of another size than ${sizes} bytes: members with default options ignore it`)],
    }
  }
  return { text: filterText(bytes, known.capacity, known.hashCount, known.bits), value: hexOf(bytes) }
}

function nimFilterShown(bytes: Uint8Array): Shown {
  if (bytes.length === 0) return { text: 'empty', value: '' }
  try {
    const { words, capacity, errorRate, hashCount, bits } = decodeNimFilter(bytes)
    const isUsable = bits >= 1 && bits <= Math.floor(words.length / 8) * 64 && hashCount >= 1
    return {
      text: filterText(words, capacity, hashCount, bits),
      value: { words: hexOf(words), capacity, errorRate, hashCount, bits },
      ...(!isUsable && { flaws: [noteAt(`${bits} bits in ${sizeOf(words.length)}: the filter is ignored`)] }),
    }
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error
    return { ...bytesShown(bytes), flaws: [noteAt(`${error.message}: the filter is ignored`)] }
  }
}

/** How many ids are in it follows from how many bits are set: each sets `hashCount` of them, some of them twice. */
function filterText(words: Uint8Array, capacity: number, hashCount: number, bits: number): string {
  const ones = onesIn(words)
  const ids =
    ones < bits && hashCount > 0 ? Math.round((-bits / hashCount) * Math.log(1 - ones / bits)) : capacity
  return `${sizeOf(words.length)}, about ${Math.abs(ids).toLocaleString('en')} of ${capacity.toLocaleString('en')} ids`
}

function onesIn(bytes: Uint8Array): number {
  let ones = 0
  for (const byte of bytes) for (let rest = byte; rest > 0; rest &= rest - 1) ones++
  return ones
}
