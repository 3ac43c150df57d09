import type { Frame } from '@reliable-channels/stage'
import type { SdsEvent, SdsHealth, SyncReason } from './event.ts'
import type { Lamport } from './wire/lamport.ts'
import type { HistoryEntry } from './wire/message.ts'

/** How urgent a message is: one that is more urgent does not wait for those that have not left. */
export type Urgency = 'critical' | 'normal' | 'optional'

/** A message that need not be waited for. */
export interface WaivedId {
  readonly messageId: string
  /** By whose word: it counts as met where it is listed as that sender's. Without it, everywhere. */
  readonly senderId?: string
}

/** An own message of which it is to be told who has it. */
export interface FollowedMessage {
  readonly messageId: string
  /** Who acknowledged it before a restart; or, where that is awaited, who is to. */
  readonly acknowledgedBy: readonly string[]
  /** With `acknowledge: 'each'`: they are to be reminded of it, whether they were heard or not. @default false */
  readonly isAwaited?: boolean
}

/** A message of somebody else that is to be asked for. */
export interface WantedMessage {
  readonly messageId: string
  readonly senderId: string
}

/** Bytes from the network. */
export interface Arrival {
  readonly frame: Frame
  /** Where to what is in them goes. */
  readonly lane?: object
}

/** An input of an SDS stage. */
export type SdsInput =
  /** Starts the timers of restored state. Any other first input does too. */
  | { readonly type: 'start' }
  /** Content to be sent. `ephemeral` asks for no tracking, which the `nim` dialect does not know. */
  | {
      readonly type: 'wrap'
      readonly frame: Frame
      readonly ephemeral?: boolean
      readonly order?: 'causal' | 'none'
      readonly priority?: Urgency
      readonly group?: string
      readonly isPart?: boolean
      readonly lane?: object
    }
  /** Bytes from the network. */
  | ({ readonly type: 'receive' } & Arrival)
  /**
   * A frame of this stage leaves now: with `encoding: 'at-release'` it is encoded. Own traffic that has become
   * superfluous in the meantime is not put out.
   */
  | { readonly type: 'encode'; readonly frame: FrameToEncode; readonly lane?: object }
  /** Own traffic was asked whether it is `wanted`, said no, and was dropped. */
  | { readonly type: 'withdrawn'; readonly frame: Pick<TrafficFrame, 'messageId' | 'kind'> }
  /** The latest attempt to dispatch a frame of this stage has ended: of that kind, or of any where it is not told. */
  | {
      readonly type: 'dispatch-ended'
      readonly messageId: string
      readonly outcome: DispatchOutcome
      readonly kind?: FrameKind | undefined
    }
  /** Counts ids as met. */
  | {
      readonly type: 'waive'
      readonly messages: readonly WaivedId[]
      /** Parked messages that need not wait for them; what else depends on them waits for these. */
      readonly dependents?: readonly string[]
    }
  /** Tells who else has own messages that were acknowledged before a restart, and who does not any more. */
  | { readonly type: 'follow'; readonly messages: readonly FollowedMessage[] }
  /** Sends own messages again to somebody who had them and does not any more. */
  | { readonly type: 'send-again'; readonly messageIds: readonly string[]; readonly by: string }
  /** Asks for messages of others that were refused, or whose content is forgotten. */
  | { readonly type: 'want'; readonly messages: readonly WantedMessage[] }
  /** Messages of others that were delivered do not count as received any more. */
  | { readonly type: 'disown'; readonly messageIds: readonly string[] }
  /** Takes back messages that never left. `answer.open` false: nobody waits any longer, so nothing is taken back. */
  | {
      readonly type: 'abandon'
      readonly messageIds: readonly string[]
      readonly answer: { open: boolean; taken: boolean }
    }
  /** The last input but what has to do with the dispatch of its frames: says what is still to be acknowledged. */
  | { readonly type: 'last-word' }
  /** The machine slept: deadlines wait until the channel has caught up. */
  | { readonly type: 'suspended'; readonly lateMs: number }

/** How the dispatch of a frame ended. */
export type DispatchOutcome = 'dispatched' | 'failed'

/** The kind of a participant's frame: content that is wrapped, or traffic of its own. */
export type FrameKind = 'content' | 'retransmission' | 'repair' | 'sync'

/** A frame of the participant's that is to be encoded; its id and its kind tell which one. */
export interface FrameToEncode extends Frame {
  readonly messageId: string
  readonly kind: FrameKind
}

/** Traffic of the participant's own. */
export interface TrafficFrame {
  /** The encoded SDS message; empty with `encoding: 'at-release'`. */
  readonly payload: Uint8Array<ArrayBuffer>
  readonly messageId: string
  readonly kind: Exclude<FrameKind, 'content'>
  readonly priority: Urgency
  /** Whether the network need not store it. */
  readonly ephemeral: boolean
  /** A frame with the same key that still waits to be dispatched is replaced by this one. */
  readonly replaces?: 'sync'
  /** Why a sync message is sent. */
  readonly reason?: SyncReason
  /**
   * With `encoding: 'at-release'`: whether it is still to be sent. What others have sent meanwhile, or own content that
   * waits, may have made it superfluous. One that is not wanted is to be dropped and reported as `withdrawn`.
   */
  readonly wanted?: (now: number) => boolean
}

/** A message that waits for others. */
export interface ParkedMessage {
  readonly messageId: string
  readonly senderId: string
  readonly lamport: Lamport
  readonly content: Uint8Array<ArrayBuffer>
  /** Ids that it waits for. */
  readonly missing: readonly string[]
  /** Its causal history, oldest first, as far as the sender is the same. */
  readonly sameSenderHistory: readonly HistoryEntry[]
}

/** An output of an SDS stage. */
export type SdsOutput =
  | {
      readonly type: 'wrapped'
      readonly lane: object | undefined
      readonly frame: Frame
      readonly payload: Uint8Array<ArrayBuffer>
      readonly messageId: string
      /** With `encoding: 'at-release'`: whether it was not taken back. */
      readonly wanted?: (now: number) => boolean
    }
  /** A frame that was to be encoded is not wanted any more. */
  | { readonly type: 'not-encoded'; readonly lane: object | undefined; readonly frame: FrameToEncode }
  | {
      readonly type: 'encoded'
      readonly lane: object | undefined
      readonly frame: FrameToEncode
      readonly payload: Uint8Array<ArrayBuffer>
    }
  | {
      readonly type: 'delivered'
      readonly lane: object | undefined
      /** The fields of the frame it came in, if they were kept. */
      readonly frame: object | undefined
      readonly payload: Uint8Array<ArrayBuffer>
      readonly messageId: string
      readonly senderId: string
      readonly lamport: Lamport | undefined
      /** It had been waived or given up before it arrived, or comes before such a one by what that names. */
      readonly late: boolean
      readonly own: boolean
      readonly ephemeral: boolean
    }
  | { readonly type: 'traffic'; readonly frame: TrafficFrame }
  | { readonly type: 'parked'; readonly message: ParkedMessage }
  | { readonly type: 'event'; readonly event: SdsEvent }
  | { readonly type: 'health'; readonly health: SdsHealth }
