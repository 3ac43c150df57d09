import { type DeliveredFrame, type LogMessage } from '@reliable-channels/sds'
import { createReassembler } from '@reliable-channels/segmentation'
import { from, toArray } from 'rxjs'
import { check } from '../check-options.ts'
import { idOfMessage } from '../core/message-id.ts'
import type { ChannelParts } from '../opening/parts.ts'
import { openKept } from '../pipeline/sealing.ts'
import { type WaitOptions, firstWithin } from '../sending/first-within.ts'

/** Options of {@link ReliableChannel.history}. */
export interface HistoryOptions {
  /** Where the page ends: {@link HistoryPage.before} of the one after it. @default after the newest message */
  before?: string | undefined
  /** Messages of the page. @limit Earlier ones are on the page before. @default 50 */
  limit?: number
  /** Ends the wait, with its reason. */
  signal?: AbortSignal
}

/** A message of the past, own or another member's. */
export interface HistoryMessage {
  /** By which every member knows it, as {@link ChannelMessageReceivedEvent.messageId}. */
  readonly messageId: string
  readonly senderId: string
  readonly payload: Uint8Array<ArrayBuffer>
  /** About when it was sent, ms since 1970: its Lamport timestamp, which may run ahead of the clock. */
  readonly sentAboutAt: number
}

/** A page of {@link ReliableChannel.history}. */
export interface HistoryPage {
  /** Oldest first, in causal order. */
  readonly messages: readonly HistoryMessage[]
  /** For the page before this one; `undefined` when the history begins here. */
  readonly before: string | undefined
}

/** The parts of a channel that its history needs. */
export type HistoryParts = Pick<
  ChannelParts,
  'channelId' | 'contentTopic' | 'cipher' | 'scheduler' | 'hookMs' | 'placement' | 'participant' | 'profile'
>

/** Within so many entries of the log a message of several segments has begun and ended, unless very many spoke at once. */
const SPAN = 1_024

/** A segment of the log, with what a page tells of the message that it completes. */
type LoggedSegment = Pick<DeliveredFrame, 'payload' | 'messageId' | 'senderId'> &
  Pick<LogMessage, 'sentAboutAt'>

/** A whole message, and the segment that completed it. */
interface Assembled extends HistoryMessage {
  readonly completedBy: string
}

/** Reads a page of the history that SDS keeps. A message of which not every segment is there any more is left out. */
export async function historyPage(parts: HistoryParts, options: HistoryOptions = {}): Promise<HistoryPage> {
  check.object('options', options)
  check.names(options, ['before', 'limit', 'signal'])
  const { before, limit = 50, signal } = options
  if (before !== undefined) check.text('before', before)
  check.integer('limit', limit, 1)
  for (let count = limit + 1; ; count = 2 * count + SPAN) {
    signal?.throwIfAborted()
    const log = parts.participant.log(before, count)
    const isAll = log.length < count
    const { whole, hasSeveral } = assemble(parts, await opened(parts, log, options))
    const page = whole.slice(-limit)
    const start = page[0]?.completedBy
    // What begins before the page may end on it.
    const mayLack = hasSeveral && log.findIndex(({ messageId }) => messageId === start) < SPAN
    if (!isAll && (page.length < limit || mayLack)) continue
    return {
      messages: page.map(({ completedBy: _, ...message }) => message),
      before: isAll && whole.length <= limit ? undefined : start,
    }
  }
}

/** The contents of the log that are still there, opened. */
async function opened(
  parts: HistoryParts,
  log: readonly LogMessage[],
  options: WaitOptions,
): Promise<readonly LoggedSegment[]> {
  const kept = log.flatMap(({ content, ...segment }) =>
    content === undefined ? [] : [{ ...segment, payload: content }],
  )
  if (parts.placement !== 'content') return kept
  return firstWithin(from(kept).pipe(openKept<LoggedSegment>(parts), toArray()), options, () => kept)
}

/** The whole messages of some segments, in the order in which they were completed; and whether any has several segments. */
function assemble(
  { profile, scheduler }: HistoryParts,
  segments: readonly LoggedSegment[],
): { readonly whole: readonly Assembled[]; readonly hasSeveral: boolean } {
  const reassembler = createReassembler({ dialect: profile.segments, scheduler })
  const whole: Assembled[] = []
  let hasSeveral = false
  const port = reassembler.openPort<LoggedSegment>((frame) => {
    const { payload, senderId, sentAboutAt, messageId: completedBy } = frame
    const { dataCount, parityCount, payloadHash } = frame.message
    const segmentCount = dataCount + parityCount
    if (segmentCount > 1) hasSeveral = true
    const messageId = idOfMessage(completedBy, segmentCount, payloadHash)
    whole.push({ messageId, senderId, payload, sentAboutAt, completedBy })
  })
  for (const segment of segments) port.push(segment)
  hasSeveral ||= reassembler.stats().sets > 0
  reassembler.close()
  return { whole, hasSeveral }
}
