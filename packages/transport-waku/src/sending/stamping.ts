import type { OutgoingHash } from '@reliable-channels/transport'
import type { SchedulerLike } from 'rxjs'

import { type WireMessage, wireMessageHash } from '../core/message.ts'
import { Stamper } from '../core/nanoseconds.ts'
import type { Echo, Outgoing, Stamped } from './outgoing.ts'
import { sameBytes } from '../same-bytes.ts'
import { sha256 } from '../sha256.ts'

const NOTHING = new Uint8Array()
/** A message older than this when it is pushed is stamped anew, ms: stores keep nothing that is 20 s off. */
const STAMP_VALID_MS = 12_000
/** One that nobody can have yet is older than this when it is pushed for the first time, ms: clocks differ as well. */
const UNSEEN_VALID_MS = 5_000

/** Gives messages their timestamps, and finds them by their hashes. */
export class Stamping {
  readonly #options: { readonly scheduler: SchedulerLike; readonly random: () => number }
  readonly #onStamped: (of: OutgoingHash) => void
  readonly #stamper = new Stamper()
  readonly #byHash = new Map<string, Outgoing>()
  /** No two have the same. */
  readonly #byTimestamp = new Map<bigint, Outgoing>()

  constructor(
    options: { readonly scheduler: SchedulerLike; readonly random: () => number },
    onStamped: (of: OutgoingHash) => void,
  ) {
    this.#options = options
    this.#onStamped = onStamped
  }

  /**
   * Whether a message may be at a service node under a stamp that is too old to be pushed once more: whether it is there
   * must be found out first. Ephemeral ones are in no store, and may be of any age.
   */
  isDoubtful({ stamped, inDoubt, takenBy, message }: Outgoing): boolean {
    return (
      stamped !== undefined && inDoubt && takenBy.size === 0 && !message.ephemeral && this.#isOld(stamped)
    )
  }

  /**
   * Gives a message its timestamp, and with it its hash: when it is accepted, so that others can name it, and anew when it
   * is pushed so long after that stores would not keep it (they keep nothing that is more than 20 s old), unless a service
   * node has it, or may have it.
   * The timestamp is ours, so that the message is the same at every service node: `@waku/sdk` would stamp it for each.
   */
  stamp(outgoing: Outgoing): Stamped {
    const { scheduler, random } = this.#options
    const { stamped, message, pubsubTopic } = outgoing
    const atMs = scheduler.now()
    if (stamped !== undefined) {
      const mayBeThere = outgoing.inDoubt || outgoing.pushing > 0 || outgoing.takenBy.size > 0
      const validMs = outgoing.attempts === 0 ? UNSEEN_VALID_MS : STAMP_VALID_MS
      if (mayBeThere || !this.#isOld(stamped, validMs)) return stamped
    }
    this.forget(outgoing)
    const timestampNs = this.#stamper.next(atMs, random())
    const complete = { ...message, timestampNs }
    const hash = wireMessageHash(pubsubTopic, complete, sha256)
    const fresh = { message: complete, hash, atMs }
    outgoing.stamped = fresh
    this.#byHash.set(hash, outgoing)
    this.#byTimestamp.set(timestampNs, outgoing)
    this.#onStamped({ requestId: outgoing.requestId, envelope: outgoing.envelope, hash })
    return fresh
  }

  /** The message with this hash, if it has not ended. */
  find(hash: string): Outgoing | undefined {
    return this.#byHash.get(hash)
  }

  /** The message that has come back, if it has not ended. All fields that go into its hash are compared. */
  recognise(
    pubsubTopic: string,
    { timestampNs, contentTopic, meta, payload }: WireMessage,
  ): Echo | undefined {
    const outgoing = timestampNs === undefined ? undefined : this.#byTimestamp.get(timestampNs)
    if (outgoing?.stamped === undefined) return undefined
    const { message: own, stamped, envelope } = outgoing
    const isSame =
      outgoing.pubsubTopic === pubsubTopic &&
      own.contentTopic === contentTopic &&
      sameBytes(own.meta ?? NOTHING, meta ?? NOTHING) &&
      sameBytes(own.payload, payload)
    return isSame ? { hash: stamped.hash, envelope } : undefined
  }

  #isOld({ atMs }: Stamped, validMs = STAMP_VALID_MS): boolean {
    return Math.abs(this.#options.scheduler.now() - atMs) >= validMs
  }

  /** A message has ended, or is another one from now on. */
  forget({ stamped }: Outgoing): void {
    if (stamped === undefined) return
    this.#byHash.delete(stamped.hash)
    this.#byTimestamp.delete(stamped.message.timestampNs!)
  }
}
