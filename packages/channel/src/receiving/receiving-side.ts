import type { HistoryEntry } from '@reliable-channels/sds/core'
import type { SdsEvent } from '@reliable-channels/sds'
import { BehaviorSubject, type Observable, Subject } from 'rxjs'
import { type CatchUpState, type MissedMessages, createCatchUp } from './catch-up.ts'
import type { DropReason } from '../drops.ts'
import { type ChannelEvent, messageErrorEvent } from '../events.ts'
import type { DeliveredSegment } from '../pipeline/frames.ts'
import { type Inbox, createInbox } from './inbox.ts'
import type { Chain } from '../pipeline/chain.ts'
import { type IncomingParts, openIncoming } from '../pipeline/incoming.ts'
import type { ChannelOptions } from '../options.ts'
import type { ChannelParts } from '../opening/parts.ts'
import type { StoredState } from '../opening/stored-state.ts'

/** The parts of a channel that asking for missed messages needs. */
type CatchUpParts = Pick<
  ChannelParts,
  'transport' | 'scheduler' | 'contentTopic' | 'participant' | 'lastHeard' | 'met' | 'counters' | 'diagnose'
>

/** The parts of a channel that the inbox needs. */
type InboxParts = Pick<
  ChannelParts,
  'channelId' | 'unitOfWork' | 'writer' | 'scheduler' | 'diagnose' | 'drops'
>

/** The parts of a channel that the receiving side needs: those that its pieces need. */
type ReceivingParts = IncomingParts & CatchUpParts & InboxParts & Pick<ChannelParts, 'keep' | 'senderId'>

/**
 * While somebody was heard within so long whom this channel can read, what it cannot is for others, ms: a group in which
 * nobody has anything to say is heard about every ten minutes.
 */
const HEARD_MS = 900_000

/** Options of {@link ReceivingSide}. */
export interface ReceivingSideOptions {
  readonly parts: ReceivingParts
  readonly options: ChannelOptions
  /** The state of the channel that the store has. */
  readonly state: StoredState
  readonly emit: (event: ChannelEvent) => void
  /** The pipeline has ended with an error: a bug, or a dead transport. */
  readonly died: (error: unknown) => void
}

/** The receiving side of a channel: takes in what the network brings, and what it brought while nobody was here. */
export class ReceivingSide {
  readonly inbox: Inbox
  readonly #parts: ReceivingParts
  readonly #emit: (event: ChannelEvent) => void
  readonly #died: (error: unknown) => void
  readonly #catchUp: MissedMessages
  /** The way in, once it is open. */
  #way: Chain | undefined
  /** Frames that nobody here could read, since the last one that this channel could; 0 while others are heard. */
  readonly unreadable$: BehaviorSubject<number> = new BehaviorSubject(0)
  /** When somebody was heard last whom this channel can read. */
  #readAt = -Infinity
  /** What SDS has found to be missing. */
  readonly missing$: Subject<readonly HistoryEntry[]> = new Subject()

  constructor({ parts, options, state, emit, died }: ReceivingSideOptions) {
    this.#parts = parts
    this.#emit = emit
    this.#died = died
    this.inbox = inboxOf(parts, options, state, { emit, died })
    this.#catchUp = catchUpOf(parts, options, this.inbox, this.missing$)
  }

  /** Whether the network's memory is still asked for what was missed. */
  get catchUp$(): Observable<CatchUpState> {
    return this.#catchUp.state$
  }

  /** SDS has something to tell: what it could take is a sign that the channel can read again. */
  heardOf(event: SdsEvent): void {
    const { type } = event
    if (type === 'missing') this.missing$.next(event.entries)
    const { placement, senderId, scheduler } = this.#parts
    // Around a sealed content anybody can read: what has none says nothing of the key.
    const isRead = type === 'delivered' || (type === 'sync-received' && placement !== 'content')
    if (!isRead || event.senderId === senderId) return
    this.#readAt = scheduler.now()
    if (this.unreadable$.value) this.unreadable$.next(0)
  }

  close(): void {
    this.#way?.close()
    this.inbox.close()
    this.missing$.complete()
    this.#parts.topic.leave()
  }

