/** What the process that is killed and the one that outlives it tell each other. */
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
  /** What the application is done with is not deleted. */
  | 'full-inbox'
  /** What SDS knows is not kept. */
  | 'no-sds'

/** What a session does, all of it decided by its seed. */
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

/** What went to the network meanwhile. */
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

/** Written down before the next instruction, so that it outlives the process. */
export type JournalEntry =
  | { readonly type: 'sending' | 'accepted'; readonly channel: ChannelName; readonly n: number }
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
