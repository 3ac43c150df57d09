import type { SegmentCounts } from '@reliable-channels/segmentation'
import { BehaviorSubject, type Observable, distinctUntilChanged, filter, map, of } from 'rxjs'
import { CANCELLED, SEGMENTS_FAILED, UNACKNOWLEDGED } from '../core/request-status.ts'
import { ChannelClosedError } from '../closed-error.ts'
import type { SendStatus } from '../events.ts'
import { type WaitOptions, firstWithin } from './first-within.ts'

/** The network did not take every segment of a message. */
export class SendFailedError extends Error {
  override readonly name = 'SendFailedError'
  readonly code = 'ERR_SEND_FAILED'
  /** Whether nobody has what failed. Otherwise a peer may have taken it without its being known, and it may arrive. */
  readonly certain: boolean

  constructor(message: string, options: ErrorOptions & { readonly certain?: boolean } = {}) {
    super(message, options)
    this.certain = options.certain ?? true
  }
}

/** A message was not acknowledged by anybody, whatever was retransmitted. */
export class DeliveryFailedError extends Error {
  override readonly name = 'DeliveryFailedError'
  readonly code = 'ERR_DELIVERY_FAILED'
}

/** Nobody acknowledges ephemeral messages, so nobody can wait for it. */
export class UntrackedError extends Error {
  override readonly name = 'UntrackedError'
  readonly code = 'ERR_UNTRACKED'
  constructor() {
    super('an ephemeral message is not acknowledged: wait for sent() instead, or send it without `ephemeral`')
  }
}

/** One message on its way, as its sender sees it. */
export interface SendHandle {
  /** Twenty lower-case hexadecimal digits, different for each request. */
  readonly requestId: string
  /**
   * The id of the message on the channel, by which every member knows it: receivers find it in `messageId`. Known once the
   * message is wrapped, a microtask after `send` as a rule (see {@link SendHandle.wrapped}); `undefined` before.
   */
  readonly messageId: string | undefined
  /** Resolves with {@link SendHandle.messageId}. @throws SendFailedError when it never is wrapped, ChannelClosedError */
  wrapped(options?: WaitOptions): Promise<string>
  /** The latest status, then each change; completes when nothing more will be heard. */
  readonly status$: Observable<SendStatus>
  readonly status: SendStatus
  /** Who has all of it; as {@link ReliableChannel.receipts}. Of an ephemeral message nobody is known. */
  readonly receipts$: Observable<readonly string[]>
  /**
   * Resolves when all of these members have all of it; oneself counts as having it. With `receipts: 'all'` all say so, and
   * those who do not are reminded; otherwise some may only let it be seen in what they say next.
   * @throws UntrackedError (ephemeral), SendFailedError (cancelled or never wrapped), ChannelClosedError
   */
  deliveredToAll(members: Iterable<string>, options?: WaitOptions): Promise<void>
  /** Resolves when a crash of the process loses nothing of the message; at once after wrapping when there is no store. */
  accepted(options?: WaitOptions): Promise<void>
  /** Resolves when the network took every segment. @throws SendFailedError, ChannelClosedError */
  sent(options?: WaitOptions): Promise<void>
  /**
   * Resolves when somebody has acknowledged enough segments to rebuild the payload, with those known to by then: see
   * {@link SendHandle.receipts$} for who has it later.
   * @throws DeliveryFailedError, UntrackedError (ephemeral), SendFailedError (cancelled or never wrapped), ChannelClosedError
   */
  delivered(options?: WaitOptions): Promise<{ readonly deliveredTo: readonly string[] }>
  /**
   * Takes the message back. Only possible while none of it was released and nothing later was wrapped:
   * `'too-late'` otherwise, and then it goes on.
   */
  cancel(): 'cancelled' | 'too-late'
}

/** The progress of a request, written by the channel and read through its handle. */
export interface RequestProgress {
  readonly status: SendStatus
  readonly accepted: boolean
  /** Its id on the channel, once it is wrapped. */
  readonly messageId?: string
  /** Why its first segment failed, if one did. */
  readonly cause?: unknown
  /** Ends what has not happened yet. */
  readonly error?: Error
}

/** The writer's side of a handle. */
export interface HandleWriter {
  readonly handle: SendHandle
  readonly accepted: boolean
  update(progress: Partial<RequestProgress>): void
  /** Nothing more will be heard. What is still waited for rejects with `error`. */
  end(error?: Error): void
}

const queued = ({ dataCount, parityCount }: SegmentCounts): SendStatus => ({
  state: 'queued',
  segments: {
    total: dataCount + parityCount,
    data: dataCount,
    released: 0,
    confirmed: 0,
    failed: 0,
    acknowledged: 0,
  },
  deliveredTo: [],
})

function sameStatus(a: SendStatus, b: SendStatus): boolean {
  return (
    a.state === b.state &&
    a.estimatedMs === b.estimatedMs &&
    a.deliveredTo.length === b.deliveredTo.length &&
    Object.entries(a.segments).every(
      ([name, count]) => b.segments[name as keyof SendStatus['segments']] === count,
    )
  )
}

/** Options of {@link createSendHandle}. */
export interface SendHandleOptions {
  readonly counts: SegmentCounts
  readonly ephemeral: boolean
  /** Oneself. */
  readonly senderId: string
  /** Of those who have it; some of them may be awaited. */
  readonly receipts$: (awaited?: readonly string[]) => Observable<readonly string[]>
  readonly cancel: (requestId: string) => 'cancelled' | 'too-late'
}

