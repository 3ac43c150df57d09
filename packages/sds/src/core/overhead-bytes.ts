import { bloomBytes, bloomParameters } from './filter/bloom.ts'
import type { Settings } from './settings.ts'
import { encodeMessage } from './wire/codec.ts'
import { USUAL_REQUESTS } from './parts/repair-requests.ts'

/** How long an own message id is. */
const MESSAGE_ID = 'x'.repeat(64)
/** Filters of the `nim` dialect grow by this when they first roll. */
const NIM_GROWTH = 1.2
/** Of the `nim` dialect's filter message; the `lip` dialect has none. */
const FILTER_FRAMING_BYTES = 32
/** So large that its length takes as many bytes as that of the largest content. */
const CONTENT_BYTES = 1 << 14

/** The most that a message adds to its content, bytes: found by encoding the largest one that is sent. */
export function overheadBytes(settings: Settings): number {
  const { channelId, participantId, dialect, causalHistoryLength, maxHeads } = settings
  const { bloomCapacity, bloomErrorRate, repair, maxIdLength, maxHintLength } = settings
  const capacity = dialect === 'nim' ? Math.ceil(bloomCapacity * NIM_GROWTH) : bloomCapacity
  const { bits } = bloomParameters(capacity, bloomErrorRate)
  // Ids of other members are as long as they are accepted.
  const longest = 'x'.repeat(maxIdLength)
  const entry = { messageId: longest, senderId: longest, retrievalHint: new Uint8Array(maxHintLength) }
  const message = encodeMessage(
    {
      senderId: participantId,
      messageId: MESSAGE_ID,
      channelId,
      lamport: Number.MAX_SAFE_INTEGER,
      causalHistory: Array.from({ length: 2 * causalHistoryLength + maxHeads }, () => entry),
      bloomFilter: new Uint8Array(bloomBytes(bits) + FILTER_FRAMING_BYTES),
      repairRequest: Array.from({ length: repair.maxRequestsPerMessage ?? USUAL_REQUESTS }, () => entry),
      content: new Uint8Array(CONTENT_BYTES),
    },
    dialect,
  )
  return message.length - CONTENT_BYTES
}
