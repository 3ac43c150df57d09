import { type Observable, Subscription, filter, map } from 'rxjs'
import { type CatchUpState, type MissedMessages, createCatchUp } from './catch-up.ts'
import { type ChannelEvent, messageErrorEvent } from '../events.ts'
import type { DeliveredSegment } from '../pipeline/frames.ts'
import { type Inbox, createInbox } from './inbox.ts'
import { incoming } from '../pipeline/incoming.ts'
import type { ChannelOptions } from '../options.ts'
import type { ChannelParts } from '../opening/parts.ts'
import type { StoredState } from '../opening/stored-state.ts'

/** What a {@link ReceivingSide} is made from. */
export interface ReceivingSideOptions {
  readonly parts: ChannelParts
  readonly options: ChannelOptions
  /** What the store has of the channel. */
  readonly state: StoredState
  readonly emit: (event: ChannelEvent) => void
  /** The pipeline has ended with an error: a bug, or a dead transport. */
  readonly died: (error: unknown) => void
}

/** The receiving side of a channel: takes in what the network brings, and what it brought while nobody was here. */
export class ReceivingSide {
  readonly inbox: Inbox
  readonly #parts: ChannelParts
  readonly #emit: (event: ChannelEvent) => void
  readonly #died: (error: unknown) => void
  readonly #catchUp: MissedMessages
  readonly #subscriptions = new Subscription()
  readonly #leaveTopic: () => void

  constructor({ parts, options, state, emit, died }: ReceivingSideOptions) {
    this.#parts = parts
    this.#emit = emit
    this.#died = died
    this.#catchUp = catchUpOf(parts, options)
    this.#leaveTopic = parts.node.undecryptable.join(parts.contentTopic)
    this.inbox = inboxOf(parts, options, state)
  }

  /** Whether the network's memory is still asked for what was missed. */
  get catchUp$(): Observable<CatchUpState> {
    return this.#catchUp.state$
  }

  close(): void {
    this.#subscriptions.unsubscribe()
    this.inbox.close()
    this.#leaveTopic()
  }

  /** Takes in from now on what the network brings. */
  listen(): void {
    const { drops } = this.#parts
    this.#subscriptions.add(
      incoming(this.#parts, this.#catchUp.messages$, this.inbox, {
        heard: () => this.#heard(),
        turnedAway: (reason) => drops.add(reason),
        notOpened: (frame, error) => this.#notOpened(frame, error),
      }).subscribe({ next: this.#emit, error: this.#died }),
    )
    // From now on nothing passes unheard.
    this.#heard()
  }

  #notOpened({ hash = '' }: Pick<DeliveredSegment, 'hash'>, error: Error): void {
    const { node, drops, channelId, contentTopic } = this.#parts
    drops.add('undecryptable')
    if (!node.undecryptable.failed(contentTopic, hash)) return
    this.#emit(messageErrorEvent(channelId, { messageHash: hash, error: error.message, cause: error }))
  }

  /** While something may still be missed, the time from which on it was missed must stand. */
  #heard(): void {
    const { keep, lastHeard, node } = this.#parts
    if (this.#catchUp.state === 'current') keep('heard', lastHeard.heard(node.scheduler.now()))
  }
}

function catchUpOf(
  {
    node,
    contentTopic,
    participant,
    lastHeard,
    diagnose,
  }: Pick<ChannelParts, 'node' | 'contentTopic' | 'participant' | 'lastHeard' | 'diagnose'>,
  { historyMs = 0 }: ChannelOptions,
): MissedMessages {
  const { transport, scheduler } = node
  return createCatchUp({
    transport,
    contentTopic,
    since: () => {
      const now = scheduler.now()
      return lastHeard.at(now) ?? (historyMs > 0 ? now - historyMs : undefined)
    },
    missing$: participant.events$.pipe(
      filter((event) => event.type === 'missing'),
      map(({ entries }) => entries),
    ),
    scheduler,
    failed: (error, retryMs) =>
      diagnose('history-failed', { error, ...(retryMs !== undefined && { retryMs }) }),
  })
}

function inboxOf(
  {
    channelId,
    unitOfWork,
    node,
    diagnose,
    drops,
  }: Pick<ChannelParts, 'channelId' | 'unitOfWork' | 'node' | 'diagnose' | 'drops'>,
  { consume = 'automatic', maxUnacknowledged = 1000, maxHeldBytes = 64 * 2 ** 20 }: ChannelOptions,
  state: StoredState,
): Inbox {
  return createInbox({
    channelId,
    consume,
    maxUnacknowledged,
    maxHeldBytes,
    unitOfWork,
    scheduler: node.scheduler,
    keyPrefix: `${state.prefix}inbox/`,
    restore: state.parts.inbox,
    onCorrupt: (key, reason) => diagnose('store-corrupt', { part: 'inbox', key, reason }),
    limited: (unacknowledged) => diagnose('unacknowledged-limit', { unacknowledged }),
    unheard: ({ senderId, messageId }) => {
      drops.add('unheard')
      diagnose('unheard', { senderId, messageId })
    },
  })
}
