import type { DeliveredFrame, LogMessage } from '@reliable-channels/sds'
import { type MessageFrame, createReassembler } from '@reliable-channels/segmentation'
import { from } from 'rxjs'
import { idOfMessage } from '../core/message-id.ts'
import type { ChannelParts } from '../opening/parts.ts'
import { openKept } from '../pipeline/sealing.ts'
import { type WaitOptions, firstWithin } from '../sending/first-within.ts'
import { inOneArray } from '../pipeline/in-one-array.ts'

/** A message of the past, own or another member's. */
export interface HistoryMessage {
  /** By which every member knows it, as {@link ChannelMessageReceivedEvent.messageId}. */
  readonly messageId: string
  readonly senderId: string
  readonly payload: Uint8Array<ArrayBuffer>
  /** About when it was sent, ms since 1970: its Lamport timestamp, which may run ahead of the clock. */
  readonly sentAboutAt: number
}

/** The parts of a channel that reading its past needs. */
export type HistoryParts = Pick<
  ChannelParts,
  | 'channelId'
  | 'contentTopic'
  | 'cipher'
  | 'scheduler'
  | 'hookMs'
  | 'placement'
  | 'participant'
  | 'profile'
  | 'transport'
>

/** A segment of the past, with what a page tells of the message that it completes. */
export type PastSegment = Pick<DeliveredFrame, 'payload' | 'messageId' | 'senderId'> &
  Pick<LogMessage, 'sentAboutAt'>

/** A whole message, and the segment that completed it. */
export interface PastMessage extends HistoryMessage {
  readonly completedBy: string
}

/**
 * Opens contents that were sealed each by itself, and puts the messages of the segments together: those that are whole, in the
 * order in which they were completed, and whether any has several segments. A large one takes several turns.
 */
export async function assemblePast(
  parts: HistoryParts,
  segments: readonly PastSegment[],
  options: WaitOptions,
): Promise<{ readonly whole: readonly PastMessage[]; readonly hasSeveral: boolean }> {
  const { profile, scheduler, placement } = parts
  const reassembler = createReassembler({ dialect: profile.segments, scheduler })
  try {
    const segments$ = from(segments)
    const opened$ = placement === 'content' ? segments$.pipe(openKept<PastSegment>(parts)) : segments$
    const whole$ = opened$.pipe(reassembler.reassemble<PastSegment>(), inOneArray())
    const frames = await firstWithin(whole$, options, () => [])
    const several = frames.filter(({ message }) => message.dataCount + message.parityCount > 1)
    const hasSeveral = several.length + reassembler.stats().sets > 0
    return { whole: frames.map(assembled), hasSeveral }
  } finally {
    reassembler.close()
  }
}

function assembled(frame: PastSegment & MessageFrame): PastMessage {
  const { payload, senderId, sentAboutAt, messageId: completedBy } = frame
  const { dataCount, parityCount, payloadHash } = frame.message
  const messageId = idOfMessage(completedBy, dataCount + parityCount, payloadHash)
  return { messageId, senderId, payload, sentAboutAt, completedBy }
}
