import { decodeMessage, kindOf, msOfLamport } from '@reliable-channels/sds/core'
import type { TransportMessage } from '@reliable-channels/transport'
import { encodeText } from '@reliable-channels/wire'
import { from } from 'rxjs'
import { carries } from '../opening/message-router.ts'
import { plaintext } from '../opening/parts.ts'
import type { IncomingFrame } from '../pipeline/frames.ts'
import { openEnvelopes } from '../pipeline/sealing.ts'
import { type WaitOptions, firstWithin } from '../sending/first-within.ts'
import { type PastMessage, type HistoryParts, type PastSegment, assemblePast } from './past-messages.ts'
import { inOneArray } from '../pipeline/in-one-array.ts'

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

/** So far back the memory is asked at first, ms; then so many times as far, or as near where there is too much. */
const FIRST_WINDOW_MS = 600_000
const STEP = 4
const NARROWEST_WINDOW_MS = 10_000
/** Networks remember less. @limit Nothing before is asked for, ms. */
const WIDEST_WINDOW_MS = 120 * 86_400_000
/** Clocks differ, and so do the times that senders and the network's memory note: the network tolerates 20 s each way. */
const MARGIN_MS = 40_000
/** Segments of a message come within so long, ms. */
const SPREAD_MS = 300_000
/** Messages of the topic that are read at a time. @limit A shorter time is read, ten seconds at least. */
const MOST_READ = 5_000
/** Bytes of messages that are read at a time, 256 for each included. @limit A shorter time is read, and of ten seconds the latest. */
const MOST_BYTES = 2 ** 26
const OVERHEAD_BYTES = 256

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
  const end = { sentAboutAt: place.sentAboutAt, messageId: place.completedBy }
  let narrower: NetworkPage | undefined
  for (let windowMs = FIRST_WINDOW_MS; ;) {
    const sinceMs = Math.max(end.sentAboutAt - windowMs, 0)
    const messages = await read(parts, sinceMs, end.sentAboutAt, options)
    if (messages === undefined) {
      if (narrower !== undefined) return narrower
      windowMs /= STEP
      continue
    }
    const segments = (await segmentsOf(parts, messages, options)).filter((one) => inOrder(one, end) < 0)
    const { whole, hasSeveral } = await assemblePast(parts, segments.toSorted(inOrder), options)
    // Of what was said before the window, not all was read.
    const within = whole.filter(({ sentAboutAt }) => sentAboutAt >= sinceMs)
    const page = within.slice(-limit)
    const first = page[0]
    if (sinceMs === 0 || windowMs >= WIDEST_WINDOW_MS)
      return { messages: page, before: within.length > limit ? first : undefined }
    // What ends on the page before its first message begins on the page before.
    narrower = { messages: page, before: first ?? { sentAboutAt: sinceMs, completedBy: '' } }
    const isEnough = first !== undefined && within.length > limit
    if (isEnough && !(hasSeveral && first.sentAboutAt < sinceMs + SPREAD_MS)) return narrower
    windowMs *= STEP
  }
}

/** What the memory has of the topic between two times, if it is not too much; of the shortest time the latest. */
async function read(
  { transport: limited, contentTopic, profile }: HistoryParts,
  sinceMs: number,
  untilMs: number,
  { signal }: WaitOptions,
): Promise<readonly TransportMessage[] | undefined> {
  const marker = profile.marker === undefined ? undefined : encodeText(profile.marker)
  const from = Math.max(sinceMs - MARGIN_MS, 0)
  const isNarrow = untilMs - sinceMs <= NARROWEST_WINDOW_MS
  const messages: TransportMessage[] = []
  let count = 0
  let bytes = 0
  for await (const message of limited.history!({ contentTopic, sinceMs: from, ...(signal && { signal }) })) {
    if (message.timestampMs! > untilMs + MARGIN_MS) break
    if (!isNarrow && (++count > MOST_READ || bytes > MOST_BYTES)) return undefined
    if (message.contentTopic !== contentTopic || !carries(message, marker)) continue
    messages.push(message)
    bytes += message.payload.length + OVERHEAD_BYTES
    if (!isNarrow) continue
    while (bytes > MOST_BYTES) bytes -= messages.shift()!.payload.length + OVERHEAD_BYTES
  }
  return messages
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
    inOneArray(),
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

type Placed = Pick<PastSegment, 'sentAboutAt' | 'messageId'>

/** By time and id, which is an order that causality keeps. */
const inOrder = (a: Placed, b: Placed): number =>
  a.sentAboutAt - b.sentAboutAt || (a.messageId < b.messageId ? -1 : 1)
