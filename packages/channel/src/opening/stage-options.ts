import type { RateLimiter } from '@reliable-channels/rate-limit'
import type { ParticipantOptions } from '@reliable-channels/sds'
import { overheadBytes, settingsOf } from '@reliable-channels/sds/core'
import type { ReassemblerOptions } from '@reliable-channels/segmentation'
import { type Segmenter, createSegmenter, reassemblyLimits } from '@reliable-channels/segmentation/core'
import type { ChannelNode } from './node.ts'
import { type ChannelOptions, MAX_ID_BYTES } from '../options.ts'
import { lip } from '../profiles.ts'
import { checkedSegmentSize } from './message-size.ts'

/** Options of the stages of a channel, from its owner, its profile, the transport and the rate limit. */
export interface StageOptions {
  readonly participant: ParticipantOptions
  /** Cuts payloads, and tells into how many segments. */
  readonly segmenter: Segmenter
  readonly reassembler: ReassemblerOptions
}

/** The default of MGR-12; `raw` contents may be as large as fits. */
const SEGMENT_SIZE_BYTES = 102_400

/** Time within which a message that the network's memory has is fetched, ms. */
const FETCH_MS = 1_000

/** The share of SDS's history that incomplete messages may take: what one has sent is there too, and kept for those who lack it. */
const RECALLED = 5 / 8

/** How many epochs of a rate limit the stages wait at least: messages wait for the next one. */
const PATIENCE_EPOCHS = 3
const ACKNOWLEDGE_EPOCHS = 2

/**
 * Tells the stages what only a channel knows, such as the pace and the group; all else is theirs.
 *
 * @throws SdsOptionError, SegmentationOptionError, SegmentSizeError
 */
export function stageOptionsOf(
  { transport, randomBytes, losses }: Pick<ChannelNode, 'transport' | 'randomBytes' | 'losses'>,
  { paceMs, epochMs = 0 }: Pick<RateLimiter, 'paceMs' | 'epochMs'>,
  options: ChannelOptions,
): StageOptions {
  const { channelId, senderId, profile = lip, cipher } = options
  const { sds = {}, reassembly = {}, parityRate = 0 } = options
  const sealedBytes = cipher?.overheadBytes ?? 0
  const participant: ParticipantOptions & { random: () => number } = {
    maxIdLength: MAX_ID_BYTES,
    maxMessageBytes: transport.maxMessageBytes - sealedBytes,
    ...(profile.bloomCapacity !== undefined && { bloomCapacity: profile.bloomCapacity }),
    ...sds,
    participantId: senderId,
    channelId,
    dialect: profile.sds,
    dispatch: 'reported',
    encoding: 'at-release',
    // Segments are made here, and put together into memory of its own; whole payloads are the application's.
    contents: profile.segments === 'raw' ? 'copied' : 'shared',
    acknowledge: options.receipts === 'all' ? 'each' : 'one',
    paceMs,
    epochMs,
    fetchMs: transport.fetch === undefined ? 0 : FETCH_MS,
    historyMs: options.historyMs ?? 0,
    losses,
    random: randomFraction(randomBytes),
  }
  const settings = settingsOf({ ...participant, hashKey: 0 })
  const limits = reassemblyLimits(reassembly)
  const segmentSizeBytes = checkedSegmentSize(options.segmentSizeBytes, {
    fallback: profile.segments === 'raw' ? undefined : SEGMENT_SIZE_BYTES,
    overheadBytes: overheadBytes(settings) + sealedBytes,
    maxMessageBytes: transport.maxMessageBytes,
  })
  const atLeast = (ms: number, epochs: number): number => Math.max(ms, epochs * epochMs)
  return {
    participant: {
      ...participant,
      acknowledgeWithinMs: atLeast(settings.acknowledgeWithinMs, ACKNOWLEDGE_EPOCHS),
      lostAfterMs: atLeast(settings.lostAfterMs, PATIENCE_EPOCHS),
    },
    segmenter: createSegmenter({ dialect: profile.segments, segmentSizeBytes, parityRate }),
    reassembler: {
      maxRecalledBytes: Math.floor(RECALLED * settings.maxHistoryBytes),
      ...reassembly,
      timeoutMs: atLeast(limits.timeoutMs, PATIENCE_EPOCHS),
      dialect: profile.segments,
      causalHistoryLength: settings.causalHistoryLength,
    },
  }
}

/** A number in [0, 1) of 48 random bits. */
function randomFraction(randomBytes: (length: number) => Uint8Array): () => number {
  return () => {
    let number = 0
    for (const byte of randomBytes(6)) number = number * 256 + byte
    return number / 2 ** 48
  }
}
