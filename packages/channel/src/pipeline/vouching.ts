import { DecryptionError } from '@reliable-channels/encryption'
import { type SdsMessage, decodeMessage } from '@reliable-channels/sds/core'
import type { ChannelParts } from '../opening/parts.ts'
import { type Chain } from './chain.ts'
import type { IncomingFrame } from './frames.ts'
import { vouchForContents } from './sealing.ts'

/** The parts of a channel that vouching needs. */
type VouchingParts = Pick<
  ChannelParts,
  'channelId' | 'contentTopic' | 'cipher' | 'scheduler' | 'hookMs' | 'placement' | 'signedFrames'
>

/** A frame does not go on. */
type Failed = (frame: IncomingFrame, error: DecryptionError) => void

/**
 * The step before SDS, where a message counts: it is taken only if its content can be opened (content placement), or its
 * sender is the one who has signed it (a cipher that signs, around the whole message).
 */
export function vouchInto(
  chain: Chain,
  parts: VouchingParts,
  failed: Failed,
  next: (frame: IncomingFrame) => void,
): (frame: IncomingFrame) => void {
  if (parts.placement === 'content') return vouchContents(chain, parts, failed, next)
  return parts.cipher.signs === true ? vouchSenders(parts, failed, next) : next
}

function vouchContents(
  chain: Chain,
  parts: VouchingParts,
  failed: Failed,
  next: (frame: IncomingFrame) => void,
): (frame: IncomingFrame) => void {
  const open = chain.through(vouchForContents(parts, failed), ({ message }) => next(message))
  return (message) => {
    const { content, senderId, channelId } = decodeMessage(message.payload).message ?? NONE
    // What says nothing, is no message, or is another channel's is for SDS to judge.
    if (content === undefined || content.length === 0 || channelId !== parts.channelId) next(message)
    else open({ payload: content, message, senderId })
  }
}

function vouchSenders(
  { signedFrames, channelId }: VouchingParts,
  failed: Failed,
  next: (frame: IncomingFrame) => void,
): (frame: IncomingFrame) => void {
  return (frame) => {
    const { message } = decodeMessage(frame.payload)
    const signer = frame.seal?.signer
    if (message !== undefined && message.senderId !== signer) {
      const detail = `signed by ${signer ?? 'nobody'}, in the name of ${message.senderId}`
      return failed(frame, new DecryptionError(detail, { reason: 'wrong-sender' }))
    }
    if (message !== undefined && message.channelId === channelId && isTracked(message))
      signedFrames.keep(message.messageId, frame.seal!.bytes)
    next(frame)
  }
}

/** Whether it may be given to others later. */
const isTracked = ({ lamport, content }: SdsMessage): boolean =>
  lamport !== undefined && content !== undefined && content.length > 0

const NONE = { content: undefined, senderId: '', channelId: '' }
