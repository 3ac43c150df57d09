import { type Observable, type SchedulerLike, Subject, Subscription, filter, map } from 'rxjs'
import type { ReliableChannel } from '../channel.ts'
import { ChannelClosedError } from '../closed-error.ts'
import type { ChannelMessageReceivedEvent } from '../events.ts'
import { QueueFullError } from '../sending/queue-full-error.ts'
import type { SendHandle } from '../sending/send-handle.ts'
import type { Call, Calls, FromLeader, FromTab, Method, RequestNews, Topic } from './messages.ts'
import { packError } from './tab-errors.ts'

/** Tabs that are served. @limit The one that has been silent for longest is forgotten until it is heard again. */
const MOST_TABS = 100
/** Calls of a tab under way at once. @limit Further ones are refused (`ERR_QUEUE_FULL`). */
const MOST_CALLS = 3_000
/** Messages that may be acknowledged by a tab. @limit The oldest comes again after a restart. */
const MOST_UNACKNOWLEDGED = 10_000
/** So long an acknowledgement waits for its message, which may come again from the store, ms. @limit It counts as done. */
const ACK_MS = 2_000
/** Who says nothing for so long is not there any more, ms: in the background, timers may rest for a minute. */
const GONE_MS = 200_000

/** Topics whose latest value is told to whoever asks. */
const isState = (topic: Topic): boolean =>
  topic !== 'incoming' && topic !== 'events' && topic !== 'outgoing' && topic !== 'sent'

/** Options of {@link Leader}. */
export interface LeaderOptions {
  readonly channel: ReliableChannel
  readonly scheduler: SchedulerLike
  /** To all tabs, this one first. */
  readonly post: (message: FromLeader) => void
  /** Whether this tab still leads: it may have slept. */
  readonly confirm: () => Promise<boolean>
}

/** A tab that is served. */
interface ServedTab {
  heardAt: number
  topics: ReadonlySet<Topic>
  readonly calls: Map<number, AbortController>
  /** Ends when what the tab sent before is taken. */
  line: Promise<unknown>
}

/** A topic that somebody wants. */
interface ServedTopic {
  readonly subscription: Subscription
  latest: { readonly value: unknown } | undefined
}

/** A request that tabs are told of. */
interface FollowedRequest {
  readonly handle: SendHandle
  readonly ephemeral: boolean
  accepted: boolean
  ended: boolean
  error: unknown
}

/** Runs the channel for all tabs: does what they ask, and tells them what they want to know. */
export class Leader {
  readonly #options: LeaderOptions
  readonly #tabs = new Map<string, ServedTab>()
  readonly #topics = new Map<Topic, ServedTopic>()
  readonly #requests = new Map<string, FollowedRequest>()
  readonly #news = new Set<string>()
  readonly #unacknowledged = new Map<string, () => Promise<void>>()
  readonly #came = new Subject<string>()
  readonly #sent = new Subject<object>()
  readonly #stopping = new AbortController()

  constructor(options: LeaderOptions) {
    this.#options = options
    for (const handle of options.channel.requests) this.#follow(handle, false)
  }

