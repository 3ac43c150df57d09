import { SparseMap } from '@reliable-channels/stage/core'
import type { LogEntry } from '../history/log-entry.ts'
import type { Settings } from '../settings.ts'
import { type Parked, parkedBytes } from './parked-message.ts'

/** So many times the bytes that may be parked, messages that others wait for may take: they set those free. */
export const SHARE_OF_AWAITED = 1.25

/** How much is held back, in total or of one sender. */
export interface Tally {
  readonly count: number
  /** Of these, the messages that others wait for: they count as missing. */
  readonly awaited: number
  readonly bytes: number
  /** Missing messages that they were the first to wait for. */
  readonly named: number
}

/** A missing message, as far as it counts here. */
export interface Awaited {
  /** Where it counts, if it is parked and others wait for it. */
  readonly awaitedIn: Tally | undefined
}

/** Only {@link ParkedRoom} writes what it counts. */
type Own<T> = { -readonly [K in keyof T]: T[K] }

const NOTHING: Tally = { count: 0, awaited: 0, bytes: 0, named: 0 }

/** How much is parked, in total and of each sender, and whether there is room for more. */
export class ParkedRoom {
  readonly #settings: Settings
  readonly #total: Own<Tally> = { ...NOTHING }
  readonly #bySender = new SparseMap<string, Own<Tally>>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Of all senders. */
  get total(): Tally {
    return this.#total
  }

  /**
   * Whether a message may be parked for others, of which nothing waits for `named` yet. One that others wait for keeps the
   * place that it has among the missing: what came early never keeps out what would set it free.
   */
  hasFor(entry: LogEntry, isAwaited: boolean, named: number): boolean {
    const { maxIncoming, maxIncomingBytes, maxMissingPerSender } = this.#settings
    const { maxIncomingPerSender, maxIncomingBytesPerSender } = this.#settings
    const bytes = parkedBytes(entry)
    const total = this.#total
    const ofSender = this.#bySender.get(entry.senderId) ?? NOTHING
    const share = isAwaited ? SHARE_OF_AWAITED : 1
    return (
      (isAwaited || (unawaited(total) < maxIncoming && unawaited(ofSender) < maxIncomingPerSender)) &&
      total.bytes + bytes <= maxIncomingBytes * share &&
      ofSender.bytes + bytes <= maxIncomingBytesPerSender * share &&
      ofSender.named + named <= maxMissingPerSender
    )
  }

  /** A message is parked. */
  enter({ entry, bytes }: Parked): void {
    let tally = this.#bySender.get(entry.senderId)
    if (tally === undefined) this.#bySender.set(entry.senderId, (tally = { ...NOTHING }))
    count(this.#total, 1, bytes)
    count(tally, 1, bytes)
  }

  /** A parked message waits for those that it names. */
  name({ entry, named }: Parked): void {
    this.#bySender.get(entry.senderId)!.named += named
  }

  /** It is not parked any more. */
  leave({ entry, bytes, named }: Parked): void {
    const tally = this.#bySender.get(entry.senderId)!
    count(this.#total, -1, -bytes)
    count(tally, -1, -bytes)
    tally.named -= named
    if (tally.count === 0) this.#bySender.delete(entry.senderId)
  }

  /** Others wait for a missing message that is parked, of that sender; or none do any more, or it is not missing. */
  countAwaited(missing: Awaited, is: boolean, senderId: string | undefined): void {
    const own: Own<Awaited> = missing
    const { awaitedIn } = own
    if (is === (awaitedIn !== undefined)) return
    const tally: Own<Tally> = awaitedIn ?? this.#bySender.get(senderId!)!
    const change = is ? 1 : -1
    tally.awaited += change
    this.#total.awaited += change
    own.awaitedIn = is ? tally : undefined
  }
}

function count(tally: Own<Tally>, messages: number, bytes: number): void {
  tally.count += messages
  tally.bytes += bytes
}

/** The messages that others do not wait for. */
export const unawaited = (tally: Tally): number => tally.count - tally.awaited
