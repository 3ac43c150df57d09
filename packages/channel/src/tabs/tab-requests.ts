import { hexOf } from '@reliable-channels/wire'
import { type Observable, Subject } from 'rxjs'
import { check, checkSendOptions } from '../check-options.ts'
import { ChannelClosedError } from '../closed-error.ts'
import { CANCELLED } from '../core/request-status.ts'
import type { SendOptions } from '../options.ts'
import { EmptyPayloadError } from '../sending/empty-payload-error.ts'
import { type WaitOptions, firstWithin } from '../sending/first-within.ts'
import { QueueFullError } from '../sending/queue-full-error.ts'
import {
  type HandleWriter,
  SendFailedError,
  type SendHandle,
  createSendHandle,
} from '../sending/send-handle.ts'
import type { ChannelInfo, RequestNews } from './messages.ts'
import type { OpenCalls } from './open-calls.ts'
import { unpackError } from './tab-errors.ts'

/** Messages of a tab that the leader has not accepted. @limit `send` throws {@link QueueFullError}; `ready()` waits for room. */
const MOST_WAITING = 1_000
/** Payload bytes of them. @limit `send` throws {@link QueueFullError}, unless no other waits; `ready()` waits for room. */
const MOST_WAITING_BYTES = 64 * 2 ** 20

const LEADER_GONE = 'the tab that led the channel is gone, and what became of the message is not known'

/** Options of {@link TabRequests}. */
export interface TabRequestsOptions {
  readonly info: ChannelInfo
  readonly randomBytes: (length: number) => Uint8Array
  /** Takes back a message, if this tab leads. */
  readonly cancelHere: (requestId: string) => 'cancelled' | 'too-late'
}

/** A message that this tab has sent and that no leader has accepted yet. */
interface Waiting {
  readonly bytes: number
  readonly ephemeral: boolean
  /** The call that asks for it, until it is known to be stored. */
  readonly call: number
}

/** The messages under way that a tab has sent, or hears of. */
export class TabRequests {
  readonly #options: TabRequestsOptions
  readonly #calls: OpenCalls
  readonly #receipts: (requestId: string) => Observable<readonly string[]>
  readonly #writers = new Map<string, HandleWriter>()
  readonly #waiting = new Map<string, Waiting>()
  #waitingBytes = 0
  readonly #fewer = new Subject<void>()
  readonly #own = new Set<string>()
  readonly #sending = new Subject<SendHandle>()
  readonly sending$: Observable<SendHandle> = this.#sending.asObservable()

  constructor(
    options: TabRequestsOptions,
    calls: OpenCalls,
    receipts: (requestId: string) => Observable<readonly string[]>,
  ) {
    this.#options = options
    this.#calls = calls
    this.#receipts = receipts
  }