  /** Takes in from now on what the network brings. */
  listen(): void {
    const { drops } = this.#parts
    this.#way = openIncoming(this.#parts, {
      missed$: this.#catchUp.messages$,
      inbox: this.inbox,
      hooks: {
        heard: (isKnown, { timestampMs }) => this.#heard(isKnown, timestampMs),
        turnedAway: (reason) => drops.add(reason),
        notOpened: (frame, error) => this.#notOpened(frame, error),
      },
      died: this.#died,
    })
    // From now on every message is heard.
    this.#heard(false)
  }

  /** SDS could not read a frame, which had no cipher around it: it may be one that others here can open. */
  notRead(hash: string, reason: 'undecodable' | 'malformed', error: string): void {
    this.#parts.topic.failed(hash, {
      hasCipher: false,
      nobody: (tells) => this.#unread(`sds-${reason}`, hash, tells ? { error } : undefined),
    })
  }

  #notOpened({ hash = '' }: Pick<DeliveredSegment, 'hash'>, cause: Error): void {
    const nobody = (tells: boolean): void =>
      this.#unread('undecryptable', hash, tells ? { error: cause.message, cause } : undefined)
    // A message that SDS has read is for this channel: no other can open its content.
    if (this.#parts.placement === 'content') nobody(true)
    else this.#parts.topic.failed(hash, { hasCipher: true, nobody })
  }

  #unread(
    reason: DropReason,
    messageHash: string,
    told: { readonly error: string; readonly cause?: Error } | undefined,
  ): void {
    const { drops, channelId, placement, participant, scheduler } = this.#parts
    drops.add(reason)
    const heardAt =
      placement === 'content'
        ? this.#readAt
        : Math.max(...participant.members().map(({ lastHeardAt }) => lastHeardAt))
    if (scheduler.now() - heardAt >= HEARD_MS) this.unreadable$.next(this.unreadable$.value + 1)
    if (told !== undefined) this.#emit(messageErrorEvent(channelId, { messageHash, ...told }))
  }

  /** While something may still be missed, the time from which on it was missed must stand. */
  #heard(isKnown: boolean, timestampMs?: number): void {
    const { keep, lastHeard, scheduler } = this.#parts
    if (this.#catchUp.state() !== 'current') return
    const now = scheduler.now()
    if (isKnown) lastHeard.again(now)
    else keep('heard', lastHeard.heard(now, timestampMs))
  }
}

function catchUpOf(
  { transport, scheduler, contentTopic, participant, lastHeard, met, counters, diagnose }: CatchUpParts,
  { historyMs = 0 }: ChannelOptions,
  inbox: Inbox,
  missing$: Observable<readonly HistoryEntry[]>,
): MissedMessages {
  return createCatchUp({
    transport,
    contentTopic,
    since: () => {
      const now = scheduler.now()
      return lastHeard.at(now) ?? (historyMs > 0 ? now - historyMs : undefined)
    },
    missing$,
    missing: () => participant.missing(),
    health$: participant.health$,
    delivered: () => counters.counts().in.segments,
    isMet: (hash) => met.has(hash),
    hasRoom: () => !inbox.isFull(),
    wasHere: lastHeard.at(scheduler.now()) !== undefined,
    historyMs,
    lastHeard,
    scheduler,
    failed: (error, retryMs) =>
      diagnose('history-failed', { error, ...(retryMs !== undefined && { retryMs }) }),
  })
}

function inboxOf(
  { channelId, unitOfWork, writer, scheduler, diagnose, drops }: InboxParts,
  { consume = 'automatic', maxUnacknowledged = 1000, maxHeldBytes = 64 * 2 ** 20 }: ChannelOptions,
  state: StoredState,
  { emit, died }: Pick<ReceivingSideOptions, 'emit' | 'died'>,
): Inbox {
  return createInbox({
    channelId,
    consume,
    maxUnacknowledged,
    maxHeldBytes,
    unitOfWork,
    scheduler,
    keyPrefix: `${state.prefix}inbox/`,
    writer,
    restore: state.parts.inbox,
    onCorrupt: (key, reason) => diagnose('store-corrupt', { part: 'inbox', key, reason }),
    handOut: emit,
    died,
    limited: (unacknowledged) => diagnose('unacknowledged-limit', { unacknowledged }),
    unheard: ({ senderId, messageId }) => {
      drops.add('unheard')
      diagnose('unheard', { senderId, messageId })
    },
  })
}
