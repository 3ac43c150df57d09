import { type Settings, bloomBytes, bloomParameters, encodeMessage } from '@reliable-channels/sds/core'

/** A segment, once wrapped and sealed, may be larger than the transport carries. */
export class SegmentSizeError extends RangeError {
  override readonly name = 'SegmentSizeError'
  readonly code = 'ERR_SEGMENT_SIZE'
}

const MESSAGE_ID = 'x'.repeat(64)
/** Filters of the `nim` dialect grow by this when they first roll. */
const NIM_GROWTH = 1.2

/** The most that SDS adds to a content, bytes: found by encoding the largest message that it would send. */
export function sdsOverheadBytes(settings: Settings): number {
  const { channelId, participantId, dialect, causalHistoryLength, maxHeads } = settings
  const { bloomCapacity, bloomErrorRate, repair, maxIdLength, maxHintLength } = settings
  const capacity = dialect === 'nim' ? Math.ceil(bloomCapacity * NIM_GROWTH) : bloomCapacity
  const { bits } = bloomParameters(capacity, bloomErrorRate)
  // Ids of other members are as long as they are accepted.
  const longest = 'x'.repeat(maxIdLength)
  const entry = { messageId: longest, senderId: longest, retrievalHint: new Uint8Array(maxHintLength) }
  const content = new Uint8Array(1 << 17)
  const message = encodeMessage(
    {
      senderId: participantId,
      messageId: MESSAGE_ID,
      channelId,
      lamport: Number.MAX_SAFE_INTEGER,
      causalHistory: Array.from({ length: 2 * causalHistoryLength + maxHeads }, () => entry),
      bloomFilter: new Uint8Array(bloomBytes(bits) + FILTER_FRAMING_BYTES),
      repairRequest: Array.from({ length: repair.maxRequestsPerMessage }, () => entry),
      content,
    },
    dialect,
  )
  return message.length - content.length
}

/** Of the `nim` dialect's filter message; the `lip` dialect has none. */
const FILTER_FRAMING_BYTES = 32

/**
 * The segment size, checked against what the transport carries.
 *
 * @param segmentSizeBytes What was asked for; without it `fallback`, or all that fits when that is undefined.
 * @throws SegmentSizeError naming the largest size that would do
 */
export function checkedSegmentSize(
  segmentSizeBytes: number | undefined,
  {
    fallback,
    overheadBytes,
    maxMessageBytes,
  }: { fallback: number | undefined; overheadBytes: number; maxMessageBytes: number },
): number {
  const largest = maxMessageBytes - overheadBytes
  const size = segmentSizeBytes ?? fallback ?? largest
  if (size <= largest && largest > 0) return size
  throw new SegmentSizeError(
    `"segmentSizeBytes" of ${size} with up to ${overheadBytes} bytes of SDS and cipher around it exceeds the ` +
      `${maxMessageBytes} bytes that the transport carries: use at most ${largest}`,
  )
}
