import type { Cipher } from '@reliable-channels/encryption'
import type { RateLimiter } from '@reliable-channels/rate-limit'
import { type Participant, createParticipant } from '@reliable-channels/sds'
import { type Reassembler, type SegmenterOptions, createReassembler } from '@reliable-channels/segmentation'
import { type Segmenter, createSegmenter } from '@reliable-channels/segmentation/core'
import { type UnitOfWork, createUnitOfWork } from '@reliable-channels/stage'
import type { Change } from '@reliable-channels/store'
import type { Envelope } from '@reliable-channels/transport'
import { type Counters, createCounters } from '../counters.ts'
import type { ChannelDiagnosticEvent, DiagnosticCode } from '../events.ts'
import type { ChannelNode } from './node.ts'
import type { ChannelOptions } from '../options.ts'
import { type Profile, lip } from '../profiles.ts'
import { type LastHeard, createLastHeard } from './last-heard.ts'
import { createRetrievalHints } from './retrieval-hints.ts'
import { plaintext } from '../pipeline/sealing.ts'
import { type SealedContents, createSealedContents } from '../pipeline/sealed-contents.ts'
import { stageOptionsOf } from './stage-options.ts'
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
  const { channelId, contentTopic, senderId, profile = lip, cipher = plaintext } = options
  const { placement = profile.placement } = options
  const { scheduler, store } = node
  const { participant, segmentation, reassembler } = stageOptionsOf(node, limiter, options)
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
      ...participant,
      ...stage('sds', state.parts.sds),
      retrievalHint: hints.get,
    }),
    sealedContents: createSealedContents({
      unitOfWork,
      restore: state.parts.sealed,
      onCorrupt: stage('sealed', []).onCorrupt,
      store: (changes) => keep('sealed', changes),
    }),
    reassembler: createReassembler({ ...reassembler, ...stage('segments', state.parts.segments) }),
    limiter,
    diagnose,
    noteHash: (messageId, hash) => keep('hints', hints.set(messageId, hash)),
    lastHeard: createLastHeard(state.parts.heard, stage('heard', []).onCorrupt),
    keep,
    drops: createCounters(),
    sent: new WeakSet(),
  }
}
