import type { LogMessage } from '@reliable-channels/sds'
import { check } from '../check-options.ts'
import { type PastPlace, networkPage } from './network-past.ts'
import {
  type PastMessage,
  type HistoryMessage,
  type HistoryParts,
  type PastSegment,
  assemblePast,
} from './past-messages.ts'

/** Options of {@link ReliableChannel.history}. */
export interface HistoryOptions {
  /** Where the page ends: {@link HistoryPage.before} of the one after it. @default after the newest message */
  before?: string | undefined
  /** Messages of the page. @limit Earlier ones are on the page before. @default 50 */
  limit?: number
  /**
   * Whether the network's memory is read where what the channel has ends, also from before it was a member. It is asked for
   * each such page, which rejects when it does not answer. A message that came late may be on two pages.
   * @default false
   */
  network?: boolean
  /** Ends the wait, with its reason. */
  signal?: AbortSignal
}

/** A page of {@link ReliableChannel.history}. */
export interface HistoryPage {
  /** Oldest first, in causal order. */
  readonly messages: readonly HistoryMessage[]
  /** For the page before this one; `undefined` when the history begins here. */
  readonly before: string | undefined
}

/** Within so many entries of the log a message of several segments has begun and ended, unless very many spoke at once. */
const SPAN = 1_024

/** Reads a page of what SDS keeps, or of what the network remembers. A message of which a segment is not there is left out. */
export async function historyPage(parts: HistoryParts, options: HistoryOptions = {}): Promise<HistoryPage> {
  check.object('options', options)
  check.names(options, ['before', 'limit', 'network', 'signal'])
  const { before, limit = 50, network = false, signal } = options
  if (before !== undefined) check.text('before', before)
  check.integer('limit', limit, 1)
  check.boolean('network', network)
  signal?.throwIfAborted()
  const place = placeOf(before)
  if (place !== undefined && network && parts.transport.history !== undefined) {
    const page = await networkPage(parts, place, limit, options)
    return { messages: told(page.messages), before: page.before && textOf(page.before) }
  }
  const page = await pageOfLog(parts, before, limit, options)
  const goesOn = page.before === undefined && network && parts.transport.history !== undefined
  return {
    messages: told(page.messages),
    before: goesOn ? textOf(page.messages[0] ?? latest(parts)) : page.before,
  }
}

/** A page of what SDS keeps. */
async function pageOfLog(
  parts: HistoryParts,
  before: string | undefined,
  limit: number,
  options: HistoryOptions,
): Promise<{ readonly messages: readonly PastMessage[]; readonly before: string | undefined }> {
  for (let count = limit + 1; ; count = 2 * count + SPAN) {
    options.signal?.throwIfAborted()
    const log = parts.participant.log(before, count)
    const isAll = log.length < count
    const { whole, hasSeveral } = await assemblePast(parts, kept(log), options)
    const messages = whole.slice(-limit)
    const start = messages[0]?.completedBy
    // What begins before the page may end on it.
    const mayLack = hasSeveral && log.findIndex(({ messageId }) => messageId === start) < SPAN
    if (!isAll && (messages.length < limit || mayLack)) continue
    return { messages, before: isAll && whole.length <= limit ? undefined : start }
  }
}

/** The contents of the log that are still there. */
const kept = (log: readonly LogMessage[]): readonly PastSegment[] =>
  log.flatMap(({ content, ...segment }) => (content === undefined ? [] : [{ ...segment, payload: content }]))

const told = (messages: readonly PastMessage[]): readonly HistoryMessage[] =>
  messages.map(({ completedBy: _, ...message }) => message)

/** After all that has been said, by any clock. */
const latest = ({ scheduler }: HistoryParts): PastPlace => ({
  sentAboutAt: scheduler.now() + MOST_AHEAD_MS,
  completedBy: '',
})

/** Clocks are so far ahead at most, ms. */
const MOST_AHEAD_MS = 60_000

/** What names a page of the network's memory. */
const textOf = ({ sentAboutAt, completedBy }: PastPlace): string => `network ${sentAboutAt} ${completedBy}`

function placeOf(before = ''): PastPlace | undefined {
  const [, time, completedBy = ''] = /^network (\d+\.?\d*) (.*)$/s.exec(before) ?? []
  return time === undefined ? undefined : { sentAboutAt: Number(time), completedBy }
}
