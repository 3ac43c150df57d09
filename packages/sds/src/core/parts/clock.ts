import { encodeText } from '@reliable-channels/wire'
import type { Settings } from '../settings.ts'
import { type Lamport, afterLamport, isMadeUp, laterLamport } from '../wire/lamport.ts'
import { type Nanoseconds, messageIdOf, nextNanoseconds } from '../wire/message-id.ts'
import type { ClockRecord } from '../store/records.ts'

/** Stamps own messages: with a Lamport timestamp, and with the time in their ids, which is never the same twice. */
export class Clock implements ClockRecord {
  readonly #settings: Pick<Settings, 'dialect' | 'maxFutureSkewMs' | 'random'>
  readonly #participantBytes: Uint8Array
  #lamport: Lamport = 0
  #lastId: Nanoseconds = { ms: 0, nanos: 0 }

  constructor(settings: Settings) {
    this.#settings = settings
    this.#participantBytes = encodeText(settings.participantId)
  }

  get lamport(): Lamport {
    return this.#lamport
  }

  get lastId(): Nanoseconds {
    return this.#lastId
  }

  /** Of several that were stored, the latest counts. */
  restore({ lamport, lastId }: ClockRecord): void {
    if (!isMadeUp(lamport)) this.#lamport = laterLamport(lamport, this.#lamport)
    const { ms, nanos } = this.#lastId
    if (lastId.ms > ms || (lastId.ms === ms && lastId.nanos > nanos)) this.#lastId = lastId
  }

  /**
   * A new unique message id. Its time is made up at random below the millisecond, and below the nanosecond too: where the
   * last one is ahead of the clock, only the next nanosecond is left, and whoever is set back to an earlier state, by a
   * restored disk or a copied machine, would go through the same ones again.
   */
  newMessageId(content: Uint8Array, now: number): string {
    const random = this.#settings.random()
    this.#lastId = nextNanoseconds(now, random, this.#lastId)
    return messageIdOf(this.#participantBytes, this.#lastId, content, random)
  }

  /** Moves on for a message to be sent. LIP-109, "Send Message"; nim-sds counts in seconds. */
  advance(now: number): Lamport {
    const { dialect, maxFutureSkewMs } = this.#settings
    this.#lamport =
      dialect === 'lip'
        ? laterLamport(Math.floor(now), afterLamport(credible(this.#lamport, now, maxFutureSkewMs)))
        : afterLamport(laterLamport(Math.floor(now / 1000), this.#lamport))
    return this.#lamport
  }

  /** Notes the timestamp of a message that was delivered. Returns whether it is later than this clock. */
  witness(lamport: Lamport): boolean {
    if (!(lamport > this.#lamport) || isMadeUp(lamport)) return false
    this.#lamport = lamport
    return true
  }

  /** Moves beyond the timestamp of a message that arrived, as nim-sds does; but beyond one that was made up, nothing could come. */
  overtake(lamport: Lamport): void {
    if (!isMadeUp(lamport)) this.#lamport = afterLamport(laterLamport(lamport, this.#lamport))
  }
}

/**
 * A timestamp as others will take it from us. One that is as far ahead as they accept would be too far with the next
 * message, or by a clock that is behind ours: a liar, or a clock that was wrong for a day, would silence us.
 */
function credible(lamport: Lamport, now: number, maxFutureSkewMs: number): Lamport {
  const most = Math.floor(now + maxFutureSkewMs / 2)
  return lamport > most ? most : lamport
}
