import { atCaller } from '@reliable-channels/options'
import type { RateLimiterEvent } from '@reliable-channels/rate-limit'
import type { SdsEvent } from '@reliable-channels/sds'
import type { ReassemblyEvent } from '@reliable-channels/segmentation'
import { EMPTY, type Observable, Subject, Subscription, defer, merge, takeUntil } from 'rxjs'
import { allSettled } from './all-settled.ts'
import type { ReliableChannel } from './channel.ts'
import type { ChannelStats } from './counters.ts'
import { diagnosticEvent } from './diagnostic-event.ts'
import { connectDiagnostics } from './diagnostics.ts'
import type { Drops } from './drops.ts'
import type { ChannelEvent } from './events.ts'
import { listenByKey } from './opening/by-key.ts'
import { type ChannelParts, plaintext } from './opening/parts.ts'
import type { StoredState } from './opening/stored-state.ts'
import type { ChannelOptions, SendOptions } from './options.ts'
import { answerWanted } from './pipeline/answer-wanted.ts'
import { makeRoom } from './pipeline/make-room.ts'
import { waiveRebuilt } from './pipeline/waive-rebuilt.ts'
import { connectionOf } from './receiving/connection.ts'
import { channelHealth } from './receiving/health.ts'
import { type HistoryOptions, type HistoryPage, historyPage } from './receiving/history.ts'
import { membersOf } from './receiving/members.ts'
import { onListen } from './receiving/on-listen.ts'
import { ReceivingSide } from './receiving/receiving-side.ts'
import { quotaNow, quotaOf } from './sending/quota.ts'
import { Outbox } from './sending/outbox.ts'
import { type WaitOptions, firstWithin } from './sending/first-within.ts'
import type { SendHandle } from './sending/send-handle.ts'
import { EventStreams } from './streams.ts'

/** The one who opened the channel, and hears of its events. */
export interface ChannelOwner {
  event(event: ChannelEvent): void
  /** Emits, at once or later, that somebody has subscribed to the owner's messages. */
  readonly listened$: Observable<unknown>
  /** Called when everything is stored. */
  closed(): Promise<void> | void
}

/** Options of {@link LiveChannel}. */
export interface LiveChannelParts {
  readonly parts: ChannelParts
  readonly options: ChannelOptions
  /** The state of the channel that the store has. */
  readonly state: StoredState
  readonly owner: ChannelOwner
  /** Emits that the store was taken away. */
  readonly lost$: Observable<Error>
}

/** A channel whose topic is subscribed: its two sides, and when they begin and end. */
export class LiveChannel implements ReliableChannel {
  readonly channelId: string
  readonly contentTopic: string
  readonly senderId: string
  readonly incoming$: ReliableChannel['incoming$']
  readonly outgoing$: ReliableChannel['outgoing$']
  readonly events$: ReliableChannel['events$']
  readonly sending$: ReliableChannel['sending$']
  readonly connection$: ReliableChannel['connection$']
  readonly health$: ReliableChannel['health$']
  readonly members$: ReliableChannel['members$']
  readonly quota$: ReliableChannel['quota$']
  readonly #parts: ChannelParts
  readonly #streams = new EventStreams()
  readonly #outbox: Outbox
  readonly #receiving: ReceivingSide
  readonly #subscriptions = new Subscription()
  readonly #owner: ChannelOwner
  /** Emits when the channel closes; made for who asks. */
  #closed: Subject<void> | undefined
  #isHeard = false
  #isOver = false
  #closing: Promise<void> | undefined

