import { HASH_BYTES, MAX_LENGTH_BYTES, MAX_SEGMENTS, SHARD_ALIGNMENT_BYTES } from './dialect.ts'
import type { Segment } from './segment.ts'

/**
 * Checks the numbers of a segment against every bound and against each other, before anything is computed with them.
 *
 * @returns why it is refused, or `undefined`
 */
export function validateSegment(
  segment: Segment,
  maxSegmentBytes: number,
): 'invalid' | 'oversized' | undefined {
  const { hash, dataCount, parityCount, index, isParity, content } = segment
  if (hash.length !== HASH_BYTES) return 'invalid'
  if (dataCount < 1 || dataCount + parityCount > MAX_SEGMENTS || parityCount > dataCount) return 'invalid'
  if (index >= (isParity ? parityCount : dataCount)) return 'invalid'
  if (content.length > maxSegmentBytes) return 'oversized'
  if (isParity && (content.length === 0 || content.length % SHARD_ALIGNMENT_BYTES !== 0)) return 'invalid'
  if (!isParity && content.length === 0 && dataCount > 1) return 'invalid'
  return segment.lengthBytes === undefined || chunkBytesOf(segment) !== undefined ? undefined : 'invalid'
}

/**
 * Length of every data segment but the last, as this one segment tells it. With the length of the payload, any one
 * segment does; without (LIP-243), a last data segment does not.
 *
 * @returns `undefined` when it cannot be told, or when the segment contradicts itself
 */
export function chunkBytesOf(segment: Segment): number | undefined {
  const { lengthBytes, dataCount, content } = segment
  const isLast = !segment.isParity && segment.index === dataCount - 1
  if (lengthBytes === undefined) return isLast ? undefined : content.length
  if (lengthBytes > MAX_LENGTH_BYTES) return undefined
  if (dataCount === 1) {
    // Chunk and payload are the same here; a parity segment is filled up to a whole shard.
    const fits = segment.isParity ? content.length >= lengthBytes : content.length === lengthBytes
    return fits ? lengthBytes : undefined
  }
  const chunkBytes = isLast ? (lengthBytes - content.length) / (dataCount - 1) : content.length
  const lastBytes = lengthBytes - chunkBytes * (dataCount - 1)
  return Number.isInteger(chunkBytes) && lastBytes > 0 && lastBytes <= chunkBytes ? chunkBytes : undefined
}
