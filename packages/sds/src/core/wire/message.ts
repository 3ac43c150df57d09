import type { Lamport } from './lamport.ts'

/** Which of the two wire formats of SDS (LIP-109 and `@waku/sds`, or nim-sds). */
export type Dialect = 'lip' | 'nim'

/** A message named by another: one of its causal history, or one whose repair it asks for. LIP-109, `HistoryEntry`. */
export interface HistoryEntry {
  readonly messageId: string
  /** Helps to fetch the message, e.g. its transport hash. */
  readonly retrievalHint?: Uint8Array | undefined
  /** Who wrote it. */
  readonly senderId?: string | undefined
}

/** One SDS message. LIP-109, `Message`. */
export interface SdsMessage {
  readonly senderId: string
  readonly messageId: string
  readonly channelId: string
  /** Absent from ephemeral messages. */
  readonly lamport?: Lamport | undefined
  readonly causalHistory: readonly HistoryEntry[]
  /** The filter in the bytes of the dialect. */
  readonly bloomFilter?: Uint8Array | undefined
  readonly repairRequest: readonly HistoryEntry[]
  /** When an ephemeral message was sent, ms: in the `lip` dialect, by this library. */
  readonly sentAt?: Lamport | undefined
  /** Absent or empty in sync messages. */
  readonly content?: Uint8Array | undefined
}

/** The kind of a message: LIP-109 tells it by which fields are there. */
export type MessageKind = 'content' | 'sync' | 'ephemeral'

/** The kind of a message; `undefined` if it has neither a timestamp nor content. */
export function kindOf(message: SdsMessage): MessageKind | undefined {
  const hasContent = message.content !== undefined && message.content.length > 0
  if (message.lamport === undefined) return hasContent ? 'ephemeral' : undefined
  return hasContent ? 'content' : 'sync'
}
