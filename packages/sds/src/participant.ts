import type { Change, Entry } from '@reliable-channels/store'
import type { Frame, UnitOfWork } from '@reliable-channels/stage'
import type { Observable, OperatorFunction, SchedulerLike } from 'rxjs'
import type { SdsEvent, SdsHealth } from './core/event.ts'
import type {
  DispatchOutcome,
  FrameKind,
  FrameToEncode,
  ParkedMessage,
  TrafficFrame,
  FollowedMessage,
  WantedMessage,
  WaivedId,
} from './core/input.ts'
import type { SdsOptions } from './core/options.ts'
import type { MemberHeard, LogMessage, OutgoingUsage } from './core/stage.ts'
import type { HistoryEntry } from './core/wire/message.ts'
import type { DeliveredFrame, EncodedFrame, ParticipantPorts, WrapRequest, WrappedFrame } from './ports.ts'

/** Options of {@link createParticipant}. */
export interface ParticipantOptions extends Omit<SdsOptions, 'random'> {
  /** In [0, 1). @default Math.random */
  random?: () => number
  /** Source of time and timers. @default asyncScheduler */
  scheduler?: SchedulerLike
  /** Shares one atomic write with other stages; whoever lets frames out puts `unitOfWork.committed()` before it. */
  unitOfWork?: UnitOfWork
  /** Where state is stored, as one atomic write for each step. Without it, and without `unitOfWork`, it is not. */
  write?: (changes: readonly Change[]) => Promise<void>
  /** Told of each write that failed, before it is tried again after `retryMs`; frames come out meanwhile. */
  onWriteError?: (error: unknown, attempt: number, retryMs: number) => void
  /** Put before the key of each change. @default '' */
  keyPrefix?: string
  /** The entries that an earlier participant of the same id stored, keys without prefix. */
  restore?: Iterable<Entry>
}

/**
 * One participant of one SDS channel: messages go out with their causal history and a bloom filter, come in once and in
 * causal order, are acknowledged, sent again, asked for and repaired. LIP-109.
 */
export interface Participant {
  /** Makes an SDS message of each frame. A frame that is refused is reported as `rejected`. */
  wrap<F extends Frame>(): OperatorFunction<F & WrapRequest, F & WrappedFrame>
  /**
   * Delivers the content of each SDS message, once and in causal order. What had to wait is emitted later with its own
   * frame's other fields; after a restart without them.
   */
  unwrap<F extends Frame>(): OperatorFunction<F, F & DeliveredFrame>
  /**
   * With `encoding: 'at-release'`: encodes what leaves the rate limit (or whatever else holds frames back), wrapped
   * frames and `traffic$` alike, with the filter and the repair requests of this moment. Own traffic that became
   * superfluous on the way does not come out. Otherwise frames pass as they are.
   *
   * @param onDrop Told of what does not come out.
   */
  encode<F extends FrameToEncode>(onDrop?: (frame: F) => void): OperatorFunction<F, F & EncodedFrame>
  /** The same for who has one source and one listener, and no need of observables between. */
  readonly ports: ParticipantPorts
  /** The participant's own traffic, to be sent like wrapped frames: retransmissions, repairs, sync messages. */
  readonly traffic$: Observable<TrafficFrame>
  /** Each message that waits for missing ones, when it starts to. */
  readonly parked$: Observable<ParkedMessage>
  /** Everything else that happens, in order. */
  readonly events$: Observable<SdsEvent>
  /** How complete the log is: now, and when that changes. */
  readonly health$: Observable<SdsHealth>
  health(): SdsHealth
  /** How many own messages are unacknowledged, and how many may be. */
  readonly outgoing: OutgoingUsage
  /**
   * Reports that the latest attempt to dispatch a frame (wrapped, or of `traffic$`) has ended. It starts the message's
   * acknowledgement timer, also if it failed; no second copy is made before. Without the frame's kind it may be mistaken
   * for another frame with the same message: somebody else may have asked for an own one.
   */
  dispatchEnded(messageId: string, outcome: DispatchOutcome, kind?: FrameKind): void
  /** Reports that own traffic was dropped because it was no longer `wanted` when it might have left. */
  withdrawn(frame: Pick<TrafficFrame, 'messageId' | 'kind'>): void
  /**
   * Takes back wrapped messages of which no copy left. Returns false, and does nothing, unless they are the newest
   * wrapped and nothing that was sent since may refer to them; also when called while a frame is being handled.
   */
  abandon(messageIds: readonly string[]): boolean
  /**
   * Counts messages as met: what waits for them is delivered. One that arrives later is delivered flagged `late`.
   * With a sender, what lists it as another's still waits. With `dependents`, only those parked messages need not wait:
   * the rest waits until all of them are delivered, since they stand in for what is waived.
   */
  waive(messages: readonly WaivedId[], dependents?: readonly string[]): void
  /** Whether an own message is still to be acknowledged: it will be sent again, or given up. */
  isUnacknowledged(messageId: string): boolean
  /**
   * Tells by `acknowledged` who else has own messages that were acknowledged before a restart, at most 1,000 of them, and by
   * `acknowledgement-withdrawn` who does not any more. With `isAwaited`, those named are to acknowledge a message, whether it
   * was sent before or not, and are reminded of it, whether they were heard or not (`acknowledge: 'each'`).
   */
  follow(messages: readonly FollowedMessage[]): void
  /**
   * Sends own messages again to `by`, who had them and does not any more: until they are acknowledged, where nobody else has
   * them. What others cause so is bounded as all copies are; what the history has forgotten is not sent.
   */
  sendAgain(messageIds: readonly string[], by: string): void
  /** Asks for messages of others that were refused, see `refuses`, or whose content the history has forgotten. */
  want(messages: readonly WantedMessage[]): void
  /**
   * Messages of others that were delivered do not count as received any more: whoever got them cannot use them. Their
   * authors learn it as from somebody who has lost his store.
   */
  disown(messageIds: readonly string[]): void
  /** The messages that are missing now: not received, and waited for; with hints to fetch them, where known. */
  missing(): readonly HistoryEntry[]
  /**
   * The content of a message that was delivered, or sent, and is still in the history; see `maxHistory` and
   * `maxHistoryBytes`. Not of ephemeral ones, nor of what is parked.
   */
  contentOf(messageId: string): Uint8Array<ArrayBuffer> | undefined
  /** Other participants, by what was heard of them, the one who spoke last, last: at most 128. */
  members(): readonly MemberHeard[]
  /**
   * The `count` messages of the history before one, or the newest: own and others', oldest first in the order of the log,
   * which is causal. Nothing before one that is not in it.
   */
  log(before: string | undefined, count: number): readonly LogMessage[]
  /**
   * Says the last word: one sync message in `traffic$` acknowledges what nobody has acknowledged, if there is any. No
   * timer ends after it, and nothing else should be asked of the participant but to `encode` that, and to close.
   */
  sayLastWord(): void
  /** Ends every timer and completes the streams. Whoever closes at once leaves senders trying; see {@link Participant.sayLastWord}. */
  close(): void
}
