import { type Observable, Subject, Subscription, combineLatest, filter, map, merge, take } from 'rxjs'
import type { ChannelOwner } from './connect-channel.ts'
import type { ChannelHealth, OutgoingMessage, ReliableChannel } from './channel.ts'
import { type CatchUp, createCatchUp } from './catch-up.ts'
import { connectDiagnostics } from './diagnostics.ts'
import { type ChannelEvent, type ChannelMessageReceivedEvent, messageErrorEvent } from './events.ts'
import type { DeliveredSegment } from './frames.ts'
import { type Inbox, createInbox } from './inbox.ts'
import { incoming } from './incoming.ts'
import type { ChannelOptions, SendOptions } from './options.ts'
import { onListen } from './on-listen.ts'
import { Outbox } from './outbox.ts'
import type { ChannelParts } from './parts.ts'
import type { SendHandle } from './send-handle.ts'
import type { StoredState } from './stored-state.ts'
import { waiveRebuilt } from './waive-rebuilt.ts'

/** What a {@link LiveChannel} is made from. */
export interface LiveChannelParts {
  readonly parts: ChannelParts
  readonly options: ChannelOptions
  readonly events: Subject<ChannelEvent>
  /** What the store has of the channel. */
  readonly state: StoredState
  readonly owner: Pick<ChannelOwner, 'listened$' | 'closed'>
}

/** A channel whose topic is subscribed: its two sides, and when they begin and end. */
export class LiveChannel implements ReliableChannel {
  readonly channelId: string
  readonly contentTopic: string
  readonly senderId: string
  readonly incoming$: Observable<ChannelMessageReceivedEvent>
  readonly outgoing$: Observable<OutgoingMessage>
  readonly events$: Observable<ChannelEvent>
  readonly health$: Observable<ChannelHealth>
  readonly #parts: ChannelParts
  readonly #events: Subject<ChannelEvent>
  readonly #outbox: Outbox
  readonly #inbox: Inbox
  readonly #catchUp: CatchUp
  readonly #subscriptions = new Subscription()
  readonly #leaveTopic: () => void
  readonly #owner: Pick<ChannelOwner, 'closed'>
  #closing: Promise<void> | undefined

