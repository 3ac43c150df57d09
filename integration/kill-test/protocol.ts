/** The messages between the process that is killed and the one that outlives it. */
import type { Envelope, TransportEvent, TransportMessage } from '@reliable-channels/transport'

export type Sender = 'alice' | 'bob' | 'carol'
export type ChannelName = 'plain' | 'acknowledged'
export const CHANNELS: readonly ChannelName[] = ['plain', 'acknowledged']

/** Newest message of each sender: what a message comes after. */
export type After = Partial<Record<Sender, number>>

/** The payload of each message, before padding. */
export interface Content {
  readonly n: number
  readonly after: After
}

/** A store made worse, so that the test must fail. */
export type Fault =
  /** Writes are answered at once and applied when the next one comes. */
  | 'late-writes'
  /** The used quota is not kept. */
  | 'no-quota'
  /** Messages for the application are not kept. */
  | 'no-inbox'
  /** Messages that the application is done with are not deleted. */
  | 'full-inbox'
  /** The state of SDS is not kept. */
  | 'no-sds'
  /** Requests are not kept. */
  | 'no-requests'
  /** Requests that are over, of which everything was told, are not deleted. */
  | 'full-requests'

/** The plan of a session, all of it decided by its seed. */
export interface SessionPlan {
  readonly seed: number
  /** The process kills itself when it comes to the point of this number. */
  readonly killAt: number | undefined
  /** Chance of a message in each channel, at each step. */
  readonly sendRate: number
  readonly fault: Fault | undefined
}

/** What the application knows of a channel, as one that survives would. */
export interface ChannelMemory {
  /** Number of the next own message. */
  readonly next: number
  readonly after: After
}

/** Told once at the beginning. */
export interface Opening {
  readonly directory: string
  readonly journal: string
  readonly nowMs: number
  readonly plan: SessionPlan
  readonly memory: Readonly<Record<ChannelName, ChannelMemory>>
}

/** A question to the network's memory. */
export interface Query {
  readonly id: number
  readonly contentTopic?: string
  readonly sinceMs?: number
  readonly hashes?: readonly string[]
}

/** A piece of time: what the network brought before it. */
export interface StepInput {
  readonly ms: number
  readonly messages: readonly TransportMessage[]
  readonly events: readonly TransportEvent[]
  readonly answers: readonly { readonly id: number; readonly messages: readonly TransportMessage[] }[]
}

/** The messages and requests that went to the network meanwhile. */
export interface StepOutput {
  readonly sent: readonly { readonly requestId: string; readonly envelope: Envelope }[]
  readonly queries: readonly Query[]
  /** Points that were passed since the beginning. */
  readonly points: number
}

export type Command =
  | { readonly type: 'open'; readonly opening: Opening }
  | { readonly type: 'step'; readonly input: StepInput }
  | { readonly type: 'close' }

export type Answer =
  | { readonly type: 'stepped'; readonly output: StepOutput }
  | { readonly type: 'opened' | 'closed' }
  | { readonly type: 'broken'; readonly error: string }

/** One of the two ends of a request. */
export type RequestEnd =
  | { readonly end: 'sent' | 'send-error' | 'cancelled' | 'delivery-error' }
  | {
      readonly end: 'delivered'
      readonly deliveredTo: readonly string[]
      /** The end that it takes the place of: an error, or a delivery to those who have lost it. */
      readonly replaces: 'delivery-error' | 'delivered' | undefined
    }

/** Written down before the next instruction, so that it outlives the process. */
export type JournalEntry =
  | { readonly type: 'sending'; readonly channel: ChannelName; readonly n: number }
  /** `after`: the newest own message that later ones name. */
  | { readonly type: 'accepted'; readonly channel: ChannelName; readonly n: number; readonly after: number }
  /** `send` has returned. */
  | {
      readonly type: 'requested'
      readonly channel: ChannelName
      readonly n: number
      readonly requestId: string
    }
  /** It was there when the channel was opened. */
  | { readonly type: 'restored'; readonly channel: ChannelName; readonly requestId: string }
  /** It is about to be taken back; or that came too late. */
  | { readonly type: 'cancelling'; readonly requestId: string }
  | {
      readonly type: 'too-late'
      readonly channel: ChannelName
      readonly requestId: string
      readonly after: number
    }
  /** An end of a request was told. */
  | ({ readonly type: 'ended'; readonly requestId: string; readonly redelivered: boolean } & RequestEnd)
  | {
      readonly type: 'received'
      readonly channel: ChannelName
      readonly sender: Sender
      readonly content: Content
      readonly redelivered: boolean
    }
  | {
      readonly type: 'acknowledging' | 'acknowledged'
      readonly channel: ChannelName
      readonly sender: Sender
      readonly n: number
    }
  /** Something was handed to the network. */
  | { readonly type: 'left'; readonly epoch: number }

/** The quota of the process that is killed. */
export const QUOTA: { readonly epochMs: number; readonly messagesPerEpoch: number } = {
  epochMs: 10_000,
  messagesPerEpoch: 25,
}