  get handles(): readonly SendHandle[] {
    const handles = [...this.#writers.values()].map(({ handle }) => handle)
    return handles.filter(({ status }) => status.state !== 'delivery-failed')
  }

  get(requestId: string): SendHandle | undefined {
    return this.#writers.get(requestId)?.handle
  }

  /** Whether this tab has sent it. */
  isOwn(requestId: string): boolean {
    return this.#own.has(requestId)
  }

  send(payload: Uint8Array, options: SendOptions): SendHandle {
    check.bytes('payload', payload)
    checkSendOptions(options)
    if (payload.length === 0) throw new EmptyPayloadError()
    const { signal, requestId = hexOf(this.#options.randomBytes(10)), ...how } = options
    signal?.throwIfAborted()
    const known = this.get(requestId)
    if (known !== undefined) return known
    if (!this.#hasRoom(payload.length))
      throw new QueueFullError(`${this.#waiting.size} messages wait for the tab that leads: wait for ready()`)
    const ephemeral = how.ephemeral ?? false
    const { handle } = this.#write(requestId, ephemeral, { dataCount: 0, parityCount: 0 })
    const copy = new Uint8Array(payload)
    this.#noteOwn(requestId)
    if (this.#sending.observed) queueMicrotask(() => this.#sending.next(handle))
    if (signal !== undefined) this.#followSignal(signal, handle)
    const call = this.#calls.open(
      'send',
      { requestId, payload: copy, options: how },
      { resolve: () => {}, reject: (error) => this.#end(requestId, error as Error) },
    )
    this.#waiting.set(requestId, { bytes: copy.length, ephemeral, call })
    this.#waitingBytes += copy.length
    return handle
  }

  /** Waits for room for so many bytes, or for the end. */
  async room(bytes: number, options: WaitOptions): Promise<void> {
    while (!this.#hasRoom(bytes)) await firstWithin(this.#fewer, options, () => undefined)
  }

  /** Of what another leader was asked for, nobody knows whether it was sent, and nobody tracks what is ephemeral. */
  failUncertain(): void {
    for (const [requestId, { ephemeral, call }] of this.#waiting) {
      if (ephemeral && this.#calls.isAsked(call))
        this.#end(requestId, new SendFailedError(LEADER_GONE, { certain: false }))
    }
  }

  /** Asks a new leader to tell of what the one before has accepted. */
  async followAgain(): Promise<void> {
    const requestIds = [...this.#writers.keys()].filter((requestId) => !this.#waiting.has(requestId))
    if (requestIds.length === 0) return
    try {
      const unknown = await this.#calls.call('follow', { requestIds })
      if (!Array.isArray(unknown)) return
      for (const requestId of unknown as readonly string[])
        this.#end(requestId, new ChannelClosedError(LEADER_GONE))
    } catch {
      // The channel was closed meanwhile, and told so to all.
    }
  }

  /** The leader has told something of a request. */
  take({ requestId, ephemeral, status, accepted, messageId, ended, error }: RequestNews): void {
    const { total, data } = status.segments
    const known = this.#writers.get(requestId)
    if (known === undefined && ended) return
    const writer = known ?? this.#write(requestId, ephemeral, { dataCount: data, parityCount: total - data })
    writer.update({ status, accepted, ...(messageId !== undefined && { messageId }) })
    if (accepted) this.#accepted(requestId)
    if (ended) this.#end(requestId, error && unpackError(error))
  }

  close(error: Error): void {
    for (const writer of this.#writers.values()) writer.end(error)
    this.#writers.clear()
    this.#waiting.clear()
    this.#fewer.next()
    this.#sending.complete()
  }

  #hasRoom(bytes: number): boolean {
    const { size } = this.#waiting
    return size === 0 || (size < MOST_WAITING && this.#waitingBytes + bytes <= MOST_WAITING_BYTES)
  }

  /** Own requests are told from those of other tabs. @limit The oldest may be told as sent elsewhere. */
  #noteOwn(requestId: string): void {
    this.#own.add(requestId)
    if (this.#own.size <= 2 * MOST_WAITING) return
    const [oldest] = this.#own
    this.#own.delete(oldest!)
  }

  #followSignal(signal: AbortSignal, handle: SendHandle): void {
    const abort = (): void => {
      if (handle.cancel() === 'cancelled') return
      this.#calls.call('cancel', { requestId: handle.requestId }).catch(() => {})
    }
    signal.addEventListener('abort', abort, { once: true })
    handle.status$.subscribe({ complete: () => signal.removeEventListener('abort', abort) })
  }

  #write(
    requestId: string,
    ephemeral: boolean,
    counts: { readonly dataCount: number; readonly parityCount: number },
  ): HandleWriter {
    const writer = createSendHandle(requestId, {
      counts,
      ephemeral,
      senderId: this.#options.info.senderId,
      receipts$: (members) => {
        if (members !== undefined) this.#calls.call('await', { requestId, members }).catch(() => {})
        return this.#receipts(requestId)
      },
      cancel: (id) => this.#cancel(id),
    })
    this.#writers.set(requestId, writer)
    return writer
  }

  #cancel(requestId: string): 'cancelled' | 'too-late' {
    const waiting = this.#waiting.get(requestId)
    if (waiting === undefined || this.#calls.isAsked(waiting.call)) return this.#options.cancelHere(requestId)
    const writer = this.#writers.get(requestId)!
    writer.update({ status: { ...writer.handle.status, state: 'cancelled', error: CANCELLED } })
    this.#end(requestId)
    return 'cancelled'
  }

  #end(requestId: string, error?: Error): void {
    const writer = this.#writers.get(requestId)
    this.#writers.delete(requestId)
    this.#accepted(requestId)
    writer?.end(error)
  }

  #accepted(requestId: string): void {
    const waiting = this.#waiting.get(requestId)
    if (waiting === undefined) return
    this.#waiting.delete(requestId)
    this.#calls.end(waiting.call)
    this.#waitingBytes -= waiting.bytes
    this.#fewer.next()
  }
}
