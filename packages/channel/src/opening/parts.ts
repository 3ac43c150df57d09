import { type Cipher, none } from '@reliable-channels/encryption'
import type { RateLimiter } from '@reliable-channels/rate-limit'
import {
  type OfferedContent,
  type Participant,
  type ContentRefusal,
  createParticipant,
} from '@reliable-channels/sds'
import { type Reassembler, createReassembler } from '@reliable-channels/segmentation'
import type { Segmenter } from '@reliable-channels/segmentation/core'
import { type UnitOfWork, createUnitOfWork } from '@reliable-channels/stage'
import type { Change } from '@reliable-channels/store'
import type { Envelope } from '@reliable-channels/transport'
import { BehaviorSubject, type SchedulerLike } from 'rxjs'
import type { Diagnose } from '../diagnostic-event.ts'
import { Counters } from '../counters.ts'
import { type DropCounters, createDropCounters } from '../drops.ts'
import type { EventRouter } from './event-router.ts'
import type { MessageRouter } from './message-router.ts'
import type { ChannelNode } from './node.ts'
import type { LimitedTransport } from '../outside/limited-transport.ts'
import type { SendHandler } from '../pipeline/dispatch.ts'
import type { ChannelOptions } from '../options.ts'
import { type Profile, lip } from '../profiles.ts'
import { type LastHeard, createLastHeard } from './last-heard.ts'
import type { TopicMember } from './frame-verdicts.ts'
import { type MetHashes, createMetHashes } from '../receiving/met-hashes.ts'
import { createWriteNumbers } from './write-numbers.ts'
import { createRetrievalHints } from './retrieval-hints.ts'
import { type SealedContents, createSealedContents } from '../pipeline/sealed-contents.ts'
import { SentEnvelope } from '../pipeline/sent-envelope.ts'
import { type SignedFrames, createSignedFrames } from '../pipeline/signed-frames.ts'
import type { StageOptions } from './stage-options.ts'
import type { StatePart, StoredState } from './stored-state.ts'

/** The cipher of channels that were given none; the pipeline skips it. */
export const plaintext: Cipher = none()

/** The parts that one channel is made of. */
export interface ChannelParts {
  readonly channelId: string
  readonly contentTopic: string
  readonly senderId: string
  readonly profile: Profile
  readonly placement: 'envelope' | 'content'
  readonly cipher: Cipher
  readonly transport: LimitedTransport
  /** Messages of the network, by topic. */
  readonly messages: MessageRouter
  /** The transport's events about messages that were sent. */
  readonly events: EventRouter
  /** Hands an envelope to the network. */
  readonly send: SendHandler
  readonly scheduler: SchedulerLike
  readonly randomBytes: (length: number) => Uint8Array
  /** How long the cipher may take for each frame, ms. */
  readonly hookMs: number
  readonly unitOfWork: UnitOfWork
  /** Tells what this channel stores from what another on the same store does, in [0, 1); see `EntryNumbers`. */
  readonly writer: number
  /** Cuts payloads, and tells into how many segments. */
  readonly segmenter: Segmenter
  readonly participant: Participant
  /** Makes the memory of contents that are sealed alone; where they are, it is needed once. */
  readonly sealedContents: () => SealedContents
  /** How many messages out of the history are opened once more, and 1 for those from before a restart: contents that come after them wait. */
  readonly reopening: BehaviorSubject<number>
  readonly signedFrames: SignedFrames
  readonly reassembler: Reassembler
  readonly limiter: RateLimiter
  /** Remembers which network message carried an SDS message: its retrieval hint. */
  readonly noteHash: (messageId: string, hash: string) => void
  /** Whether the network has a message, as far as its hash is remembered; also after a restart. */
  readonly reachedNetwork: (messageId: string) => boolean
  /** The same, of one that was refused: it may be fetched. */
  readonly noteRefused: (messageId: string, hash: string) => void
  /** The same, of one that leaves and that the network may not get. */
  readonly noteLeaving: (envelope: Envelope, hash: string) => void
  readonly lastHeard: LastHeard
  /** Hashes of messages that came from the network, or went there. */
  readonly met: MetHashes
  /** Stores changes of a part that has no driver of its own, together with what else this step stores. */
  readonly keep: (part: StatePart, changes: readonly Change[]) => void
  readonly diagnose: Diagnose
  readonly drops: DropCounters
  readonly counters: Counters
  /** The node's common verdict on frames of the topic. */
  readonly topic: TopicMember
}

/** Options of {@link createParts}. */
export interface PartsOptions {
  readonly node: Pick<
    ChannelNode,
    'store' | 'scheduler' | 'randomBytes' | 'limits' | 'verdicts' | 'send' | 'events' | 'messages'
  >
  readonly transport: LimitedTransport
  readonly limiter: RateLimiter
  readonly options: ChannelOptions
  /** Checked. */
  readonly stageOptions: StageOptions
  readonly state: StoredState
  readonly diagnose: Diagnose
}

