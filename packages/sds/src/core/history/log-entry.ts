import { type Lamport, lamportHigh, lamportLow, lamportOf } from '../wire/lamport.ts'
import type { HistoryEntry } from '../wire/message.ts'

/** The values that a log entry is made from. */
export interface LogFields {
  /** Names the entry in the store. */
  readonly sequence: number
  readonly messageId: string
  readonly senderId: string
  readonly lamport: Lamport
  readonly causalHistory: readonly HistoryEntry[]
  readonly content: Uint8Array | undefined
  /** An own message with `order: 'none'`: it names nothing, and later own ones do not name it. */
  readonly isLoose?: boolean | undefined
}

/**
 * One content message as a participant keeps it: without its filter, and free of the bytes it came in.
 *
 * Those in the history are packed; see `packed-entries.ts`. Of those that wait for others, or to be acknowledged, there
 * may still be thousands, and the garbage collector visits every object that is kept. So an entry is one object and its
 * id: the usual two of its causal history are four strings, the timestamp is two small integers, and the content a place
 * in a buffer; what they look like is made when it is asked for.
 */
export class LogEntry implements LogFields {
  readonly sequence: number
  readonly messageId: string
  readonly senderId: string
  readonly isLoose: boolean
  readonly #high: number
  readonly #low: number
  /** The causal history, if it is of at most two without hints: ids and senders. */
  readonly #id0: string | undefined
  readonly #sender0: string | undefined
  readonly #id1: string | undefined
  readonly #sender1: string | undefined
  /** Any other causal history. */
  readonly #history: readonly HistoryEntry[] | undefined
  #buffer: ArrayBufferLike | undefined
  readonly #start: number
  readonly #length: number

  /** Keeps `content` as it is. */
  constructor({
    sequence,
    messageId,
    senderId,
    lamport,
    causalHistory,
    content,
    isLoose = false,
  }: LogFields) {
    this.sequence = sequence
    this.messageId = messageId
    this.senderId = senderId
    this.isLoose = isLoose
    this.#high = lamportHigh(lamport) | 0
    this.#low = lamportLow(lamport) | 0
    const first = causalHistory[0]
    const second = causalHistory[1]
    const isUsual =
      causalHistory.length <= 2 && first?.retrievalHint === undefined && second?.retrievalHint === undefined
    this.#id0 = isUsual ? first?.messageId : undefined
    this.#sender0 = isUsual ? first?.senderId : undefined
    this.#id1 = isUsual ? second?.messageId : undefined
    this.#sender1 = isUsual ? second?.senderId : undefined
    this.#history = isUsual ? undefined : causalHistory
    this.#buffer = content?.buffer
    this.#start = content?.byteOffset ?? 0
    this.#length = content?.length ?? 0
  }

  get lamport(): Lamport {
    return lamportOf(this.#high >>> 0, this.#low >>> 0)
  }

  get causalHistory(): readonly HistoryEntry[] {
    if (this.#history !== undefined) return this.#history
    if (this.#id0 === undefined) return []
    const first = { messageId: this.#id0, retrievalHint: undefined, senderId: this.#sender0 }
    if (this.#id1 === undefined) return [first]
    return [first, { messageId: this.#id1, retrievalHint: undefined, senderId: this.#sender1 }]
  }

  /** How it is named in causal histories, without a retrieval hint. */
  get named(): HistoryEntry {
    return namedAs(this.messageId, this.senderId)
  }

  /** A view of what is kept. Gone from old messages when the history is over its bytes: those cannot be repaired. */
  get content(): Uint8Array | undefined {
    return this.#buffer === undefined ? undefined : new Uint8Array(this.#buffer, this.#start, this.#length)
  }

  /** Bytes of content. */
  get contentLength(): number {
    return this.#buffer === undefined ? 0 : this.#length
  }

  /** The same, which comes after these; without content, which nobody can have from here any more, unless it is given. */
  with(causalHistory: readonly HistoryEntry[], content?: Uint8Array): LogEntry {
    const { sequence, messageId, senderId, lamport, isLoose } = this
    return new LogEntry({ sequence, messageId, senderId, lamport, causalHistory, content, isLoose })
  }
}

/** How a message is named in causal histories, without a retrieval hint. */
export const namedAs = (messageId: string, senderId: string): HistoryEntry => ({
  messageId,
  retrievalHint: undefined,
  senderId: senderId === '' ? undefined : senderId,
})

/** Rough memory of a name beside its texts and its retrieval hint. */
const NAME_BYTES = 64

/** Rough memory of a causal history. */
export function bytesOfNames(names: readonly HistoryEntry[]): number {
  let bytes = NAME_BYTES * names.length
  for (const { messageId, senderId, retrievalHint } of names) {
    bytes += messageId.length + (senderId?.length ?? 0) + (retrievalHint?.length ?? 0)
  }
  return bytes
}

/** The fields of an entry that are read most often: its author, its place, and how others name it. */
export type LogName = Pick<LogEntry, 'sequence' | 'messageId' | 'senderId' | 'lamport' | 'named' | 'isLoose'>

/** The fields that decide an entry's place in the log. */
export type Place = Pick<LogEntry, 'lamport' | 'messageId'>

/** The order of the log: Lamport timestamp, then message id. LIP-109, "Resolve Conflicts". */
export function comesBefore(a: Place, b: Place): boolean {
  const of = a.lamport
  const than = b.lamport
  return of < than || (!(of > than) && a.messageId < b.messageId)
}
