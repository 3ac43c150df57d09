import { decodeMessage, encodeNim, openFilter, bloomParameters } from '../../packages/sds/src/core.ts'
import { type CaseResult, type Checker, attempt, bytesOf, compare, hexOf } from './checker.ts'

interface Capture {
  readonly channelId: string
  readonly applicationHex: string
  readonly payloadHex: string
}

/** Messages of real logos-delivery nodes: SDS in the `nim` dialect around a raw segment. */
export const deliveryCaptures: Checker = {
  name: 'captures of logos-delivery',
  recognises: (document) => Array.isArray((document as { captures?: unknown } | null)?.captures),
  *check(document) {
    const { captures } = document as { captures: Capture[] }
    for (const [index, capture] of captures.entries()) {
      yield attempt(`captures[${index}]`, () => checkCapture(`captures[${index}]`, capture))
    }
  },
}

function checkCapture(name: string, { channelId, applicationHex, payloadHex }: Capture): CaseResult {
  const decoded = decodeMessage(bytesOf(payloadHex))
  if (decoded.message === undefined) return { name, failure: `not decoded: ${decoded.reason}` }
  const { message, dialect } = decoded
  const limits = { maxBloomBytes: 65_536, maxHashCount: 64 }
  const filter =
    message.bloomFilter === undefined
      ? 'none'
      : openFilter(message.bloomFilter, dialect, bloomParameters(10_000, 0.001), limits)
  return compare(
    name,
    {
      dialect,
      channelId: message.channelId,
      content: hexOf(message.content ?? new Uint8Array()),
      filter: typeof filter === 'string' ? filter : 'usable',
      encoded: hexOf(encodeNim(message)),
    },
    { dialect: 'nim', channelId, content: applicationHex, filter: 'usable', encoded: payloadHex },
  )
}
