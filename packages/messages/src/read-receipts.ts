import type { SendHandle } from '@reliable-channels/channel'
import { createChecks, onlyNames } from '@reliable-channels/options'
import { Observable, type SchedulerLike, Subject, Subscription, asyncScheduler, filter, map } from 'rxjs'
import { MOST_READ } from './letter.ts'
import { ReadMarks } from './read-marks.ts'
import type { LetterCarrier, TypedChannel } from './typed.ts'

/** Options of {@link readReceipts}. */
export interface ReadReceiptsOptions {
  /**
   * How long what was read waits for a message to ride on, ms.
   * @limit It is sent in a message of its own, of low priority.
   * @default 2_000
   */
  readonly delayMs?: number
  /** Source of time and timers. @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

/** What was read by whom. */
export interface ReadReceipts extends Disposable {
  /**
   * This member has read a message, and with it all earlier ones of its author. Others are told.
   *
   * @throws what `send` of the channel threw, if telling has failed for another reason than a full queue
   */
  read(message: { readonly messageId: string; readonly senderId: string }): void
  /** Who has read a message, of any author: of the latest 1,000. */
  readBy(messageId: string): readonly string[]
  /** The same: now, and whenever one more has. It fails where telling others has failed, unless the queue was full. */
  readBy$(messageId: string): Observable<readonly string[]>
  /** Sends nothing more. */
  close(): void
}

const check = createChecks((message) => new TypeError(message))

/** Messages of the past that are looked at: what they tell was read, and in which order they were sent. */
const RECALLED = 1_000

/**
 * Read receipts of a typed channel. What this member reads rides along with the next value that it sends; only when there is
 * none for two seconds does a message of its own go out. It names the last message read of each author, so that much that was
 * read at once costs as little as one.
 *
 * It hears what others have read while somebody subscribes to `incoming$`. With a store, what was read is known again after a
 * restart: it is in the history.
 *
 * @example
 * ```ts
 * const receipts = await readReceipts(chat)
 * chat.incoming$.subscribe((message) => show(message, { onVisible: () => receipts.read(message) }))
 * receipts.readBy$(sent.messageId).subscribe((members) => showTicks(members))
 * ```
 */
export async function readReceipts<In, Out>(
  chat: TypedChannel<In, Out>,
  options: ReadReceiptsOptions = {},
): Promise<ReadReceipts> {
  check.object('chat', chat, 'a typed channel, as typed() makes it')
  onlyNames(check, options, ['delayMs', 'scheduler'])
  const { delayMs = 2_000, scheduler = asyncScheduler } = options
  check.number('delayMs', delayMs, 0)
  const receipts = new Receipts(chat.channel.senderId, delayMs, scheduler)
  await receipts.ride(chat)
  return receipts
}

class Receipts implements ReadReceipts {
  readonly #me: string
  readonly #delayMs: number
  readonly #scheduler: SchedulerLike
  readonly #marks = new ReadMarks()
  /** Ids of the last message read of each author that others have not been told of. */
  readonly #untold = new Map<string, string>()
  readonly #changed = new Subject<string>()
  readonly #timers = new Subscription()
  #carrier: LetterCarrier | undefined
  /** What is to be noted once the past is known. */
  #afterPast: (() => void)[] | undefined = []
  #isPlanned = false
  #isClosed = false
  /** Why nothing can be told any more. */
  #error: Error | undefined

  constructor(me: string, delayMs: number, scheduler: SchedulerLike) {
    this.#me = me
    this.#delayMs = delayMs
    this.#scheduler = scheduler
  }

  async ride<In, Out>(chat: TypedChannel<In, Out>): Promise<void> {
    this.#carrier = chat.carry({
      aboard: () => [...this.#untold.values()].slice(0, MOST_READ),
      left: (handle, read) => this.#left(handle, read),
      came: ({ messageId, senderId, read }) => this.#inOrder(() => this.#came(messageId, senderId, read)),
      recalled: ({ messageId, senderId, read }) => this.#came(messageId, senderId, read),
      ended: () => this.close(),
    })
    await this.#carrier.recall(RECALLED)
    for (const note of this.#afterPast ?? []) note()
    this.#afterPast = undefined
  }

  read({ messageId, senderId }: { readonly messageId: string; readonly senderId: string }): void {
    if (this.#error !== undefined) throw this.#error
    if (this.#isClosed || senderId === this.#me) return
    this.#marks.add(messageId, senderId)
    if (!this.#mark(this.#me, messageId)) return
    this.#untold.delete(senderId)
    this.#untold.set(senderId, messageId)
    this.#plan()
  }

  readBy(messageId: string): readonly string[] {
    return this.#marks.readersOf(messageId)
  }

  readBy$(messageId: string): Observable<readonly string[]> {
    return new Observable((subscriber) => {
      const author = (): string | undefined => this.#marks.authorOf(messageId)
      subscriber.next(this.readBy(messageId))
      let known = this.readBy(messageId).length
      const grown$ = this.#changed.pipe(
        filter((changed) => changed === author()),
        map(() => this.readBy(messageId)),
        filter(({ length }) => length !== known),
      )
      return grown$.subscribe({
        next: (members) => {
          known = members.length
          subscriber.next(members)
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      })
    })
  }

  close(): void {
    this.#isClosed = true
    this.#timers.unsubscribe()
    this.#changed.complete()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #came(messageId: string, senderId: string, read: readonly string[]): void {
    this.#marks.add(messageId, senderId)
    for (const id of read) this.#mark(senderId, id)
  }

  #left(handle: SendHandle, read: readonly string[]): void {
    for (const [author, id] of this.#untold) if (read.includes(id)) this.#untold.delete(author)
    // Its id is known once it is wrapped; of what never is, nothing can be read.
    handle.wrapped().then(
      (messageId) => this.#inOrder(() => this.#marks.add(messageId, this.#me)),
      () => {},
    )
  }

  #inOrder(note: () => void): void {
    if (this.#afterPast === undefined) note()
    else this.#afterPast.push(note)
  }

  /** Returns whether it is news that somebody has read a message. */
  #mark(reader: string, messageId: string): boolean {
    const author = this.#marks.mark(reader, messageId)
    if (author === undefined) return false
    this.#changed.next(author)
    return true
  }

  #fail(error: unknown): void {
    this.#isClosed = true
    this.#error = error instanceof Error ? error : new Error(String(error))
    this.#changed.error(this.#error)
  }

  #plan(): void {
    if (this.#isPlanned || this.#isClosed) return
    this.#isPlanned = true
    this.#timers.add(this.#scheduler.schedule(() => this.#tell(), this.#delayMs))
  }

  #tell(): void {
    this.#isPlanned = false
    if (this.#untold.size === 0) return
    try {
      this.#carrier?.send([...this.#untold.values()].slice(0, MOST_READ), { priority: 'optional' })
    } catch (error) {
      // Where the queue is full, later. Anything else would happen each time.
      const { code } = error as { readonly code?: unknown }
      if (code === 'ERR_CHANNEL_CLOSED') return this.close()
      if (code !== 'ERR_QUEUE_FULL') return this.#fail(error)
    }
    if (this.#untold.size > 0) this.#plan()
  }
}
