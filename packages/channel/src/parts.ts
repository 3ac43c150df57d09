import { type Cipher, none } from '@reliable-channels/encryption'
import type { RateLimiter } from '@reliable-channels/rate-limit'
import { type Participant, createParticipant } from '@reliable-channels/sds'
import { settingsOf } from '@reliable-channels/sds/core'
import { type Reassembler, type SegmenterOptions, createReassembler } from '@reliable-channels/segmentation'
import { type Segmenter, createSegmenter } from '@reliable-channels/segmentation/core'
import { type UnitOfWork, createUnitOfWork } from '@reliable-channels/stage'
import type { Change } from '@reliable-channels/store'
import type { Envelope } from '@reliable-channels/transport'
import { type Counters, createCounters } from './counters.ts'
import type { ChannelDiagnosticEvent, DiagnosticCode } from './events.ts'
import { checkedSegmentSize, sdsOverheadBytes } from './sending/message-size.ts'
import type { ChannelNode } from './node.ts'
import { type ChannelOptions, MAX_ID_BYTES } from './options.ts'
import { type Profile, lip } from './profiles.ts'
import { type LastHeard, createLastHeard } from './receiving/last-heard.ts'
import { createRetrievalHints } from './receiving/retrieval-hints.ts'
import { type SealedContents, createSealedContents } from './sealed-contents.ts'
import type { StatePart, StoredState } from './stored-state.ts'

/** Tells that something was dropped, refused, given up or late. */
export type Diagnose = (code: DiagnosticCode, detail: ChannelDiagnosticEvent['detail']) => void

/** What one channel is made of. */
export interface ChannelParts {
  readonly channelId: string
  readonly contentTopic: string
  readonly senderId: string
  readonly profile: Profile
  readonly placement: 'envelope' | 'content'
  readonly cipher: Cipher
  readonly node: ChannelNode
  readonly unitOfWork: UnitOfWork
  /** How payloads are cut, and what tells into how many segments. */
  readonly segmentation: SegmenterOptions
  readonly segmenter: Segmenter
  readonly participant: Participant
  readonly sealedContents: SealedContents
  readonly reassembler: Reassembler
  readonly limiter: RateLimiter
  /** Remembers which network message carried an SDS message: its retrieval hint. */
  readonly noteHash: (messageId: string, hash: string) => void
  readonly lastHeard: LastHeard
  /** Stores changes of a part that has no driver of its own, together with what else this step stores. */
  readonly keep: (part: StatePart, changes: readonly Change[]) => void
  readonly diagnose: Diagnose
  readonly drops: Counters
  /** What the channel handed to the network: nothing is to be learned from it when it comes back. */
  readonly sent: WeakSet<Envelope>
}

/** The defaults of the stages, and how long a rate limit makes them wait at least. */
const LOST_AFTER_MS = 900_000
const REASSEMBLY_TIMEOUT_MS = 300_000
const CAUSAL_HISTORY_LENGTH = 2
const PATIENCE_EPOCHS = 3
const ACKNOWLEDGE_WITHIN_MS = 5_000
const ACKNOWLEDGE_EPOCHS = 2

/** The default of MGR-12; `raw` contents may be as large as fits. */
const SEGMENT_SIZE_BYTES = 102_400

/**
 * Makes the stages of a channel, joined to one unit of work.
 *
 * @throws SdsOptionError, SegmentationOptionError, SegmentSizeError
 */
export function createParts(
  node: ChannelNode,
  limiter: RateLimiter,
  options: ChannelOptions,
  state: StoredState,
  diagnose: Diagnose,
): ChannelParts {
  const {
    channelId,
    contentTopic,
    senderId,
    profile = lip,
    cipher = none(),
    sds = {},
    reassembly = {},
  } = options
  const { placement = profile.placement, parityRate = 0 } = options
  const { scheduler, store, transport, randomBytes } = node
  const participantOptions = {
    maxIdLength: MAX_ID_BYTES,
    maxMessageBytes: transport.maxMessageBytes - cipher.overheadBytes,
    ...sds,
    participantId: senderId,
    channelId,
    dialect: profile.sds,
    random: randomFraction(randomBytes),
  }

  const segmentSizeBytes = checkedSegmentSize(options.segmentSizeBytes, {
    fallback: profile.segments === 'raw' ? undefined : SEGMENT_SIZE_BYTES,
    overheadBytes: sdsOverheadBytes(settingsOf({ ...participantOptions, hashKey: 0 })) + cipher.overheadBytes,
    maxMessageBytes: transport.maxMessageBytes,
  })
  const unitOfWork = createUnitOfWork({
    scheduler,
    ...(store && { write: (changes) => store.write(changes) }),
    onWriteError: (error, attempt, retryMs) => diagnose('store-failed', { error, attempt, retryMs }),
  })
  const stage = (part: StatePart, restore: StoredState['parts']['sds']) => ({
    scheduler,
    unitOfWork,
    keyPrefix: `${state.prefix}${part}/`,
    restore,
    onCorrupt: (key: string, reason: string) => diagnose('store-corrupt', { part, key, reason }),
  })
  const keep = (part: StatePart, changes: readonly Change[]): void => {
    if (changes.length > 0) unitOfWork.run(() => unitOfWork.add(changes, `${state.prefix}${part}/`))
  }
  const segmentation: SegmenterOptions = { dialect: profile.segments, segmentSizeBytes, parityRate }
  // Where messages wait for the next epoch, so must those who wait for them.
  const patienceMs = PATIENCE_EPOCHS * (limiter.epochMs ?? 0)
  const hints = createRetrievalHints(state.parts.hints)
  return {
    channelId,
    contentTopic,
    senderId,
    profile,
    placement,
    cipher,
    node,
    unitOfWork,
    segmentation,
    segmenter: createSegmenter(segmentation),
    participant: createParticipant({
      ...participantOptions,
      acknowledgeWithinMs: Math.max(
        sds.acknowledgeWithinMs ?? ACKNOWLEDGE_WITHIN_MS,
        ACKNOWLEDGE_EPOCHS * (limiter.epochMs ?? 0),
      ),
      lostAfterMs: Math.max(sds.lostAfterMs ?? LOST_AFTER_MS, patienceMs),
      ...stage('sds', state.parts.sds),
      dispatch: 'reported',
      encoding: 'at-release',
      paceMs: limiter.paceMs,
      epochMs: limiter.epochMs ?? 0,
      retrievalHint: hints.get,
    }),
    sealedContents: createSealedContents({
      unitOfWork,
      restore: state.parts.sealed,
      onCorrupt: stage('sealed', []).onCorrupt,
      store: (changes) => keep('sealed', changes),
    }),
    reassembler: createReassembler({
      ...reassembly,
      timeoutMs: Math.max(reassembly.timeoutMs ?? REASSEMBLY_TIMEOUT_MS, patienceMs),
      ...stage('segments', state.parts.segments),
      dialect: profile.segments,
      causalHistoryLength: sds.causalHistoryLength ?? CAUSAL_HISTORY_LENGTH,
    }),
    limiter,
    diagnose,
    noteHash: (messageId, hash) => keep('hints', hints.set(messageId, hash)),
    lastHeard: createLastHeard(state.parts.heard, stage('heard', []).onCorrupt),
    keep,
    drops: createCounters(),
    sent: new WeakSet(),
  }
}

/** A number in [0, 1) of 48 random bits. */
function randomFraction(randomBytes: (length: number) => Uint8Array): () => number {
  return () => randomBytes(6).reduce((number, byte) => number * 256 + byte, 0) / 2 ** 48
}
