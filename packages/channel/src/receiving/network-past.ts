import { decodeMessage, kindOf, msOfLamport } from '@reliable-channels/sds/core'
import type { TransportMessage } from '@reliable-channels/transport'
import { encodeText } from '@reliable-channels/wire'
import { from, toArray } from 'rxjs'
import { carries } from '../opening/message-router.ts'
import { plaintext } from '../opening/parts.ts'
import type { IncomingFrame } from '../pipeline/frames.ts'
import { openEnvelopes } from '../pipeline/sealing.ts'
import { type WaitOptions, firstWithin } from '../sending/first-within.ts'
import { type PastMessage, type HistoryParts, type PastSegment, assemblePast } from './past-messages.ts'

/** A place in the past: before a segment, or before a time. */
export interface PastPlace {
  readonly sentAboutAt: number
  readonly completedBy: string
}

/** A page of the network's memory, and where the one before it ends. */
export interface NetworkPage {
  readonly messages: readonly PastMessage[]
  readonly before: PastPlace | undefined
}

/** So far back the memory is asked at first, then four times as far, ms. */
const FIRST_WINDOW_MS = 600_000
const WIDER = 4
/** Networks remember less. @limit Nothing before is asked for, ms. */
const WIDEST_WINDOW_MS = 120 * 86_400_000
/** Clocks differ, and so do the times that senders and the network's memory note: the network tolerates 20 s each way. */
const MARGIN_MS = 40_000
/** Segments of a message come within so long, ms. */
const SPREAD_MS = 300_000
/** Messages of the topic that are read for one page. @limit The page has what was found until then. */
const MOST_READ = 5_000
/** Bytes of messages that a page is made of. @limit The earliest are left to the page before. */
const MOST_BYTES = 2 ** 26

/**
 * Reads a page of what the network remembers from before a place. Nothing that the channel knows changes. The memory can only be
 * read forwards from a time: so it is asked from ten minutes before, and from ever earlier until there is enough.
 */
export async function networkPage(
  parts: HistoryParts,
  place: PastPlace,
  limit: number,
  options: WaitOptions,
): Promise<NetworkPage> {
  for (let windowMs = FIRST_WINDOW_MS; ; windowMs *= WIDER) {
    options.signal?.throwIfAborted()
    const sinceMs = Math.max(place.sentAboutAt - windowMs, 0)
    const { messages, count, isAll } = await read(parts, sinceMs, place.sentAboutAt, options)
    const segments = (await segmentsOf(parts, messages, options)).filter((one) => isBefore(one, place))
    const { whole, hasSeveral } = await assemblePast(parts, segments.toSorted(inOrder), options)
    const page = whole.slice(-limit)
    const first = page[0]
    const isLast = sinceMs === 0 || windowMs >= WIDEST_WINDOW_MS
    // What begins before may end on this page.
    const mayLack = hasSeveral && (first?.sentAboutAt ?? 0) - sinceMs < SPREAD_MS
    if (!isLast && isAll && count < MOST_READ && (whole.length <= limit || mayLack)) continue
    const before =
      whole.length > limit && first !== undefined ? first : { sentAboutAt: sinceMs, completedBy: '' }
    return { messages: page, before: isLast && whole.length <= limit ? undefined : before }
  }
}

/** What the memory has of the topic between two times, the latest that there is room for. */
async function read(
  { transport: limited, contentTopic, profile }: HistoryParts,
  sinceMs: number,
  untilMs: number,
  { signal }: WaitOptions,
): Promise<{ messages: readonly TransportMessage[]; count: number; isAll: boolean }> {
  const marker = profile.marker === undefined ? undefined : encodeText(profile.marker)
  const messages: TransportMessage[] = []
  let count = 0
  let bytes = 0
  let isAll = true
  for await (const message of limited.history!({ contentTopic, sinceMs, ...(signal && { signal }) })) {
    if ((message.timestampMs ?? 0) > untilMs + MARGIN_MS) break
    count++
    if (message.contentTopic !== contentTopic || !carries(message, marker)) continue
    messages.push(message)
    bytes += message.payload.length
    for (; bytes > MOST_BYTES; isAll = false) bytes -= messages.shift()!.payload.length
  }
  return { messages, count, isAll }
}

/** The contents of the channel among messages of the network, each once; what cannot be opened is left out. */
async function segmentsOf(
  parts: HistoryParts,
  messages: readonly TransportMessage[],
  options: WaitOptions,
): Promise<readonly PastSegment[]> {
  const { cipher, placement, channelId } = parts
  const isSealed = placement === 'envelope' && cipher !== plaintext
  const frames = messages.map(({ payload, hash }): IncomingFrame =>
    cipher.signs === true
      ? { payload, hash, seal: { bytes: payload, signer: undefined } }
      : { payload, hash },
  )
  const opened$ = from(frames).pipe(
    openEnvelopes(parts, () => {}),
    toArray(),
  )
  const opened = isSealed ? await firstWithin(opened$, options, () => []) : frames
  const found = new Map<string, PastSegment>()
  for (const { payload, seal } of opened) {
    const { message } = decodeMessage(payload)
    if (message?.channelId !== channelId || kindOf(message) !== 'content') continue
    const { messageId, senderId, lamport, content } = message
    // As with what comes: nobody speaks in the name of another.
    if (isSealed && cipher.signs === true && seal?.signer !== senderId) continue
    // The first copy counts.
    if (found.has(messageId)) continue
    found.set(messageId, {
      messageId,
      senderId,
      sentAboutAt: msOfLamport(lamport!),
      payload: new Uint8Array(content!),
    })
  }
  return [...found.values()]
}

/** By time and id, which is an order that causality keeps. */
const inOrder = (a: PastSegment, b: PastSegment): number =>
  a.sentAboutAt - b.sentAboutAt || (a.messageId < b.messageId ? -1 : 1)

const isBefore = ({ sentAboutAt, messageId }: PastSegment, place: PastPlace): boolean =>
  sentAboutAt < place.sentAboutAt || (sentAboutAt === place.sentAboutAt && messageId < place.completedBy)
