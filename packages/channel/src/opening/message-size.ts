/** A segment, once wrapped and sealed, may be larger than the transport carries. */
export class SegmentSizeError extends RangeError {
  override readonly name = 'SegmentSizeError'
  readonly code = 'ERR_SEGMENT_SIZE'
}

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
