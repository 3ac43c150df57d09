import { type SchedulerLike, Subject } from 'rxjs'
import type { ReliableChannel } from '../channel.ts'
import { ChannelClosedError } from '../closed-error.ts'
import { QueueFullError } from '../sending/queue-full-error.ts'
import { FollowedRequests } from './followed-requests.ts'
import type { Call, Calls, FromLeader, FromTab, Method, Topic } from './messages.ts'
import { ReceivedMessages } from './received-messages.ts'
import { ServedTopics } from './served-topics.ts'
import type { SentElsewhere } from './tab-channel.ts'
import { packError } from './tab-errors.ts'

/** Tabs that are served. @limit The one that has been silent for longest is forgotten until it is heard again. */
const MOST_TABS = 100
/** Calls of a tab under way at once. @limit Further ones are refused (`ERR_QUEUE_FULL`). */
const MOST_CALLS = 3_000
/** Who says nothing for so long is not there any more, ms: in the background, timers may rest for a minute. */
const GONE_MS = 200_000

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

/** Runs the channel for all tabs: does what they ask, and tells them what they want to know. */
export class Leader {
  /** What the tabs have sent. */
  readonly requests: FollowedRequests
  readonly #options: LeaderOptions
  readonly #tabs = new Map<string, ServedTab>()
  readonly #stopping = new AbortController()
  readonly #received: ReceivedMessages
  readonly #topics: ServedTopics
  readonly #sent = new Subject<SentElsewhere>()

  constructor(options: LeaderOptions) {
    const { channel, scheduler } = options
    const post = (message: FromLeader): void => this.#post(message)
    this.#options = options
    this.requests = new FollowedRequests(scheduler, post)
    this.#received = new ReceivedMessages(channel, scheduler, this.#stopping.signal)
    this.#topics = new ServedTopics(channel, { incoming: this.#received.values$, sent: this.#sent }, post)
    for (const handle of channel.requests) this.requests.follow(handle, false)
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
    const { channel } = this.#options
    const { channelId, contentTopic, senderId } = channel
    this.#post({ type: 'leading', channel: { channelId, contentTopic, senderId, stats: channel.stats() } })
  }

  /** Nothing is said or done any more. */
  stop(): void {
    this.#stopping.abort()
    for (const { calls } of this.#tabs.values()) for (const call of calls.values()) call.abort()
    this.#tabs.clear()
    this.#settleTopics()
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
    if (isNew) this.requests.tellAll()
    for (const topic of added) this.#topics.tellLatest(topic, from)
    this.#settleTopics()
  }

  #settleTopics(): void {
    this.#topics.settle(new Set([...this.#tabs.values()].flatMap(({ topics }) => [...topics])))
  }

  /** Says it, unless it was told to stop. */
  #post(message: FromLeader): void {
    if (!this.#stopping.signal.aborted) this.#options.post(message)
  }

  async #answer(to: string, { call, method, args }: Call): Promise<void> {
    const { calls } = this.#tab(to)
    // It is being answered.
    if (calls.has(call)) return
    const controller = new AbortController()
    if (calls.size >= MOST_CALLS) {
      const error = packError(new QueueFullError('too much is asked of the tab that leads'))
      return this.#post({ type: 'refusal', to, call, error })
    }
    calls.set(call, controller)
    try {
      const value = await this.#do(to, method, args, controller.signal)
      this.#post({ type: 'answer', to, call, value })
    } catch (error) {
      this.#post({ type: 'refusal', to, call, error: packError(error) })
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
        return this.requests.cancel(given.requestId!)
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
        return this.#received.acknowledge(given.messageId!)
    }
  }

  async #send({ requestId, payload, options }: Calls['send'], signal: AbortSignal): Promise<void> {
    const { channel, confirm } = this.#options
    if (!(await confirm())) throw new ChannelClosedError('another tab has taken the lead')
    for (;;) {
      signal.throwIfAborted()
      try {
        const handle = channel.send(payload, { ...options, requestId })
        if (!this.requests.follow(handle, options.ephemeral === true)) return
        return void handle.wrapped().then(
          (messageId) => this.#sent.next({ requestId, messageId, payload }),
          // It was taken back.
          () => {},
        )
      } catch (error) {
        if (!(error instanceof QueueFullError)) throw error
      }
      await channel.ready(payload.length, { signal })
    }
  }

  /** Follows what another leader took. Returns what is known to nobody here. */
  #followAgain(requestIds: readonly string[]): readonly string[] {
    return requestIds.filter((requestId) => {
      const handle = this.#options.channel.request(requestId)
      if (handle !== undefined) this.requests.follow(handle, false)
      return handle === undefined
    })
  }
}