  /** A tab has said something. */
  take(from: string, message: FromTab): void {
    if (this.#stopping.signal.aborted) return
    if (message.type === 'bye') this.#forget(from)
    else if (message.type === 'here') this.#isHere(from, message.topics, message.asks)
    else if (message.type === 'call') void this.#answer(from, message)
    else this.#tabs.get(from)?.calls.get(message.call)?.abort()
  }

  /** Says which channel this tab has open. */
  tellLeading(): void {
    const { channel, post } = this.#options
    const { channelId, contentTopic, senderId } = channel
    post({ type: 'leading', channel: { channelId, contentTopic, senderId, stats: channel.stats() } })
  }

  /** Takes back a message of this very tab. */
  cancel(requestId: string): 'cancelled' | 'too-late' {
    return this.#requests.get(requestId)?.handle.cancel() ?? 'too-late'
  }

  /** Nothing is said or done any more. */
  stop(): void {
    this.#stopping.abort()
    for (const { subscription } of this.#topics.values()) subscription.unsubscribe()
    for (const { calls } of this.#tabs.values()) for (const call of calls.values()) call.abort()
    this.#topics.clear()
    this.#tabs.clear()
  }

  #tab(from: string): ServedTab {
    const known = this.#tabs.get(from)
    const heardAt = this.#options.scheduler.now()
    const tab = known ?? { heardAt, topics: new Set(), calls: new Map(), line: Promise.resolve() }
    tab.heardAt = heardAt
    this.#tabs.delete(from)
    this.#tabs.set(from, tab)
    for (const [name, { heardAt: at }] of this.#tabs) {
      if (this.#tabs.size <= MOST_TABS && heardAt - at < GONE_MS) break
      this.#forget(name)
    }
    return tab
  }

  #forget(from: string): void {
    this.#tabs.delete(from)
    this.#settleTopics()
  }

  #isHere(from: string, topics: readonly Topic[], asks: boolean): void {
    const isNew = !this.#tabs.has(from)
    const tab = this.#tab(from)
    const added = topics.filter((topic) => !tab.topics.has(topic))
    tab.topics = new Set(topics)
    if (asks) this.tellLeading()
    if (isNew) this.#tellNews([...this.#requests.keys()])
    for (const topic of added) {
      const latest = this.#topics.get(topic)?.latest
      if (latest !== undefined) this.#options.post({ type: 'value', topic, value: latest.value, to: from })
    }
    this.#settleTopics()
  }

  /** Listens to what somebody wants, and to nothing else. */
  #settleTopics(): void {
    const wanted = new Set([...this.#tabs.values()].flatMap(({ topics }) => [...topics]))
    for (const [topic, { subscription }] of this.#topics) {
      if (wanted.has(topic)) continue
      this.#topics.delete(topic)
      subscription.unsubscribe()
    }
    for (const topic of wanted) if (!this.#topics.has(topic)) this.#listen(topic)
  }

  #listen(topic: Topic): void {
    const served: ServedTopic = { subscription: new Subscription(), latest: undefined }
    this.#topics.set(topic, served)
    served.subscription.add(
      this.#valuesOf(topic).subscribe({
        next: (value) => {
          if (isState(topic)) served.latest = { value }
          this.#options.post({ type: 'value', topic, value })
        },
        // Whoever made the leader knows that the channel has died.
        error: () => {},
      }),
    )
  }

  #valuesOf(topic: Topic): Observable<unknown> {
    const { channel } = this.#options
    switch (topic) {
      case 'incoming':
        return channel.incoming$.pipe(map((message) => this.#received(message)))
      case 'events':
        return channel.events$.pipe(filter(({ type }) => type !== 'reliable:message:received'))
      case 'outgoing':
        return channel.outgoing$
      case 'sent':
        return this.#sent
      case 'connection':
        return channel.connection$
      case 'health':
        return channel.health$
      case 'members':
        return channel.members$
      case 'quota':
        return channel.quota$
      default:
        return channel.receipts(topic.slice('receipts:'.length))
    }
  }

  #received({ ack, ...message }: ChannelMessageReceivedEvent): object {
    this.#unacknowledged.set(message.messageId, ack)
    if (this.#unacknowledged.size > MOST_UNACKNOWLEDGED) {
      const [oldest] = this.#unacknowledged.keys()
      this.#unacknowledged.delete(oldest!)
    }
    this.#came.next(message.messageId)
    return message
  }

  async #answer(to: string, { call, method, args }: Call): Promise<void> {
    const { post } = this.#options
    const { calls } = this.#tab(to)
    // It is being answered.
    if (calls.has(call)) return
    const controller = new AbortController()
    if (calls.size >= MOST_CALLS) {
      const error = packError(new QueueFullError('too much is asked of the tab that leads'))
      return post({ type: 'refusal', to, call, error })
    }
    calls.set(call, controller)
    try {
      const value = await this.#do(to, method, args, controller.signal)
      if (!this.#stopping.signal.aborted) post({ type: 'answer', to, call, value })
    } catch (error) {
      if (!this.#stopping.signal.aborted) post({ type: 'refusal', to, call, error: packError(error) })
    } finally {
      calls.delete(call)
    }
  }

  #do<M extends Method>(from: string, method: M, args: Calls[M], signal: AbortSignal): unknown {
    const { channel } = this.#options
    const given = args as Calls[Method] &
      Partial<Calls['send'] & Calls['follow'] & Calls['ack'] & Calls['await']>
    switch (method) {
      case 'send': {
        const tab = this.#tab(from)
        const sent = tab.line.then(() => this.#send(args as Calls['send'], signal))
        tab.line = sent.catch(() => {})
        return sent
      }
      case 'follow':
        return this.#followAgain(given.requestIds!)
      case 'cancel':
        return this.cancel(given.requestId!)
      case 'await':
        // The tab hears of it by the topic of the receipts.
        void channel
          .request(given.requestId!)
          ?.deliveredToAll(given.members!)
          .catch(() => {})
        return
      case 'history':
        return channel.history({ ...(args as Calls['history']), signal })
      case 'ready':
        return channel.ready((args as Calls['ready']).bytes, { signal })
      default:
        return this.#acknowledge(given.messageId!)
    }
  }

  async #send({ requestId, payload, options }: Calls['send'], signal: AbortSignal): Promise<void> {
    const { channel, confirm } = this.#options
    if (!(await confirm())) throw new ChannelClosedError('another tab has taken the lead')
    for (;;) {
      signal.throwIfAborted()
      try {
        const handle = channel.send(payload, { ...options, requestId })
        const isNew = this.#follow(handle, options.ephemeral === true)
        if (isNew) this.#tellSent(handle, payload)
        return
      } catch (error) {
        if (!(error instanceof QueueFullError)) throw error
      }
      await channel.ready(payload.length, { signal })
    }
  }

