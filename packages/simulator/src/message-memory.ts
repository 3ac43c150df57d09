import type { TransportMessage } from '@reliable-channels/transport'

/** Counted for each message on top of its payload, bytes. */
export const MESSAGE_OVERHEAD_BYTES = 256

interface Kept {
  readonly message: TransportMessage
  readonly atMs: number
  readonly from: string
}

/** Options of {@link MessageMemory}. */
export interface MemoryLimits {
  readonly retentionMs: number
  readonly maxBytes: number
}

/** The memory of the network's store nodes: the latest messages, within a time and a size. */
export class MessageMemory {
  readonly #limits: MemoryLimits
  /** Oldest first. */
  readonly #kept = new Map<string, Kept>()
  #bytes = 0

  constructor(limits: MemoryLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#kept.size
  }

  keep(message: TransportMessage, from: string, nowMs: number): void {
    if (this.#kept.has(message.hash)) return
    this.#kept.set(message.hash, { message, atMs: nowMs, from })
    this.#bytes += message.payload.length + MESSAGE_OVERHEAD_BYTES
    this.#forget(nowMs)
  }

  /** Messages by hash that `visible` lets through; unknown ones are left out. */
  byHash(hashes: readonly string[], nowMs: number, visible: (kept: Kept) => boolean): TransportMessage[] {
    this.#forget(nowMs)
    const found: TransportMessage[] = []
    for (const hash of new Set(hashes)) {
      const kept = this.#kept.get(hash)
      if (kept !== undefined && visible(kept)) found.push(kept.message)
    }
    return found
  }

  /** Messages of a topic since a time, oldest first. */
  since(
    contentTopic: string,
    sinceMs: number,
    nowMs: number,
    visible: (kept: Kept) => boolean,
  ): TransportMessage[] {
    this.#forget(nowMs)
    const found: TransportMessage[] = []
    for (const kept of this.#kept.values()) {
      const { message } = kept
      if (kept.atMs >= sinceMs && message.contentTopic === contentTopic && visible(kept)) found.push(message)
    }
    return found
  }

  #forget(nowMs: number): void {
    const { retentionMs, maxBytes } = this.#limits
    for (const [hash, { message, atMs }] of this.#kept) {
      if (nowMs - atMs <= retentionMs && this.#bytes <= maxBytes) return
      this.#kept.delete(hash)
      this.#bytes -= message.payload.length + MESSAGE_OVERHEAD_BYTES
    }
  }
}
