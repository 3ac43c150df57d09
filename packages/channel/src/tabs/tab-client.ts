import { atCaller } from '@reliable-channels/options'
import { withinLimit } from '@reliable-channels/stage'
import {
  BehaviorSubject,
  type Observable,
  type SchedulerLike,
  distinctUntilChanged,
  filter,
  from,
  of,
  switchMap,
} from 'rxjs'
import { check } from '../check-options.ts'
import { ChannelClosedError } from '../closed-error.ts'
import type { ChannelStats } from '../counters.ts'
import { type Diagnose, diagnosticEvent } from '../diagnostic-event.ts'
import type { Drops } from '../drops.ts'
import type { ChannelEvent, ChannelMessageReceivedEvent } from '../events.ts'
import type { SendOptions } from '../options.ts'
import type { ChannelConnection } from '../receiving/connection.ts'
import type { HistoryOptions, HistoryPage } from '../receiving/history.ts'
import { type WaitOptions, firstWithin } from '../sending/first-within.ts'
import type { SendHandle } from '../sending/send-handle.ts'
import { EventStreams } from '../streams.ts'
import type { ChannelInfo, FromLeader, FromTab, Topic } from './messages.ts'
import { OpenCalls } from './open-calls.ts'
import type { SentElsewhere, TabChannel, TabRole } from './tab-channel.ts'
import { TabRequests, type TabRequestsOptions } from './tab-requests.ts'
import { WantedTopics } from './wanted-topics.ts'

/** How long a page of the history is waited for, ms, also while tabs change the lead. @limit `history` rejects. */
const HISTORY_MS = 30_000

/** Options of {@link TabChannelClient}. */
export interface TabChannelOptions extends TabRequestsOptions {
  readonly tabId: string
  readonly scheduler: SchedulerLike
  /** To the leader, wherever it is. */
  readonly post: (message: FromTab) => void
  readonly closed: () => Promise<void>
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
  readonly #topics: WantedTopics
  readonly #calls: OpenCalls
  readonly #requests: TabRequests
  readonly sending$: Observable<SendHandle>
  #stats: ChannelStats
  #closing: Promise<void> | undefined

  constructor(options: TabChannelOptions) {
    const { channelId, contentTopic, senderId, stats } = options.info
    this.#options = options
    this.channelId = channelId
    this.contentTopic = contentTopic
    this.senderId = senderId
    this.#stats = stats
    this.role$ = this.#role.pipe(distinctUntilChanged())
    const topics = new WantedTopics(() => this.#tellTopics())
    this.#topics = topics
    this.#calls = new OpenCalls(options.post, () => this.role !== 'waiting')
    this.#requests = new TabRequests(options, this.#calls, (requestId) => this.receipts(requestId))
    this.sending$ = this.#requests.sending$
    this.incoming$ = topics.values('incoming', this.#streams.received$)
    this.events$ = topics.values('events', this.#streams.events$)
    this.outgoing$ = topics.values('outgoing')
    this.sentElsewhere$ = topics
      .values<SentElsewhere>('sent')
      .pipe(filter(({ requestId }) => !this.#requests.isOwn(requestId)))
    this.connection$ = this.role$.pipe(
      switchMap((role) =>
        role === 'waiting'
          ? of<ChannelConnection>({ state: 'connecting' })
          : topics.state<ChannelConnection>('connection'),
      ),
      distinctUntilChanged((a, b) => a.state === b.state && a.problem?.reason === b.problem?.reason),
    )
    this.health$ = topics.state('health')
    this.members$ = topics.state('members')
    this.quota$ = topics.state('quota')
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
    return this.#requests.handles
  }

  /** What this tab wants to be told. */
  get topics(): readonly Topic[] {
    return this.#topics.names
  }

  request(requestId: string): SendHandle | undefined {
    return this.#requests.get(requestId)
  }

  receipts(id: string): Observable<readonly string[]> {
    return this.#topics.state(`receipts:${id}`)
  }

  send(payload: Uint8Array, options: SendOptions = {}): SendHandle {
    return atCaller(this.send, () => {
      this.#checkOpen()
      return this.#requests.send(payload, options)
    })
  }

  async history(options: HistoryOptions = {}): Promise<HistoryPage> {
    check.names(options, ['before', 'limit', 'network', 'signal'])
    const { signal: ended, ...args } = options
    const { before, limit } = args
    if (before !== undefined) check.text('before', before)
    if (limit !== undefined) check.integer('limit', limit, 1)
    this.#checkOpen()
    const page = await withinLimit((signal) => this.#calls.call('history', args, signal), {
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
    await this.#requests.room(bytes ?? 0, options)
    this.#checkOpen()
    const controller = new AbortController()
    try {
      const answer = this.#calls.call('ready', { bytes }, controller.signal)
      await firstWithin(from(answer), options, () => undefined)
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
    this.#tellTopics()
    this.#requests.failUncertain()
    this.#calls.askAgain()
    void this.#requests.followAgain()
  }

  /** The leader has said something. */
  take(message: FromLeader): void {
    if (this.#closing !== undefined) return
    if (message.type === 'value') this.#value(message)
    else if (message.type === 'requests') message.news.forEach((news) => this.#requests.take(news))
    else if ((message.type === 'answer' || message.type === 'refusal') && message.to === this.#options.tabId)
      this.#calls.answered(message)
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

  #tellTopics(): void {
    if (this.role !== 'waiting') this.#options.post({ type: 'here', topics: this.topics, asks: false })
  }

  #checkOpen(): void {
    if (this.#closing !== undefined)
      throw new ChannelClosedError('the channel is closed: open it again to send')
  }

  #value({ topic, value, to = this.#options.tabId }: Extract<FromLeader, { type: 'value' }>): void {
    if (to !== this.#options.tabId) return
    if (topic === 'incoming') this.#received(value as Omit<ChannelMessageReceivedEvent, 'ack'>)
    else if (topic === 'events') this.#streams.emit(value as ChannelEvent)
    else this.#topics.take(topic, value)
  }

  #received(message: Omit<ChannelMessageReceivedEvent, 'ack'>): void {
    const ack = async (): Promise<void> => {
      this.#checkOpen()
      await this.#calls.call('ack', { messageId: message.messageId })
    }
    this.#streams.emit({ ...message, ack })
  }

  async #close(): Promise<void> {
    const { post, closed } = this.#options
    post({ type: 'bye' })
    const error = new ChannelClosedError('the channel was closed before the outcome was known')
    this.#calls.close(error)
    this.#requests.close(error)
    this.#streams.complete()
    this.#topics.close()
    this.#role.complete()
    await closed()
  }
}