  constructor({ parts, options, state, owner, lost$ }: LiveChannelParts) {
    const { channelId, contentTopic, senderId, transport, scheduler, participant, limiter, reassembler } =
      parts
    const emit = (event: ChannelEvent): void => this.emit(event)
    const died = (error: unknown): void => void this.#died(error)
    this.channelId = channelId
    this.contentTopic = contentTopic
    this.senderId = senderId
    this.#parts = parts
    this.#owner = owner
    this.events$ = this.#streams.events$
    this.incoming$ = onListen(this.#streams.received$, () => this.#listened())
    const [waiving, answering, room] = [waiveRebuilt(parts), answerWanted(parts, died), makeRoom(parts)]
    this.#subscriptions.add(waiving.subscription)
    this.#subscriptions.add(answering.subscription)
    this.#receiving = new ReceivingSide({ parts, options, state, emit, died })
    // When whole messages are sealed, SDS sees only those that the cipher could open.
    const isOpen = parts.placement === 'content' || parts.cipher === plaintext
    const notRead: ReceivingSide['notRead'] = (...args) => this.#receiving.notRead(...args)
    const diagnostics = connectDiagnostics(parts, emit, isOpen ? notRead : undefined)
    const reassembled = (event: ReassemblyEvent): void => {
      diagnostics.reassembled(event)
      // Which of them is concerned, the type of the event says.
      waiving.reassembled(event)
      answering.reassembled(event)
      room.reassembled(event)
    }
    this.#subscriptions.add(reassembler.events$.subscribe({ next: reassembled, error: died }))
    // Made for each who asks: few do.
    const untilClosed = <T>(make: () => Observable<T>): Observable<T> =>
      defer(() => (this.#isOver ? EMPTY : make().pipe(takeUntil((this.#closed ??= new Subject())))))
    this.connection$ = untilClosed(() => connectionOf(transport))
    this.health$ = untilClosed(() => channelHealth(connectionOf(transport), this.#receiving, parts))
    this.members$ = untilClosed(() =>
      membersOf(participant, merge(participant.events$, this.events$), scheduler),
    )
    this.quota$ = untilClosed(() => quotaOf(limiter))
    this.#subscriptions.add(owner.listened$.subscribe(() => this.#listened()))
    this.#subscriptions.add(lost$.subscribe((error) => died(error)))
    this.#outbox = new Outbox({ parts, options, state, emit, died })
    this.outgoing$ = this.#outbox.outgoing$
    this.sending$ = this.#outbox.sending$
    const heardOf = (event: SdsEvent): void => {
      parts.counters.heardOf(event)
      room.heardOf(event)
      diagnostics.heardOf(event)
      this.#outbox.heardOf(event)
      this.#receiving.heardOf(event)
    }
    this.#subscriptions.add(participant.events$.subscribe({ next: heardOf, error: died }))
    this.#subscriptions.add(
      listenByKey(limiter.events$, channelOf, channelId, (event) => {
        diagnostics.limited(event)
        this.#outbox.limited(event)
      }),
    )
    this.#receiving.listen()
    // Once the owner has subscribed.
    this.#subscriptions.add(scheduler.schedule(() => this.#outbox.resume()))
  }

  /** Emits an event to the channel's own listeners, then to the owner; to nobody once the channel is closing. */
  emit(event: ChannelEvent): void {
    if (this.#closing !== undefined) return
    this.#parts.counters.told(event)
    this.emitHere(event)
    this.#owner.event(event)
  }

  /** Emits an event that the owner has heard already to the channel's own listeners. */
  emitHere(event: ChannelEvent): void {
    this.#streams.emit(event)
  }

  get drops(): Drops {
    return this.#parts.drops.snapshot()
  }

  stats(): ChannelStats {
    const { counters, participant, reassembler, limiter } = this.#parts
    const { requests, bytes: requestBytes } = this.#outbox.undispatched
    const { messages: unacknowledged, bytes: unacknowledgedBytes } = participant.outgoing
    const { sets: incomplete, bufferedBytes: incompleteBytes } = reassembler.stats()
    const { limit, used, left, waiting } = quotaNow(limiter)
    return {
      ...counters.counts(),
      waiting: {
        requests,
        requestBytes,
        rateLimit: waiting,
        unacknowledged,
        unacknowledgedBytes,
        missing: participant.health().missing,
        incomplete,
        incompleteBytes,
      },
      quota: { limit, used, left },
      drops: this.drops,
    }
  }

  get requests(): readonly SendHandle[] {
    return this.#outbox.requests
  }

  request(requestId: string): SendHandle | undefined {
    return this.#outbox.request(requestId)
  }

  receipts(id: string): Observable<readonly string[]> {
    return this.#outbox.receipts(id)
  }

  send(payload: Uint8Array, options?: SendOptions): SendHandle {
    return atCaller(this.send, () => this.#outbox.send(payload, options))
  }

  history(options?: HistoryOptions): Promise<HistoryPage> {
    return historyPage(this.#parts, options)
  }

  async ready(bytes?: number, options?: WaitOptions): Promise<void> {
    await firstWithin(
      defer(() => this.#outbox.ready(bytes)),
      options,
      () => undefined,
    )
  }

  close(): Promise<void> {
    this.#closing ??= this.#close({ isDead: false })
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Somebody listens to the messages, of this channel or of all of its owner. */
  #listened(): void {
    if (this.#isHeard || this.#closing !== undefined) return
    this.#isHeard = true
    const { inbox } = this.#receiving
    if (inbox.isEmpty()) return inbox.open()
    // All who subscribe in this turn get the messages that waited.
    this.#subscriptions.add(this.#parts.scheduler.schedule(() => inbox.open()))
  }

  /** The transport has died, the store was taken away, or there is a bug: whoever listens is told, and the channel closes. */
  async #died(error: unknown): Promise<void> {
    if (this.#closing !== undefined) return
    this.emit(diagnosticEvent(this.channelId, 'channel-died', { error }))
    this.#streams.error(error)
    this.#closing ??= this.#close({ isDead: true })
    try {
      await this.#closing
    } catch {
      // The cause of death has been told.
    }
  }

  async #close({ isDead }: { readonly isDead: boolean }): Promise<void> {
    const { participant, reassembler, unitOfWork } = this.#parts
    this.#subscriptions.unsubscribe()
    const lastWord = this.#outbox.close(isDead ? 'in-silence' : 'with-a-last-word')
    this.#receiving.close()
    reassembler.close()
    this.#streams.complete()
    this.#isOver = true
    this.#closed?.next()
    await allSettled([
      () => lastWord,
      () => participant.close(),
      () => this.#leaveTopic(),
      () => unitOfWork.close(),
      () => unitOfWork.stored(),
      () => this.#owner.closed(),
    ])
  }

  /** Unsubscribes the topic. The channel closes even if the network does not answer, and counts as closed well (MGR-08). */
  async #leaveTopic(): Promise<void> {
    const { transport: limited } = this.#parts
    try {
      await limited.unsubscribe(this.contentTopic)
    } catch {
      // The topic is left to the transport.
    }
  }
}

/** The channel that an event of a limiter concerns; all, where the quota could not be stored. */
const channelOf = (event: RateLimiterEvent): string | undefined =>
  event.type === 'store-failed' ? undefined : event.channelId
