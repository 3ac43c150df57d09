import { join } from 'node:path'

import { Archive, type ArchiveRow } from './core/archive.ts'
import { decodeGossip, type NodeMessage } from './message.ts'
import { MessageLog } from './message-log.ts'
import type { ResolvedStore } from './options.ts'

/** Further than this from the node's clock a message is relayed and pushed, but not stored. */
const WINDOW_NS = 20_000_000_000n

/** The store of a node: its archive, and the file under it if there is one. */
export class NodeStore {
  readonly archive: Archive
  readonly #log: MessageLog | undefined
  readonly #maxLogBytes: number
  #isLoaded = false

  constructor(options: ResolvedStore, index: number) {
    this.archive = new Archive(options)
    this.#maxLogBytes = 2 * options.maxBytes
    this.#log =
      options.db === undefined ? undefined : new MessageLog(join(options.db, `node-${index}.messages`))
  }

  /** Reads what is on disk, the first time, and makes the file ready for more. */
  async open(now: number): Promise<void> {
    if (this.#log === undefined) return
    if (!this.#isLoaded) {
      for (const { pubsubTopic, bytes } of await this.#log.read()) {
        const message = decodeGossip(pubsubTopic, bytes, 0n)
        if (message !== undefined) this.archive.add(row(message), now)
      }
      this.#isLoaded = true
    }
    await this.#log.rewrite(this.archive.rows())
  }

  async close(): Promise<void> {
    await this.#log?.close()
  }

  /** Keeps a message, unless it is ephemeral, known, or far from the node's clock. */
  keep(message: NodeMessage, now: number, nowNs: bigint): boolean {
    if (message.ephemeral) return false
    const skew = message.timestamp - nowNs
    if (skew > WINDOW_NS || skew < -WINDOW_NS) return false
    const kept = this.archive.add(row(message), now)
    if (kept && this.#log !== undefined) {
      this.#log.append(message)
      if (this.#log.size > this.#maxLogBytes) this.#log.rewrite(this.archive.rows()).catch(() => {})
    }
    return kept
  }
}

/** The store holds on to what it needs and to no more: not the decoded payload beside the encoded one. */
function row({ hashHex, hash, timestamp, pubsubTopic, contentTopic, bytes }: NodeMessage): ArchiveRow {
  return { hashHex, hash, timestamp, pubsubTopic, contentTopic, bytes }
}
