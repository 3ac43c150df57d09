import { type ReliableChannel, SegmentSizeError, type SendHandle } from '@reliable-channels/channel'
import { PayloadTooLargeError } from '@reliable-channels/segmentation'
import { UsageError } from './options.ts'
import type { TrafficCounts } from './outcome.ts'

/** Says what to change on the command line when segments are too large for the network. */
export async function openOrExplain<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening
  } catch (error) {
    if (error instanceof SegmentSizeError)
      throw new UsageError(error.message.replace('"segmentSizeBytes"', '--segment-size'))
    throw error
  }
}

/** Says what to change on the command line when the file is too large. */
export function sendOrExplain(channel: ReliableChannel, bytes: Uint8Array): SendHandle {
  try {
    return channel.send(bytes)
  } catch (error) {
    if (!(error instanceof PayloadTooLargeError)) throw error
    const { maxPayloadBytes, neededSegmentSizeBytes } = error
    const remedy =
      neededSegmentSizeBytes === undefined
        ? 'split it'
        : `use --segment-size ${neededSegmentSizeBytes} or more`
    throw new UsageError(
      `the file has ${bytes.length} bytes, and 256 segments of this size carry at most ${maxPayloadBytes}: ${remedy}`,
    )
  }
}

/** Counts what the channels hand to the network, by kind. */
export function countTraffic(channels: readonly ReliableChannel[]): TrafficCounts {
  const counts = { content: 0, retransmission: 0, repair: 0, sync: 0 }
  for (const channel of channels) channel.outgoing$.subscribe(({ kind }) => counts[kind]++)
  return counts
}
