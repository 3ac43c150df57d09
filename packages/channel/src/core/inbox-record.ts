import type { Entry } from '@reliable-channels/store'
import { type KeptMessage, decodeKept } from './message-record.ts'
import { RecordWriter, UNREADABLE, readRecord } from './record.ts'

/** Which messages may have been handed out before a restart. */
export interface InboxHorizon {
  /** The window of the process that wrote it. */
  readonly window: number
  /** All up to this sequence number; those after it, as far as the window reached. */
  readonly upTo: number
}

/** Under which key it is kept. */
export const INBOX_HORIZON_KEY = 'horizon'
const VERSION = 1

/** Under which key a message is kept. */
export const messageKey = (sequence: number): string => `m${sequence.toString(36)}`

/** A message and its number. */
interface Kept {
  readonly sequence: number
  readonly message: KeptMessage
}

/** The inbox that an earlier process left. */
export interface RestoredInbox {
  /** Oldest first. */
  readonly kept: readonly Kept[]
  /** Keys of entries that cannot be read, or of messages that are kept under another key as well. */
  readonly needless: readonly string[]
  readonly horizon: InboxHorizon
}

/**
 * Reads what was kept.
 *
 * @param onCorrupt Told of each entry that cannot be read.
 */
export function restoreInbox(
  entries: Iterable<Entry>,
  onCorrupt: ((key: string, reason: string) => void) | undefined,
): RestoredInbox {
  const kept: Kept[] = []
  const corrupt: string[] = []
  let horizon: InboxHorizon = { window: 0, upTo: -1 }
  for (const { key, value } of entries) {
    const sequence = Number.parseInt(key.slice(1), 36)
    const message = key.startsWith('m') ? decodeKept(value) : undefined
    const noted = key === INBOX_HORIZON_KEY ? decodeHorizon(value) : undefined
    if (message !== undefined && Number.isSafeInteger(sequence)) kept.push({ sequence, message })
    else if (noted !== undefined) horizon = noted
    else {
      corrupt.push(key)
      onCorrupt?.(key, UNREADABLE)
      // The horizon is lost: any of the messages may have been handed out.
      if (key === INBOX_HORIZON_KEY) horizon = { window: Infinity, upTo: -1 }
    }
  }
  kept.sort((a, b) => a.sequence - b.sequence)
  return { ...onceEach(kept, corrupt), horizon }
}

/** Two that were open on one store at once may both have kept a message: it is handed out once. */
function onceEach(
  kept: readonly Kept[],
  corrupt: readonly string[],
): Pick<RestoredInbox, 'kept' | 'needless'> {
  const ids = new Set<string>()
  const needless = [...corrupt]
  const once = kept.filter(({ sequence, message: { messageId } }) => {
    if (!ids.has(messageId)) return ids.add(messageId)
    needless.push(messageKey(sequence))
    return false
  })
  return { kept: once, needless }
}

/** Version, window and sequence number, as 8-byte floats. */
export function encodeInboxHorizon({ window, upTo }: InboxHorizon): Uint8Array {
  return new RecordWriter().byte(VERSION).float64(window).float64(upTo).finish()
}

function decodeHorizon(value: Uint8Array): InboxHorizon | undefined {
  return readRecord(value, (reader) => {
    if (reader.byte() !== VERSION) return undefined
    const window = reader.float64()
    const upTo = reader.float64()
    return window >= 0 && upTo >= -1 && reader.rest().length === 0 ? { window, upTo } : undefined
  })
}
