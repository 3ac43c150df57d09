import type { RateLimiter } from '@reliable-channels/rate-limit'
import type { ParticipantOptions } from '@reliable-channels/sds'
import { settingsOf } from '@reliable-channels/sds/core'
import type { ReassemblerOptions, SegmenterOptions } from '@reliable-channels/segmentation'
import type { ChannelNode } from './node.ts'
import { type ChannelOptions, MAX_ID_BYTES } from '../options.ts'
import { lip } from '../profiles.ts'
import { checkedSegmentSize, sdsOverheadBytes } from './message-size.ts'

/** What the stages of a channel are told by its owner, its profile, the transport and the rate limit. */
export interface StageOptions {
  readonly participant: ParticipantOptions
  readonly segmentation: SegmenterOptions
  readonly reassembler: ReassemblerOptions
}

/** The default of MGR-12; `raw` contents may be as large as fits. */
const SEGMENT_SIZE_BYTES = 102_400

/** Defaults of the stages, and how many epochs of a rate limit they last at least: its messages wait for the next one. */
const LOST_AFTER_MS = 900_000
const REASSEMBLY_TIMEOUT_MS = 300_000
const PATIENCE_EPOCHS = 3
const ACKNOWLEDGE_WITHIN_MS = 5_000
const ACKNOWLEDGE_EPOCHS = 2
const CAUSAL_HISTORY_LENGTH = 2

/** @throws SdsOptionError, SegmentSizeError */
export function stageOptionsOf(
  { transport, randomBytes }: ChannelNode,
  { paceMs, epochMs = 0 }: RateLimiter,
  options: ChannelOptions,
): StageOptions {
  const { channelId, senderId, profile = lip, cipher } = options
  const { sds = {}, reassembly = {}, parityRate = 0 } = options
  const sealedBytes = cipher?.overheadBytes ?? 0
  const participant: ParticipantOptions & { random: () => number } = {
    maxIdLength: MAX_ID_BYTES,
    maxMessageBytes: transport.maxMessageBytes - sealedBytes,
    ...sds,
    participantId: senderId,
    channelId,
    dialect: profile.sds,
    dispatch: 'reported',
    encoding: 'at-release',
    paceMs,
    epochMs,
    random: randomFraction(randomBytes),
  }
  const segmentSizeBytes = checkedSegmentSize(options.segmentSizeBytes, {
    fallback: profile.segments === 'raw' ? undefined : SEGMENT_SIZE_BYTES,
    overheadBytes: sdsOverheadBytes(settingsOf({ ...participant, hashKey: 0 })) + sealedBytes,
    maxMessageBytes: transport.maxMessageBytes,
  })
  const atLeast = (ms: number, epochs: number): number => Math.max(ms, epochs * epochMs)
  return {
    participant: {
      ...participant,
      acknowledgeWithinMs: atLeast(sds.acknowledgeWithinMs ?? ACKNOWLEDGE_WITHIN_MS, ACKNOWLEDGE_EPOCHS),
      lostAfterMs: atLeast(sds.lostAfterMs ?? LOST_AFTER_MS, PATIENCE_EPOCHS),
    },
    segmentation: { dialect: profile.segments, segmentSizeBytes, parityRate },
    reassembler: {
      ...reassembly,
      timeoutMs: atLeast(reassembly.timeoutMs ?? REASSEMBLY_TIMEOUT_MS, PATIENCE_EPOCHS),
      dialect: profile.segments,
      causalHistoryLength: sds.causalHistoryLength ?? CAUSAL_HISTORY_LENGTH,
    },
  }
}

/** A number in [0, 1) of 48 random bits. */
function randomFraction(randomBytes: (length: number) => Uint8Array): () => number {
  return () => randomBytes(6).reduce((number, byte) => number * 256 + byte, 0) / 2 ** 48
}
