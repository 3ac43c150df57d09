import { HEADER_BYTES, type SealedHeader, readHeader } from '@reliable-channels/encryption/core'
import type { Dialect } from '@reliable-channels/sds/core'
import { WIRE } from '@reliable-channels/wire'
import { describePayload, describeUnknown } from './describe-payload.ts'
import { type Opening, describeSealed } from './describe-sealed.ts'
import { NIM_FIELDS, describeSds } from './describe-sds.ts'
import { describeSegment } from './describe-segment.ts'
import { describeWaku } from './describe-waku.ts'
import type { InspectedLayer, Inspection } from './inspection.ts'
import { type Scanned, type ScannedField, scanFields } from './scan-fields.ts'

/** Options of {@link inspectFrame}. */
export interface InspectOptions {
  /** The time, ms since 1970: then timestamps that are too far ahead are found. @default not looked at */
  readonly now?: number
  /** The channel that the frame should be of. @default not looked at */
  readonly channelId?: string
  /** What became of the sealed part under a key; see {@link SealedPart}. @default not tried */
  readonly opening?: Opening
}

/** The part of a frame that a cipher sealed, with what is known of it: enough to open it, with the key. */
export interface SealedPart {
  readonly bytes: Uint8Array
  readonly header: SealedHeader
  /** From the Waku message around it. */
  readonly contentTopic?: string
  /** From the SDS message around it, where the cipher covers the content alone: it is bound to its author. */
  readonly author?: { readonly channelId: string; readonly senderId: string }
}

/** Bytes of a segment's payload hash. */
const HASH_BYTES = 32

/**
 * Looks into a frame layer by layer: a Waku message, what a cipher sealed, an SDS message of either dialect, a segment
 * of either dialect, the payload. Never throws, whatever the bytes are.
 *
 * @returns The layers, outermost first, and the sealed part if there is one. Open that and inspect once more, with
 *   `opening`, to see what is in it.
 * @example
 * ```ts
 * const { layers, isSound } = inspectFrame(bytes, { now: Date.now() })
 * for (const { title, flaws } of layers) console.log(title, flaws)
 * ```
 */
export function inspectFrame(
  bytes: Uint8Array,
  options: InspectOptions = {},
): Inspection & { readonly sealed?: SealedPart } {
  const found: Found = { layers: [], options }
  describeAny(bytes, found)
  const { layers, sealed } = found
  const isSound = layers.every(({ flaws }) => flaws.every(({ severity }) => severity !== 'error'))
  return { layers, isSound, ...(sealed && { sealed }) }
}

/** What was found so far. */
interface Found {
  readonly layers: InspectedLayer[]
  readonly options: InspectOptions
  contentTopic?: string
  sealed?: SealedPart
}

function describeAny(bytes: Uint8Array, found: Found): void {
  const header = readHeader(bytes)
  if (header !== undefined) return describeCipher(bytes, header, found)
  const scanned = scanFields(bytes)
  const waku = found.layers.length === 0 ? describeWaku(bytes, scanned) : undefined
  if (waku !== undefined) {
    found.layers.push(waku.layer)
    found.contentTopic = waku.contentTopic
    return describeAny(waku.payload, found)
  }
  const kind = kindOfFields(scanned)
  if (kind === 'segment') describeWhole(bytes, scanned, found)
  else if (kind === undefined) found.layers.push(describeUnknown(bytes))
  else describeMessage(bytes, scanned, kind, found)
}

function describeCipher(
  bytes: Uint8Array,
  header: SealedHeader,
  found: Found,
  author?: SealedPart['author'],
): void {
  const { contentTopic, options } = found
  found.sealed = {
    bytes,
    header,
    ...(contentTopic !== undefined && { contentTopic }),
    ...(author && { author }),
  }
  found.layers.push(describeSealed(bytes, header, options.opening))
  if (options.opening === undefined || !('plain' in options.opening)) return
  const { plain } = options.opening
  if (author === undefined) describeInner(plain, found)
  else describeContent(plain, found)
}

/** What was in an envelope: an SDS message. */
function describeInner(plain: Uint8Array, found: Found): void {
  const scanned = scanFields(plain)
  const kind = kindOfFields(scanned)
  if (kind === 'segment') describeWhole(plain, scanned, found)
  else if (kind === undefined) found.layers.push(describeUnknown(plain))
  else describeMessage(plain, scanned, kind, found)
}

function describeMessage(bytes: Uint8Array, scanned: Scanned, dialect: Dialect, found: Found): void {
  const { now, channelId } = found.options
  const described = describeSds(bytes, scanned, dialect, { now, channelId })
  found.layers.push(described.layer)
  if (described.content === undefined) return
  const header = found.sealed === undefined ? readHeader(described.content) : undefined
  const isLongEnough = described.content.length > HEADER_BYTES
  if (header === undefined || !isLongEnough) return describeContent(described.content, found)
  const author = { channelId: described.channelId ?? '', senderId: described.senderId ?? '' }
  describeCipher(described.content, header, found, author)
}

/** The content of an SDS message: a segment, or the payload where there are none (profile `raw`). */
function describeContent(content: Uint8Array, found: Found): void {
  const scanned = scanFields(content)
  if (isSegment(scanned) && scanned.flaw === undefined) describeWhole(content, scanned, found)
  else found.layers.push(describePayload(content))
}

function describeWhole(bytes: Uint8Array, scanned: Scanned, found: Found): void {
  const { layer, payload } = describeSegment(bytes, scanned)
  found.layers.push(layer)
  if (payload !== undefined) found.layers.push(describePayload(payload))
}

/**
 * Tells segments and messages apart by what only one of them has: numbers in field 3 or 4 (the count of data segments),
 * and a hash in field 1. Field 2 tells the dialects of messages apart (LIP-109), as `dialectOf` has it.
 */
function kindOfFields(scanned: Scanned): 'segment' | Dialect | undefined {
  if (isSegment(scanned)) return 'segment'
  const { fields, flaw } = scanned
  const second = fields.find(
    ({ number, wireType }) => number === 2 && (wireType === WIRE.bytes || wireType === WIRE.varint),
  )
  if (second?.wireType === WIRE.bytes) return 'lip'
  const hasText = (number: number): boolean =>
    fields.some((field) => field.number === number && field.wireType === WIRE.bytes)
  // An id, and a timestamp or channel; older writers leave out what is empty, down to the timestamp.
  if (hasText(1) && (second !== undefined || hasText(4))) return 'nim'
  return second !== undefined && flaw === undefined && !fields.some(isForeignToNim) ? 'nim' : undefined
}

/** A field that no message of the `nim` dialect has. */
const isForeignToNim = ({ number, wireType }: ScannedField): boolean =>
  !(number in NIM_FIELDS) || (number === 2) !== (wireType === WIRE.varint)

function isSegment({ fields }: Scanned): boolean {
  const hash = fields.find(({ number }) => number === 1)?.content
  if (hash !== undefined && !(hash instanceof Uint8Array)) return false
  const counts = fields.filter(
    ({ number, wireType }) => (number === 3 || number === 4) && wireType === WIRE.varint,
  )
  if (counts.length === 0) return false
  return hash?.length === HASH_BYTES || !fields.some(isOfMessages)
}

/** A field that messages have and segments have not. */
const isOfMessages = ({ number, wireType }: ScannedField): boolean =>
  number > 7 || (number === 2 && wireType === WIRE.bytes)