/** Makes the stages of a channel, joined to one unit of work. */
export function createParts({
  node,
  transport,
  limiter,
  options,
  stageOptions,
  state,
  diagnose,
}: PartsOptions): ChannelParts {
  const { channelId, contentTopic, senderId, profile = lip, cipher = plaintext } = options
  const { placement = profile.placement } = options
  const { scheduler, store, randomBytes, limits } = node
  const { participant, segmenter, reassembler } = stageOptions
  const writer = Math.random()
  const numbers = createWriteNumbers({
    write: (changes) => store?.write(changes) ?? Promise.resolve(),
    restore: state.parts.writes,
    keyPrefix: `${state.prefix}writes/`,
    writer,
    onCorrupt: (key, reason) => diagnose('store-corrupt', { part: 'writes', key, reason }),
  })
  const lastHeard = createLastHeard(state.parts.heard, (key, reason) =>
    diagnose('store-corrupt', { part: 'heard', key, reason }),
  )
  const unitOfWork = createUnitOfWork({
    scheduler,
    ...(store && {
      write: (changes) => numbers.write([...changes, ...below(`${state.prefix}heard/`, lastHeard.due())]),
      storedKeys: () => store.entries(state.prefix),
    }),
    writeLimitMs: limits.storeMs,
    report: ({ type, what, waitedMs }) => diagnose(type, { what, waitedMs }),
    onWriteError: (error, attempt, retryMs) => diagnose('store-failed', { error, attempt, retryMs }),
    onWriteRecovered: (failures) => diagnose('store-recovered', { failures }),
  })
  const stage = (part: StatePart, restore: StoredState['parts']['sds']) => ({
    scheduler,
    unitOfWork,
    keyPrefix: `${state.prefix}${part}/`,
    restore,
    writer,
    onCorrupt: (key: string, reason: string) => diagnose('store-corrupt', { part, key, reason }),
  })
  const keep = (part: StatePart, changes: readonly Change[]): void => {
    if (changes.length > 0) unitOfWork.run(() => unitOfWork.add(changes, `${state.prefix}${part}/`))
  }
  const corruptHint = (key: string, reason: string): void => {
    stage('hints', []).onCorrupt(key, reason)
    keep('hints', [{ key, value: undefined }])
  }
  const hints = createRetrievalHints(state.parts.hints, corruptHint, store !== undefined)
  const met = createMetHashes()
  // Sealed contents cannot be looked into.
  const isReadable = profile.segments !== 'raw' && (placement === 'envelope' || cipher === plaintext)
  const refuses = ({ content, ...frame }: OfferedContent): ContentRefusal | undefined => {
    const reason = reassembly.refusal({ payload: content, ...frame })
    return reason && (reason === 'no-room' ? 'now' : 'never')
  }
  const signedFrames = createSignedFrames()
  const sds = createParticipant({
    ...participant,
    // Nobody takes what one member says in the name of another.
    ...(cipher.signs === true &&
      placement === 'envelope' && { mayGive: (messageId) => signedFrames.of(messageId) !== undefined }),
    ...stage('sds', state.parts.sds),
    retrievalHint: hints.get,
    ...(isReadable && { refuses }),
    needs: (messageId) => reassembly.needs(messageId),
  })
  const reassembly = createReassembler({
    ...reassembler,
    ...stage('segments', state.parts.segments),
    // A message that SDS asks for may be a segment of a set.
    isAwaited: () => sds.health().state === 'missing',
  })
  return {
    channelId,
    contentTopic,
    senderId,
    profile,
    placement,
    cipher,
    transport,
    messages: node.messages,
    events: node.events,
    send: options.sendHandler ?? node.send,
    scheduler,
    randomBytes,
    hookMs: limits.hookMs,
    unitOfWork,
    writer,
    segmenter,
    participant: sds,
    signedFrames,
    sealedContents: () =>
      createSealedContents({
        unitOfWork,
        writer,
        restore: state.parts.sealed,
        onCorrupt: stage('sealed', []).onCorrupt,
        store: (changes) => keep('sealed', changes),
      }),
    reopening: new BehaviorSubject(1),
    reassembler: reassembly,
    limiter,
    diagnose,
    noteHash(messageId, hash) {
      met.add(hash)
      keep('hints', hints.set(messageId, hash))
    },
    reachedNetwork: (messageId) => hints.get(messageId) !== undefined,
    noteRefused: (messageId, hash) => keep('hints', hints.set(messageId, hash)),
    noteLeaving(envelope, hash) {
      const messageId = SentEnvelope.messageIdOf(envelope, met)
      if (messageId === undefined) return
      met.add(hash)
      hints.leaving(messageId, hash)
    },
    lastHeard,
    met,
    keep,
    counters: new Counters(),
    drops: createDropCounters(node.messages.strays(profile.marker)),
    topic: node.verdicts.join(contentTopic),
  }
}

/** The same changes with a prefix before their keys. */
const below = (prefix: string, changes: readonly Change[]): Change[] =>
  changes.map(({ key, value }) => ({ key: prefix + key, value }))
