import { MARKER } from '../../packages/channel/src/profiles.ts'
import { bloomParameters, decodeMessage, encodeNim, openFilter } from '../../packages/sds/src/core.ts'
import { wireMessageHash } from '../../packages/transport-waku/src/core/message.ts'
import { type CaseResult, type Checker, attempt, bytesOf, compare, given, hexOf } from './checker.ts'
import { type MessageFields, fieldsOf } from './sds/messages.ts'

interface Capture {
  readonly channelId: string
  readonly applicationHex: string
  readonly payloadHex: string
  readonly from?: string
  readonly pubsubTopic?: string
  readonly contentTopic?: string
  readonly meta?: string
  readonly metaHex?: string
  readonly timestampNs?: string
  readonly messageHash?: string
  readonly applicationText?: string
  readonly payloadBytes?: number
  readonly decodedByNimSds?: MessageFields
}

/** Messages of real logos-delivery nodes: SDS in the `nim` dialect around a raw segment. */
export const deliveryCaptures: Checker = {
  name: 'captures of logos-delivery',
  recognises: (document) => Array.isArray((document as { captures?: unknown } | null)?.captures),
  *check(document) {
    const { captures } = document as { captures: Capture[] }
    for (const [index, capture] of captures.entries()) {
      yield attempt(`captures[${index}]`, () => checkCapture(`captures[${index}]`, capture))
      if (capture.messageHash !== undefined) {
        yield attempt(`captures[${index}] hash`, () => checkHash(`captures[${index}] hash`, capture))
      }
    }
  },
  apart: {
    'captures[].version': 'of the envelope, which the transport below writes',
    'captures[].ephemeral': 'of the envelope, which the transport below writes',
  },
}

function checkCapture(name: string, capture: Capture): CaseResult {
  const { channelId, applicationHex, payloadHex } = capture
  const decoded = decodeMessage(bytesOf(payloadHex))
  if (decoded.message === undefined) return { name, failure: `not decoded: ${decoded.reason}` }
  const { message, dialect } = decoded
  const limits = { maxBloomBytes: 65_536, maxHashCount: 64 }
  const filter =
    message.bloomFilter === undefined
      ? 'none'
      : openFilter(message.bloomFilter, dialect, bloomParameters(10_000, 0.001), limits)
  const content = message.content ?? new Uint8Array()
  const { from, meta, metaHex, applicationText, payloadBytes, decodedByNimSds } = capture
  return compare(
    name,
    {
      dialect,
      channelId: message.channelId,
      content: hexOf(content),
      filter: typeof filter === 'string' ? filter : 'usable',
      encoded: hexOf(encodeNim(message)),
      ...(given(from) && { from: message.senderId }),
      ...(given(meta) && { meta: MARKER }),
      ...(given(metaHex) && { metaHex: hexOf(new TextEncoder().encode(MARKER)) }),
      ...(given(applicationText) && { applicationText: new TextDecoder().decode(content) }),
      ...(given(payloadBytes) && { payloadBytes: payloadHex.length / 2 }),
      ...(given(decodedByNimSds) && { decodedByNimSds: fieldsOf(message) }),
    },
    {
      dialect: 'nim',
      channelId,
      content: applicationHex,
      filter: 'usable',
      encoded: payloadHex,
      ...(given(from) && { from }),
      ...(given(meta) && { meta }),
      ...(given(metaHex) && { metaHex }),
      ...(given(applicationText) && { applicationText }),
      ...(given(payloadBytes) && { payloadBytes }),
      ...(given(decodedByNimSds) && { decodedByNimSds }),
    },
  )
}

/** The hash by which the network knows the message, which needs all of its envelope. */
function checkHash(name: string, capture: Capture): CaseResult {
  const { pubsubTopic, contentTopic, payloadHex, metaHex, timestampNs } = capture
  if (!given(pubsubTopic) || !given(contentTopic)) return { name, unchecked: 'it says no topics' }
  const hash = wireMessageHash(pubsubTopic, {
    contentTopic,
    payload: bytesOf(payloadHex),
    ephemeral: false,
    ...(given(metaHex) && { meta: bytesOf(metaHex) }),
    ...(given(timestampNs) && { timestampNs: BigInt(timestampNs) }),
  })
  return compare(name, hash, capture.messageHash)
}
