import type { ChannelStats } from '../counters.ts'
import type { SendStatus } from '../events.ts'
import type { HistoryOptions } from '../receiving/history.ts'
import type { SendOptions } from '../options.ts'

/* What tabs say to each other, by structured clone. */

/** Something that the leader tells whoever asks for it, from then on. */
export type Topic =
  | 'incoming'
  | 'events'
  | 'outgoing'
  | 'sent'
  | 'connection'
  | 'health'
  | 'members'
  | 'quota'
  | `receipts:${string}`

/** What a tab may ask the leader to do. */
export interface Calls {
  readonly send: {
    readonly requestId: string
    readonly payload: Uint8Array<ArrayBuffer>
    readonly options: Pick<SendOptions, 'ephemeral' | 'optional' | 'order' | 'priority'>
  }
  /** To tell of requests again that another leader took. */
  readonly follow: { readonly requestIds: readonly string[] }
  readonly cancel: { readonly requestId: string }
  /** Those members are waited for to have a message. */
  readonly await: { readonly requestId: string; readonly members: readonly string[] }
  readonly history: Pick<HistoryOptions, 'before' | 'limit' | 'network'>
  readonly ready: { readonly bytes: number | undefined }
  readonly ack: { readonly messageId: string }
}

/** The name of a call. */
export type Method = keyof Calls

/** A call, with what it asks for. */
export type Call = {
  readonly [M in Method]: {
    readonly type: 'call'
    readonly call: number
    readonly method: M
    readonly args: Calls[M]
  }
}[Method]

/** What a tab says to the leader. */
export type FromTab =
  /** It is there, and wants these. `asks`: to hear of the leader. */
  | { readonly type: 'here'; readonly topics: readonly Topic[]; readonly asks: boolean }
  | { readonly type: 'bye' }
  | Call
  /** It does not wait for the answer any more. */
  | { readonly type: 'drop'; readonly call: number }

/** An error that goes from one tab to another. */
export interface TabError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly certain?: boolean
}

/** What is new of a request. */
export interface RequestNews {
  readonly requestId: string
  readonly ephemeral: boolean
  readonly status: SendStatus
  readonly accepted: boolean
  readonly messageId?: string | undefined
  /** Nothing more will be heard of it. */
  readonly ended: boolean
  readonly error?: TabError | undefined
}

/** The channel that the leader has open. */
export interface ChannelInfo {
  readonly channelId: string
  readonly contentTopic: string
  readonly senderId: string
  readonly stats: ChannelStats
}

/** What the leader says to tabs. */
export type FromLeader =
  /** It leads; `channel` is there once that is open. */
  | { readonly type: 'leading'; readonly channel?: ChannelInfo }
  /** `to`: the one who has asked just now; else all. */
  | { readonly type: 'value'; readonly topic: Topic; readonly value: unknown; readonly to?: string }
  | { readonly type: 'requests'; readonly news: readonly RequestNews[] }
  | { readonly type: 'answer'; readonly to: string; readonly call: number; readonly value: unknown }
  | { readonly type: 'refusal'; readonly to: string; readonly call: number; readonly error: TabError }
  /** To oneself: whoever hears it has heard all that was said before. */
  | { readonly type: 'echo' }

/** A message with who says it: a leader says its term too, of which a later one has a higher. */
export type TabsMessage =
  | (FromTab & { readonly from: string })
  | (FromLeader & { readonly from: string; readonly term: number })
