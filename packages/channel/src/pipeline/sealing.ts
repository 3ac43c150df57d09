import {
  type CipherContext,
  type DecryptionError,
  type EncryptionError,
  type SealedKind,
  decrypt,
  encrypt,
} from '@reliable-channels/encryption'
import type { Frame } from '@reliable-channels/stage'
import {
  type MonoTypeOperatorFunction,
  type OperatorFunction,
  concatMap,
  filter,
  from,
  identity,
  map,
  pipe,
  take,
} from 'rxjs'
import type { DeliveredSegment, IncomingFrame, OutgoingFrame, SegmentedRequest } from './frames.ts'
import { type ChannelParts, plaintext } from '../opening/parts.ts'
import { openedTogether } from './sealed-contents.ts'
import { inOneArray } from './in-one-array.ts'

/**
 * Frames that wait for a slow cipher: all that the limits of requests and of SDS let out at once.
 * @limit One more is reported, and on the way out left to retransmission.
 */
const MAX_WAITING = 65_536

/** The parts of a channel that sealing and opening need. */
type SealingParts = Pick<ChannelParts, 'channelId' | 'contentTopic' | 'cipher' | 'scheduler' | 'hookMs'>

/** The context that a cipher binds a frame to, besides the key. */
function contextOf(
  { channelId, contentTopic }: Pick<ChannelParts, 'channelId' | 'contentTopic'>,
  kind?: SealedKind,
  senderId?: string,
): CipherContext {
  return { channelId, contentTopic, ...(kind && { kind }), ...(senderId !== undefined && { senderId }) }
}

/** Seals whole SDS messages, in order; a frame that cannot be sealed is reported and does not go on. */
export function sealEnvelopes(
  parts: SealingParts,
  failed: (frame: OutgoingFrame, error: EncryptionError) => void,
): MonoTypeOperatorFunction<OutgoingFrame> {
  if (parts.cipher === plaintext) return identity
  return encrypt(parts.cipher, {
    context: ({ kind }) => contextOf(parts, kind === 'sync' ? 'sync' : 'content'),
    onReject: failed,
    maxWaiting: MAX_WAITING,
    maxWaitingBytes: Infinity,
    scheduler: parts.scheduler,
    timeoutMs: parts.hookMs,
  })
}

/** Seals the contents of a request before SDS sees them: all of them, or none of the request goes on. */
export function sealContents(
  parts: SealingParts & Pick<ChannelParts, 'senderId'>,
  failed: (request: SegmentedRequest, error: EncryptionError) => void,
): MonoTypeOperatorFunction<SegmentedRequest> {
  const context = contextOf(parts, 'content', parts.senderId)
  return concatMap((request) => {
    let error: EncryptionError | undefined
    return from(request.segments.map((payload) => ({ payload }))).pipe(
      encrypt(parts.cipher, {
        context,
        onReject: (_, reason) => (error ??= reason),
        scheduler: parts.scheduler,
        timeoutMs: parts.hookMs,
      }),
      inOneArray(),
      concatMap((sealed) => {
        if (error === undefined) return [{ ...request, segments: sealed.map(({ payload }) => payload) }]
        failed(request, error)
        return []
      }),
    )
  })
}

/**
 * Frames that are opened at once, where the cipher takes its time: whoever makes up ids of keys that take long to be fetched
 * is not to hold up all others. Order is the business of SDS. With frames of 150 kB, as large as the network takes, they are
 * 77 MB.
 * @limit Further ones wait.
 */
const MAX_OPENING = 512

/** Opens what came from the network; what cannot be opened is reported and does not go on. */
export function openEnvelopes(
  parts: SealingParts,
  failed: (frame: IncomingFrame, error: DecryptionError) => void,
): MonoTypeOperatorFunction<IncomingFrame> {
  if (parts.cipher === plaintext) return identity
  const context = contextOf(parts)
  return decrypt(parts.cipher, {
    context: ({ seal }) =>
      seal === undefined ? context : { ...context, onSigner: (by) => (seal.signer = by) },
    onReject: failed,
    concurrency: MAX_OPENING,
    ordered: false,
    scheduler: parts.scheduler,
    timeoutMs: parts.hookMs,
  })
}

/** An SDS message whose content is sealed, and that content. */
interface SealedMessage extends Frame {
  readonly message: IncomingFrame
  readonly senderId: string
}

/**
 * Lets SDS see only messages whose content can be opened: what it takes it acknowledges, and whoever does not have the
 * key must not take the place of a message. One whose key comes later is sent again.
 */
export function vouchForContents(
  parts: SealingParts,
  failed: (frame: IncomingFrame, error: DecryptionError) => void,
): OperatorFunction<SealedMessage, SealedMessage> {
  return decrypt<SealedMessage>(parts.cipher, {
    context: ({ senderId }) => contextOf(parts, 'content', senderId),
    onReject: ({ message }, error) => failed(message, error),
    concurrency: MAX_OPENING,
    ordered: false,
    scheduler: parts.scheduler,
    timeoutMs: parts.hookMs,
  })
}

/**
 * Opens the contents that SDS delivers, each by its author. They are kept meanwhile, because SDS does not deliver them
 * again; also while earlier ones are opened once more.
 */
export function openContents(
  parts: SealingParts & Pick<ChannelParts, 'sealedContents' | 'reopening'>,
  failed: (segment: DeliveredSegment, error: DecryptionError) => void,
): MonoTypeOperatorFunction<DeliveredSegment> {
  const { cipher, scheduler, hookMs, reopening } = parts
  const sealedContents = parts.sealedContents()
  return pipe(
    sealedContents.keep(),
    decrypt(cipher, {
      context: ({ senderId }) => contextOf(parts, 'content', senderId),
      onReject: (segment, error) => {
        sealedContents.opened(segment)
        failed(segment, error)
      },
      // SDS may deliver all that it has parked at once.
      maxWaiting: MAX_WAITING,
      maxWaitingBytes: Infinity,
      scheduler,
      timeoutMs: hookMs,
    }),
    concatMap((segment) =>
      reopening.pipe(
        filter((count) => count < 1),
        take(1),
        map(() => segment),
      ),
    ),
    openedTogether(sealedContents),
  )
}

/** Opens once more contents that were sealed, each by its author, as the history of SDS has them; leaves out what cannot be opened. */
export function openKept<F extends Frame & Partial<Pick<DeliveredSegment, 'senderId'>>>(
  parts: SealingParts,
): MonoTypeOperatorFunction<F> {
  return decrypt<F>(parts.cipher, {
    context: ({ senderId }) => contextOf(parts, 'content', senderId),
    maxWaiting: MAX_WAITING,
    maxWaitingBytes: Infinity,
    scheduler: parts.scheduler,
    timeoutMs: parts.hookMs,
  })
}
