import { atCaller } from '@reliable-channels/options'
import { withinLimit } from '@reliable-channels/stage'
import { hexOf } from '@reliable-channels/wire'
import {
  BehaviorSubject,
  Observable,
  type SchedulerLike,
  Subject,
  defer,
  distinctUntilChanged,
  filter,
  from,
  merge,
  of,
  switchMap,
  take,
  takeUntil,
} from 'rxjs'
import type { DispatchedMessage } from '../channel.ts'
import { check, checkSendOptions } from '../check-options.ts'
import { ChannelClosedError } from '../closed-error.ts'
import { CANCELLED } from '../core/request-status.ts'
import type { ChannelStats } from '../counters.ts'
import { type Diagnose, diagnosticEvent } from '../diagnostic-event.ts'
import type { Drops } from '../drops.ts'
import type { ChannelEvent, ChannelMessageReceivedEvent } from '../events.ts'
import type { SendOptions } from '../options.ts'
import type { ChannelConnection } from '../receiving/connection.ts'
import { tellsTheSame } from '../receiving/health.ts'
import type { HistoryOptions, HistoryPage } from '../receiving/history.ts'
import { EmptyPayloadError } from '../sending/empty-payload-error.ts'
import { type WaitOptions, firstWithin } from '../sending/first-within.ts'
import { QueueFullError } from '../sending/queue-full-error.ts'
import {
  type HandleWriter,
  SendFailedError,
  type SendHandle,
  createSendHandle,
} from '../sending/send-handle.ts'
import { EventStreams } from '../streams.ts'
import type { Calls, ChannelInfo, FromLeader, FromTab, Method, RequestNews, Topic } from './messages.ts'
import type { SentElsewhere, TabChannel, TabRole } from './tab-channel.ts'
import { unpackError } from './tab-errors.ts'

/** Messages of a tab that the leader has not accepted. @limit `send` throws {@link QueueFullError}; `ready()` waits for room. */
const MOST_WAITING = 1_000
/** Payload bytes of them. @limit `send` throws {@link QueueFullError}, unless no other waits; `ready()` waits for room. */
const MOST_WAITING_BYTES = 64 * 2 ** 20
/** How long a page of the history is waited for, ms, also while tabs change the lead. @limit `history` rejects. */
const HISTORY_MS = 30_000

/** Options of {@link TabChannelClient}. */
export interface TabChannelOptions {
  readonly tabId: string
  readonly info: ChannelInfo
  readonly scheduler: SchedulerLike
  readonly randomBytes: (length: number) => Uint8Array
  /** To the leader, wherever it is. */
  readonly post: (message: FromTab) => void
  /** Takes back a message, if this tab leads. */
  readonly cancelHere: (requestId: string) => 'cancelled' | 'too-late'
  readonly closed: () => Promise<void>
}

/** A message that this tab has sent and that no leader has accepted yet. */
interface Waiting {
  readonly writer: HandleWriter
  readonly payload: Uint8Array<ArrayBuffer>
  readonly ephemeral: boolean
  /** A leader was asked to send it. */
  isAsked: boolean
  /** The call that asks for it, until it is known to be stored. */
  call: number
}

/** A call that was not answered yet. */
interface OpenCall {
  readonly method: Method
  readonly args: Calls[Method]
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** The API of a channel, by what is said to the tab that leads: the same whether that is this one or another. */
export class TabChannelClient implements TabChannel {
  readonly channelId: string
  readonly contentTopic: string
  readonly senderId: string
  readonly incoming$: TabChannel['incoming$']
  readonly outgoing$: TabChannel['outgoing$']
  readonly events$: TabChannel['events$']
  readonly sentElsewhere$: TabChannel['sentElsewhere$']
  readonly connection$: TabChannel['connection$']
  readonly health$: TabChannel['health$']
  readonly members$: TabChannel['members$']
  readonly quota$: TabChannel['quota$']
  readonly role$: TabChannel['role$']
  readonly #options: TabChannelOptions
  readonly #streams = new EventStreams()
  readonly #role = new BehaviorSubject<TabRole>('waiting')
  readonly #topics = new Map<Topic, { count: number; readonly values: Subject<unknown>; latest?: unknown }>()
  readonly #requests = new Map<string, HandleWriter>()
  readonly #waiting = new Map<string, Waiting>()
  readonly #sending = new Subject<SendHandle>()
  readonly sending$: Observable<SendHandle> = this.#sending.asObservable()
  #waitingBytes = 0
  readonly #fewer = new Subject<void>()
  readonly #calls = new Map<number, OpenCall>()
  #lastCall = 0
  #stats: ChannelStats
  #isTelling = false
  readonly #closed$ = new Subject<void>()
  #closing: Promise<void> | undefined