/** Makes a handle and its writer. Promises are made when they are asked for, so that none is ever left unhandled. */
export function createSendHandle(requestId: string, options: SendHandleOptions): HandleWriter {
  return new Writer(requestId, options)
}

/** Keeps the progress; those who listen to it, once there are any. */
class Writer implements HandleWriter {
  readonly handle: SendHandle
  #progress: RequestProgress
  #listened: BehaviorSubject<RequestProgress> | undefined
  #hasEnded = false

  constructor(requestId: string, options: SendHandleOptions) {
    this.#progress = { status: queued(options.counts), accepted: false }
    this.handle = new Handle(requestId, this, options)
  }

  get progress(): RequestProgress {
    return this.#progress
  }

  get progress$(): Observable<RequestProgress> {
    if (this.#listened === undefined) {
      this.#listened = new BehaviorSubject(this.#progress)
      if (this.#hasEnded) this.#listened.complete()
    }
    return this.#listened
  }

  get accepted(): boolean {
    return this.#progress.accepted
  }

  update(progress: Partial<RequestProgress>): void {
    if (this.#hasEnded) return
    // Of most messages nobody asks: then there is no need of a progress for each step.
    if (this.#listened === undefined) Object.assign(this.#progress, progress)
    else this.#listened.next((this.#progress = { ...this.#progress, ...progress }))
  }

  end(error?: Error): void {
    if (error !== undefined) this.update({ error })
    this.#hasEnded = true
    this.#listened?.complete()
  }
}

class Handle implements SendHandle {
  readonly requestId: string
  readonly #writer: Writer
  readonly #options: SendHandleOptions
  #status$: Observable<SendStatus> | undefined

  constructor(requestId: string, writer: Writer, options: SendHandleOptions) {
    this.requestId = requestId
    this.#writer = writer
    this.#options = options
  }

  get messageId(): string | undefined {
    return this.#writer.progress.messageId
  }

  async wrapped(options?: WaitOptions): Promise<string> {
    const { messageId } = await this.#until((progress) => progress.messageId !== undefined, options)
    return messageId!
  }

  get status$(): Observable<SendStatus> {
    return (this.#status$ ??= this.#writer.progress$.pipe(
      map(({ status }) => status),
      distinctUntilChanged(sameStatus),
    ))
  }

  get status(): SendStatus {
    return this.#writer.progress.status
  }

  get receipts$(): Observable<readonly string[]> {
    return this.#options.ephemeral ? of([]) : this.#options.receipts$()
  }

  async accepted(options?: WaitOptions): Promise<void> {
    await this.#until((progress) => progress.accepted, options)
  }

  async sent(options?: WaitOptions): Promise<void> {
    await this.#until(dispatchOutcome, options)
  }

  async delivered(options?: WaitOptions): Promise<{ readonly deliveredTo: readonly string[] }> {
    this.#checkTracked()
    const { status } = await this.#until(deliveryOutcome, options)
    return { deliveredTo: status.deliveredTo }
  }

  async deliveredToAll(members: Iterable<string>, options?: WaitOptions): Promise<void> {
    this.#checkTracked()
    const others = [...members].filter((member) => member !== this.#options.senderId)
    await this.wrapped(options)
    const hasAll = (names: readonly string[]): boolean => others.every((member) => names.includes(member))
    await firstWithin(this.#options.receipts$(others).pipe(filter(hasAll)), options, () => this.#gone())
  }

  cancel(): 'cancelled' | 'too-late' {
    return this.#options.cancel(this.requestId)
  }

  #checkTracked(): void {
    if (this.#options.ephemeral) throw new UntrackedError()
  }

  /** Why nothing more will be heard of it. */
  #gone(): Error {
    const { status, error } = this.#writer.progress
    if (status.state === 'cancelled') return new SendFailedError(CANCELLED)
    return error ?? new ChannelClosedError(CLOSED_BEFORE)
  }

  /** Waits until the test of the progress says yes, or gives the error why it never will. */
  async #until(
    test: (progress: RequestProgress) => boolean | Error,
    options: WaitOptions | undefined,
  ): Promise<RequestProgress> {
    const writer = this.#writer
    const isDone = (each: RequestProgress): boolean => test(each) !== false || each.error !== undefined
    const progress = await firstWithin(writer.progress$.pipe(filter(isDone)), options, () => writer.progress)
    const outcome = test(progress)
    if (outcome === true) return progress
    if (outcome !== false) throw outcome
    throw this.#gone()
  }
}

const CLOSED_BEFORE = 'the channel was closed before the outcome was known'

function dispatchOutcome({ status: { state, segments, certain }, cause }: RequestProgress): boolean | Error {
  if (state === 'cancelled') return new SendFailedError(CANCELLED)
  const { total, confirmed, failed } = segments
  if (total === 0 || confirmed + failed < total) return false
  return failed === 0 ? true : new SendFailedError(SEGMENTS_FAILED, { cause, certain: certain === true })
}

function deliveryOutcome({ status: { state, error } }: RequestProgress): boolean | Error {
  if (state === 'cancelled') return new SendFailedError(CANCELLED)
  return state === 'delivery-failed'
    ? new DeliveryFailedError(error ?? UNACKNOWLEDGED)
    : state === 'delivered'
}
