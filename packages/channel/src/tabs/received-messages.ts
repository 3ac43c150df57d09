import { withinLimit } from '@reliable-channels/stage'
import { type Observable, type SchedulerLike, Subject, filter, map } from 'rxjs'
import type { ReliableChannel } from '../channel.ts'
import { firstWithin } from '../sending/first-within.ts'

/** Messages that may be acknowledged by a tab. @limit The oldest comes again after a restart. */
const MOST_UNACKNOWLEDGED = 10_000
/** So long an acknowledgement waits for its message, which may come again from the store, ms. @limit It counts as done. */
const ACK_MS = 2_000

/** Messages that tabs are handed, and acknowledge. */
export class ReceivedMessages {
  /** As they go to tabs. */
  readonly values$: Observable<object>
  readonly #scheduler: SchedulerLike
  readonly #stopping: AbortSignal
  readonly #unacknowledged = new Map<string, () => Promise<void>>()
  readonly #came = new Subject<string>()

  constructor({ incoming$ }: ReliableChannel, scheduler: SchedulerLike, stopping: AbortSignal) {
    this.#scheduler = scheduler
    this.#stopping = stopping
    this.values$ = incoming$.pipe(
      map(({ ack, ...message }) => {
        this.#keep(message.messageId, ack)
        return message
      }),
    )
  }

  /** A message of an earlier leader may have to come again before it can be acknowledged. */
  async acknowledge(messageId: string): Promise<void> {
    if (!this.#unacknowledged.has(messageId)) await this.#comes(messageId)
    const ack = this.#unacknowledged.get(messageId)
    await ack?.()
    this.#unacknowledged.delete(messageId)
  }

  #keep(messageId: string, ack: () => Promise<void>): void {
    this.#unacknowledged.set(messageId, ack)
    if (this.#unacknowledged.size > MOST_UNACKNOWLEDGED) {
      const [oldest] = this.#unacknowledged.keys()
      this.#unacknowledged.delete(oldest!)
    }
    this.#came.next(messageId)
  }

  async #comes(messageId: string): Promise<void> {
    const came$ = this.#came.pipe(filter((id) => id === messageId))
    await withinLimit((signal) => firstWithin(came$, { signal }, () => ''), {
      what: 'the store',
      limitMs: ACK_MS,
      scheduler: this.#scheduler,
      signal: this.#stopping,
    }).catch(() => {})
  }
}
