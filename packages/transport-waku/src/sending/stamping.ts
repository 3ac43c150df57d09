import type { SchedulerLike } from 'rxjs'

import { encodeMessage, messageHash } from '../core/message.ts'
import { Stamper } from '../core/nanoseconds.ts'
import type { Outgoing, Stamped } from './outgoing.ts'
import { sha256 } from '../sha256.ts'

/** A message older than this when it is pushed is stamped anew, ms: stores keep nothing that is 20 s off. */
const STAMP_VALID_MS = 12_000

/** Gives messages their timestamps, and finds them by their hashes. */
export class Stamping {
  readonly #options: { readonly scheduler: SchedulerLike; readonly random: () => number }
  readonly #onStamped: (hash: string) => void
  readonly #stamper = new Stamper()
  readonly #byHash = new Map<string, Outgoing>()

  constructor(
    options: { readonly scheduler: SchedulerLike; readonly random: () => number },
    onStamped: (hash: string) => void,
  ) {
    this.#options = options
    this.#onStamped = onStamped
  }

  /**
   * Gives a message its timestamp, and with it its hash: when it leaves, because stores keep nothing that is more than
   * 20 s old, and anew when it then took too long to be taken, unless it may have been taken after all.
   * Trap 2: the timestamp is ours, so that the message is the same at every service node.
   */
  stamp(outgoing: Outgoing): Stamped {
    const { scheduler, random } = this.#options
    const { stamped, message, pubsubTopic } = outgoing
    const atMs = scheduler.now()
    if (stamped !== undefined) {
      const mayBeThere = outgoing.inDoubt || outgoing.pushing > 0 || outgoing.takenBy.size > 0
      if (mayBeThere || atMs - stamped.atMs < STAMP_VALID_MS) return stamped
    }
    this.forget(outgoing)
    const complete = { ...message, timestampNs: this.#stamper.next(atMs, random()) }
    const hash = messageHash(pubsubTopic, complete, sha256)
    const fresh = { encoded: encodeMessage(complete), hash, atMs }
    outgoing.stamped = fresh
    this.#byHash.set(hash, outgoing)
    this.#onStamped(hash)
    return fresh
  }

  /** The message with this hash, if it has not ended. */
  find(hash: string): Outgoing | undefined {
    return this.#byHash.get(hash)
  }

  /** A message has ended, or is another one from now on. */
  forget({ stamped }: Outgoing): void {
    if (stamped !== undefined) this.#byHash.delete(stamped.hash)
  }
}