  constructor({ parts, options, events, state, owner }: LiveChannelParts) {
    const { channelId, contentTopic, senderId, node, unitOfWork, participant, lastHeard, drops, diagnose } =
      parts
    const { scheduler } = node
    const emit = (event: ChannelEvent): void => events.next(event)
    const {
      historyMs = 0,
      consume = 'automatic',
      maxUnacknowledged = 1000,
      maxHeldBytes = 64 * 2 ** 20,
    } = options
    this.channelId = channelId
    this.contentTopic = contentTopic
    this.senderId = senderId
    this.#parts = parts
    this.#events = events
    this.#owner = owner
    const listened$ = new Subject<void>()
    this.events$ = onListen(events, () => listened$.next())
    this.incoming$ = this.events$.pipe(filter((event) => event.type === 'reliable:message:received'))
    this.#catchUp = createCatchUp({
      transport: node.transport,
      contentTopic,
      since: () => lastHeard.atMs ?? (historyMs > 0 ? scheduler.now() - historyMs : undefined),
      missing$: participant.events$.pipe(
        filter((event) => event.type === 'missing'),
        map(({ entries }) => entries),
      ),
      scheduler,
      failed: (error) => diagnose('history-failed', { error }),
    })
    this.health$ = combineLatest([participant.health$, this.#catchUp.state$]).pipe(
      map(([health, state]) => (state === 'current' ? health : { ...health, state: 'catching-up' as const })),
    )
    this.#leaveTopic = node.undecryptable.join(contentTopic)
    this.#inbox = createInbox({
      channelId,
      consume,
      maxUnacknowledged,
      maxHeldBytes,
      unitOfWork,
      scheduler,
      keyPrefix: `${state.prefix}inbox/`,
      restore: state.parts.inbox,
      onCorrupt: (key, reason) => diagnose('store-corrupt', { part: 'inbox', key, reason }),
      emit,
      limited: (unacknowledged) => diagnose('unacknowledged-limit', { unacknowledged }),
      unheard: ({ senderId, messageId }) => {
        drops.add('unheard')
        diagnose('unheard', { senderId, messageId })
      },
    })
    this.#subscriptions.add(
      merge(listened$, owner.listened$)
        .pipe(take(1))
        .subscribe(() => {
          if (this.#inbox.empty) return this.#inbox.open()
          // Who subscribes in the same turn is to have all of it too.
          this.#subscriptions.add(scheduler.schedule(() => this.#inbox.open()))
        }),
    )
    this.#subscriptions.add(connectDiagnostics(parts, emit))
    this.#subscriptions.add(waiveRebuilt(parts))
    this.#outbox = new Outbox({ parts, options, state, emit, died: (error) => void this.#died(error) })
    this.outgoing$ = this.#outbox.outgoing$
    this.#listen()
    // Once the owner has subscribed.
    this.#subscriptions.add(scheduler.schedule(() => this.#outbox.resume()))
  }

  get drops(): Readonly<Record<string, number>> {
    return this.#parts.drops.snapshot()
  }

  get requests(): readonly SendHandle[] {
    return this.#outbox.requests
  }

  request(requestId: string): SendHandle | undefined {
    return this.#outbox.request(requestId)
  }

  send(payload: Uint8Array, options?: SendOptions): SendHandle {
    return this.#outbox.send(payload, options)
  }

  ready(bytes?: number): Promise<void> {
    return this.#outbox.ready(bytes)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #listen(): void {
    this.#subscriptions.add(
      incoming(this.#parts, this.#catchUp.messages$, {
        hasRoom: () => !this.#inbox.full,
        heard: () => this.#heard(),
        turnedAway: (reason) => this.#parts.drops.add(reason),
        notOpened: (frame, error) => this.#notOpened(frame, error),
        received: ({ messageId, hash }) => {
          if (hash !== undefined) this.#parts.noteHash(messageId, hash)
        },
      }).subscribe({
        next: (message) => this.#inbox.take(message),
        error: (error: unknown) => void this.#died(error),
      }),
    )
    // From now on nothing passes unheard.
    this.#heard()
  }

  #notOpened({ hash = '' }: Pick<DeliveredSegment, 'hash'>, error: Error): void {
    const { node, drops } = this.#parts
    drops.add('undecryptable')
    if (node.undecryptable.failed(this.contentTopic, hash)) {
      this.#events.next(
        messageErrorEvent(this.channelId, { messageHash: hash, error: error.message, cause: error }),
      )
    }
  }

  /** While something may still be missed, the time from which on it was missed must stand. */
  #heard(): void {
    const { keep, lastHeard, node } = this.#parts
    if (this.#catchUp.state === 'current') keep('heard', lastHeard.heard(node.scheduler.now()))
  }

  /** The transport has died, or there is a bug: whoever listens is told, and the channel closes. */
  async #died(error: unknown): Promise<void> {
    if (this.#closing !== undefined) return
    const { channelId } = this
    this.#events.next({ type: 'diagnostic', channelId, code: 'channel-died', detail: { error } })
    this.#events.error(error)
    try {
      await this.close()
    } catch {
      // What killed it has been told.
    }
  }

  async #close(): Promise<void> {
    const { node, participant, reassembler, unitOfWork } = this.#parts
    this.#subscriptions.unsubscribe()
    this.#outbox.close()
    this.#inbox.close()
    participant.close()
    reassembler.close()
    this.#leaveTopic()
    this.#events.complete()
    try {
      await node.transport.unsubscribe(this.contentTopic)
    } catch {
      // The channel is closed whatever the network says.
    }
    unitOfWork.close()
    try {
      await unitOfWork.stored()
    } finally {
      await this.#owner.closed()
    }
  }
}