  #tellSent(handle: SendHandle, payload: Uint8Array): void {
    handle.wrapped().then(
      (messageId) => this.#sent.next({ requestId: handle.requestId, messageId, payload }),
      // It was taken back.
      () => {},
    )
  }

  /** Follows what another leader took. Returns what is known to nobody here. */
  #followAgain(requestIds: readonly string[]): readonly string[] {
    return requestIds.filter((requestId) => {
      const handle = this.#options.channel.request(requestId)
      if (handle !== undefined) this.#follow(handle, false)
      return handle === undefined
    })
  }

  /** Returns whether it was not followed yet. */
  #follow(handle: SendHandle, ephemeral: boolean): boolean {
    const { requestId } = handle
    const isNew = !this.#requests.has(requestId)
    if (!isNew) {
      this.#isNews(requestId)
      return false
    }
    const followed: FollowedRequest = { handle, ephemeral, accepted: false, ended: false, error: undefined }
    this.#requests.set(requestId, followed)
    const news = (change: Partial<FollowedRequest>): void => {
      Object.assign(followed, change)
      this.#isNews(requestId)
    }
    handle.status$.subscribe({
      next: () => news({}),
      complete: () => news({ ended: true }),
    })
    handle.wrapped().then(
      () => news({}),
      (error: unknown) => news({ error }),
    )
    handle.accepted().then(
      () => news({ accepted: true }),
      () => {},
    )
    return true
  }

  /** What happens to requests in one turn is told at once. */
  #isNews(requestId: string): void {
    const isFirst = this.#news.size === 0
    this.#news.add(requestId)
    if (!isFirst) return
    this.#options.scheduler.schedule(() => {
      const changed = [...this.#news]
      this.#news.clear()
      this.#tellNews(changed)
    })
  }

  #tellNews(requestIds: readonly string[]): void {
    if (this.#stopping.signal.aborted) return
    const news = requestIds.flatMap((requestId): RequestNews[] => {
      const followed = this.#requests.get(requestId)
      if (followed === undefined) return []
      const { handle, ephemeral, accepted, ended, error } = followed
      const { status, messageId } = handle
      if (ended) this.#requests.delete(requestId)
      return [
        {
          requestId,
          ephemeral,
          status,
          accepted,
          ended,
          ...(messageId !== undefined && { messageId }),
          ...(error !== undefined && { error: packError(error) }),
        },
      ]
    })
    if (news.length > 0) this.#options.post({ type: 'requests', news })
  }

  /** A message of an earlier leader may have to come again before it can be acknowledged. */
  async #acknowledge(messageId: string): Promise<void> {
    if (!this.#unacknowledged.has(messageId)) await this.#comes(messageId)
    const ack = this.#unacknowledged.get(messageId)
    await ack?.()
    this.#unacknowledged.delete(messageId)
  }

  #comes(messageId: string): Promise<void> {
    const { signal } = this.#stopping
    return new Promise((resolve) => {
      const limit = this.#options.scheduler.schedule(() => end(), ACK_MS)
      const coming = this.#came.subscribe((id) => {
        if (id === messageId) end()
      })
      const end = (): void => {
        limit.unsubscribe()
        coming.unsubscribe()
        signal.removeEventListener('abort', end)
        resolve()
      }
      signal.addEventListener('abort', end)
    })
  }
}