  constructor(options: TabChannelOptions) {
    const { channelId, contentTopic, senderId, stats } = options.info
    this.#options = options
    this.channelId = channelId
    this.contentTopic = contentTopic
    this.senderId = senderId
    this.#stats = stats
    this.role$ = this.#role.pipe(distinctUntilChanged())
    this.incoming$ = this.#wanting('incoming', this.#streams.received$)
    this.events$ = this.#wanting('events', this.#streams.events$)
    this.outgoing$ = this.#topic<DispatchedMessage>('outgoing')
    this.sentElsewhere$ = this.#topic<SentElsewhere>('sent').pipe(
      filter(({ requestId }) => !this.#own.has(requestId)),
    )
    this.connection$ = this.role$.pipe(
      switchMap((role) =>
        role === 'waiting'
          ? of<ChannelConnection>({ state: 'connecting' })
          : this.#state<ChannelConnection>('connection'),
      ),
      distinctUntilChanged((a, b) => a.state === b.state && a.problem?.reason === b.problem?.reason),
      takeUntil(this.#closed$),
    )
    this.health$ = this.#state('health')
    this.members$ = this.#state('members')
    this.quota$ = this.#state('quota')
  }

  get role(): TabRole {
    return this.#role.value
  }

  get drops(): Drops {
    return this.#stats.drops
  }

  /** Of the channel, in whichever tab it runs: as the leader said in the last second. */
  stats(): ChannelStats {
    return this.#stats
  }

  get requests(): readonly SendHandle[] {
    const handles = [...this.#requests.values()].map(({ handle }) => handle)
    return handles.filter(({ status }) => status.state !== 'delivery-failed')
  }

  /** What this tab wants to be told. */
  get topics(): readonly Topic[] {
    return [...this.#topics.keys()]
  }

  request(requestId: string): SendHandle | undefined {
    return this.#requests.get(requestId)?.handle
  }

  receipts(id: string): Observable<readonly string[]> {
    return this.#state(`receipts:${id}`)
  }

  send(payload: Uint8Array, options: SendOptions = {}): SendHandle {
    return atCaller(this.send, () => this.#send(payload, options))
  }

  async history(options: HistoryOptions = {}): Promise<HistoryPage> {
    check.names(options, ['before', 'limit', 'network', 'signal'])
    const { signal: ended, ...args } = options
    const { before, limit } = args
    if (before !== undefined) check.text('before', before)
    if (limit !== undefined) check.integer('limit', limit, 1)
    this.#checkOpen()
    const page = await withinLimit((signal) => this.#call('history', args, signal), {
      what: 'the tab that leads the channel',
      limitMs: HISTORY_MS,
      scheduler: this.#options.scheduler,
      ...(ended && { signal: ended }),
    })
    return page as HistoryPage
  }

  async ready(bytes?: number, options: WaitOptions = {}): Promise<void> {
    if (bytes !== undefined) check.integer('bytes', bytes, 0)
    this.#checkOpen()
    const { signal } = options
    const room$ = defer(() => (this.#hasRoom(bytes ?? 0) ? of(undefined) : this.#fewer.pipe(take(1))))
    while (!this.#hasRoom(bytes ?? 0)) {
      await firstWithin(room$, options, () => undefined)
      this.#checkOpen()
    }
    const controller = new AbortController()
    try {
      const answer = this.#call('ready', { bytes }, controller.signal)
      await firstWithin(from(answer), signal === undefined ? {} : { signal }, () => undefined)
    } finally {
      controller.abort()
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Somebody leads, or nobody does. */
  led(role: TabRole, info: ChannelInfo | undefined): void {
    if (info !== undefined) this.#stats = info.stats
    this.#role.next(role)
  }

  /** Another tab has taken the lead, or this one: it is asked for all that the one before has not answered. */
  begin(): void {
    const { post } = this.#options
    post({ type: 'here', topics: this.topics, asks: false })
    for (const [requestId, { ephemeral, isAsked }] of this.#waiting) {
      // Nobody knows whether it was sent, and nobody tracks it.
      if (ephemeral && isAsked) this.#fail(requestId, new SendFailedError(LEADER_GONE, { certain: false }))
    }
    for (const [call, { method, args }] of this.#calls) this.#ask(call, method, args)
    const accepted = [...this.#requests.keys()].filter((requestId) => !this.#waiting.has(requestId))
    if (accepted.length > 0) void this.#followAgain(accepted)
  }

  /** The leader has said something. */
  take(message: FromLeader): void {
    if (this.#closing !== undefined) return
    if (message.type === 'value') this.#value(message.topic, message.value, message.to)
    else if (message.type === 'requests') message.news.forEach((news) => this.#news(news))
    else if ((message.type === 'answer' || message.type === 'refusal') && message.to === this.#options.tabId)
      this.#answered(message)
  }

  /** Nothing can go on: the tabs do not agree. */
  die(reason: Error): void {
    if (this.#closing !== undefined) return
    this.#streams.error(reason)
    // Whoever closes it is told what fails.
    void this.close().catch(() => {})
  }

  /** Something has failed in this tab. */
  tell: Diagnose = (code, detail) => this.#streams.emit(diagnosticEvent(this.channelId, code, detail))

  readonly #own = new Set<string>()

  #checkOpen(): void {
    if (this.#closing !== undefined)
      throw new ChannelClosedError('the channel is closed: open it again to send')
  }

  #hasRoom(bytes: number): boolean {
    const { size } = this.#waiting
    return size === 0 || (size < MOST_WAITING && this.#waitingBytes + bytes <= MOST_WAITING_BYTES)
  }

  #send(payload: Uint8Array, options: SendOptions): SendHandle {
    this.#checkOpen()
    check.bytes('payload', payload)
    checkSendOptions(options)
    if (payload.length === 0) throw new EmptyPayloadError()
    const { signal, requestId = hexOf(this.#options.randomBytes(10)), ...how } = options
    signal?.throwIfAborted()
    const known = this.#requests.get(requestId)
    if (known !== undefined) return known.handle
    if (!this.#hasRoom(payload.length))
      throw new QueueFullError(`${this.#waiting.size} messages wait for the tab that leads: wait for ready()`)
    const ephemeral = how.ephemeral ?? false
    const writer = this.#write(requestId, ephemeral, { dataCount: 0, parityCount: 0 })
    const copy = new Uint8Array(payload)
    this.#noteOwn(requestId)
    const waiting = { writer, payload: copy, ephemeral, isAsked: false, call: 0 }
    this.#waiting.set(requestId, waiting)
    this.#waitingBytes += copy.length
    if (this.#sending.observed) queueMicrotask(() => this.#sending.next(writer.handle))
    if (signal !== undefined) this.#followSignal(signal, writer.handle)
    this.#call('send', { requestId, payload: copy, options: how }).catch((error: unknown) =>
      this.#fail(requestId, error as Error),
    )
    waiting.call = this.#lastCall
    return writer.handle
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
      this.#call('cancel', { requestId: handle.requestId }).catch(() => {})
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
      senderId: this.senderId,
      receipts$: (members) => {
        if (members !== undefined) this.#call('await', { requestId, members }).catch(() => {})
        return this.receipts(requestId)
      },
      cancel: (id) => this.#cancel(id),
    })
    this.#requests.set(requestId, writer)
    return writer
  }

  #cancel(requestId: string): 'cancelled' | 'too-late' {
    const waiting = this.#waiting.get(requestId)
    if (waiting === undefined || waiting.isAsked) return this.#options.cancelHere(requestId)
    const { writer } = waiting
    writer.update({ status: { ...writer.handle.status, state: 'cancelled', error: CANCELLED } })
    this.#over(requestId)
    writer.end()
    return 'cancelled'
  }

  #fail(requestId: string, error: Error): void {
    const writer = this.#requests.get(requestId)
    this.#over(requestId)
    writer?.end(error)
  }

  #over(requestId: string): void {
    this.#requests.delete(requestId)
    this.#accepted(requestId)
  }

  #accepted(requestId: string): void {
    const waiting = this.#waiting.get(requestId)
    if (waiting === undefined) return
    this.#waiting.delete(requestId)
    this.#calls.delete(waiting.call)
    this.#waitingBytes -= waiting.payload.length
    this.#fewer.next()
  }

  #news({ requestId, ephemeral, status, accepted, messageId, ended, error }: RequestNews): void {
    const { total, data } = status.segments
    const known = this.#requests.get(requestId)
    if (known === undefined && ended) return
    const writer = known ?? this.#write(requestId, ephemeral, { dataCount: data, parityCount: total - data })
    writer.update({ status, accepted, ...(messageId !== undefined && { messageId }) })
    if (accepted) this.#accepted(requestId)
    if (!ended) return
    this.#over(requestId)
    writer.end(error && unpackError(error))
  }

  async #followAgain(requestIds: readonly string[]): Promise<void> {
    try {
      const unknown = await this.#call('follow', { requestIds })
      if (!Array.isArray(unknown)) return
      for (const requestId of unknown as readonly string[])
        this.#fail(requestId, new ChannelClosedError(LEADER_GONE))
    } catch {
      // The channel was closed meanwhile, and told so to all.
    }
  }

  #value(topic: Topic, value: unknown, to: string | undefined): void {
    if (to !== undefined && to !== this.#options.tabId) return
    if (topic === 'incoming') {
      const message = value as Omit<ChannelMessageReceivedEvent, 'ack'>
      const ack = async (): Promise<void> => {
        this.#checkOpen()
        await this.#call('ack', { messageId: message.messageId })
      }
      return this.#streams.emit({ ...message, ack })
    }
    if (topic === 'events') return this.#streams.emit(value as ChannelEvent)
    const wanted = this.#topics.get(topic)
    if (wanted === undefined) return
    wanted.latest = value
    wanted.values.next(value)
  }

  /** A stream, which the leader is asked for while somebody listens to it. */
  #wanting<T>(topic: Topic, value$: Observable<T>): Observable<T> {
    return new Observable((subscriber) => {
      const subscription = value$.subscribe(subscriber)
      if (!subscriber.closed) subscription.add(this.#want(topic))
      return subscription
    })
  }

  #topic<T>(topic: Topic): Observable<T> {
    return new Observable((subscriber) => {
      if (this.#closing !== undefined) return subscriber.complete()
      const unwant = this.#want(topic)
      const subscription = this.#topics
        .get(topic)!
        .values.pipe(takeUntil(this.#closed$))
        .subscribe({
          next: (value) => subscriber.next(value as T),
          complete: () => subscriber.complete(),
        })
      subscription.add(unwant)
      return subscription
    })
  }

  /** The latest value, as far as it is known, and then each change; who takes the lead tells it once more. */
  #state<T extends object>(topic: Topic): Observable<T> {
    return defer(() => {
      const known = this.#topics.get(topic)?.latest
      const latest$ = this.#topic<T>(topic)
      return known === undefined ? latest$ : merge(of(known as T), latest$)
    }).pipe(distinctUntilChanged<T>(tellsTheSame))
  }

  /** Returns what says that it is not wanted any more. */
  #want(topic: Topic): () => void {
    const wanted = this.#topics.get(topic) ?? { count: 0, values: new Subject<unknown>() }
    wanted.count++
    this.#topics.set(topic, wanted)
    if (wanted.count === 1) this.#tell()
    return () => {
      wanted.count--
      if (wanted.count > 0) return
      this.#topics.delete(topic)
      this.#tell()
    }
  }

  /** Says what is wanted, once for all that changes in this turn. */
  #tell(): void {
    if (this.#isTelling || this.#closing !== undefined) return
    this.#isTelling = true
    queueMicrotask(() => {
      this.#isTelling = false
      if (this.#closing === undefined && this.role !== 'waiting')
        this.#options.post({ type: 'here', topics: this.topics, asks: false })
    })
  }

  #call<M extends Method>(method: M, args: Calls[M], signal?: AbortSignal): Promise<unknown> {
    const call = ++this.#lastCall
    return new Promise((resolve, reject) => {
      this.#calls.set(call, { method, args, resolve, reject })
      signal?.addEventListener('abort', () => {
        if (!this.#calls.delete(call)) return
        this.#options.post({ type: 'drop', call })
        reject(signal.reason)
      })
      if (this.role !== 'waiting') this.#ask(call, method, args)
    })
  }

  #ask(call: number, method: Method, args: Calls[Method]): void {
    if (method === 'send') {
      const waiting = this.#waiting.get((args as Calls['send']).requestId)
      if (waiting !== undefined) waiting.isAsked = true
    }
    this.#options.post({ type: 'call', call, method, args } as FromTab)
  }

  #answered(message: Extract<FromLeader, { type: 'answer' | 'refusal' }>): void {
    const open = this.#calls.get(message.call)
    if (open === undefined) return
    // A message is asked of the next leader too, until it is known to be stored.
    if (open.method === 'send' && message.type === 'answer') return
    this.#calls.delete(message.call)
    if (message.type === 'answer') open.resolve(message.value)
    else open.reject(unpackError(message.error))
  }

  async #close(): Promise<void> {
    const { post, closed } = this.#options
    post({ type: 'bye' })
    const error = new ChannelClosedError('the channel was closed before the outcome was known')
    for (const { reject } of this.#calls.values()) reject(error)
    this.#calls.clear()
    for (const writer of this.#requests.values()) writer.end(error)
    this.#requests.clear()
    this.#waiting.clear()
    this.#fewer.next()
    this.#streams.complete()
    this.#closed$.next()
    this.#role.complete()
    this.#sending.complete()
    await closed()
  }
}

const LEADER_GONE = 'the tab that led the channel is gone, and what became of the message is not known'
