import { isBytes } from '@reliable-channels/options'
import type { ChannelStats } from '../counters.ts'
import type { SendStatus } from '../events.ts'
import type { HistoryOptions } from '../receiving/history.ts'
import type { SendOptions } from '../options.ts'

/*
 * What tabs say to each other, by structured clone. All are of one origin, but perhaps of several versions of the page: each
 * message is looked at before it is believed, and what is none of these is passed over.
 */

/** Of what tabs say. One that leads with another version is heard to be there, and not understood. */
const VERSION = 1
/** Topics that a tab may ask for at once, and requests that a message may tell of. @limit The message is passed over. */
const MOST = 10_000
/** Characters of an id or a name. @limit The message is passed over. */
const MOST_TEXT = 4_096

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
  readonly messageId?: string
  /** Nothing more will be heard of it. */
  readonly ended: boolean
  readonly error?: TabError
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

/** The message as it goes to other tabs. */
export const toPost = (message: TabsMessage): object => ({ v: VERSION, ...message })

/** What another tab has said: a message, the term of a leader that speaks another version, or nothing of the kind. */
export function readMessage(
  data: unknown,
): TabsMessage | { readonly type: 'foreign'; readonly term: number } | undefined {
  if (!isObject(data) || !isText(data['from']) || !isText(data['type'])) return undefined
  const { v, type, term } = data
  if (v !== VERSION) return isCount(term) ? { type: 'foreign', term } : undefined
  const isRight = Object.hasOwn(SHAPES, type) && SHAPES[type as keyof typeof SHAPES](data)
  return isRight ? (data as unknown as TabsMessage) : undefined
}

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MOST_TEXT
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isNumber = (value: unknown): value is number => typeof value === 'number'
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean'
const isList = <T>(value: unknown, each: (one: unknown) => one is T): value is readonly T[] =>
  Array.isArray(value) && value.length <= MOST && value.every(each)
/** `undefined`, or what the check says. */
const may = (value: unknown, is: (value: unknown) => boolean): boolean => value === undefined || is(value)

const PLAIN_TOPICS = ['incoming', 'events', 'outgoing', 'sent', 'connection', 'health', 'members', 'quota']
const isTopic = (value: unknown): value is Topic =>
  isText(value) && (PLAIN_TOPICS.includes(value) || value.startsWith('receipts:'))

const isSending = (value: unknown): boolean =>
  isObject(value) &&
  may(value['ephemeral'], isFlag) &&
  may(value['optional'], isFlag) &&
  may(value['order'], isText) &&
  may(value['priority'], isText)

const ARGUMENTS: { readonly [M in Method]: (args: Fields) => boolean } = {
  send: ({ requestId, payload, options }) => isText(requestId) && isBytes(payload) && isSending(options),
  follow: ({ requestIds }) => isList(requestIds, isText),
  cancel: ({ requestId }) => isText(requestId),
  await: ({ requestId, members }) => isText(requestId) && isList(members, isText),
  history: ({ before, limit }) => may(before, isText) && may(limit, isCount),
  ready: ({ bytes }) => may(bytes, isCount),
  ack: ({ messageId }) => isText(messageId),
}

const COUNTS = ['total', 'data', 'released', 'confirmed', 'failed', 'acknowledged']
const isStatus = (value: unknown): boolean => {
  if (!isObject(value) || !isText(value['state'])) return false
  const { segments, deliveredTo, error, certain, estimatedMs } = value
  const isCounted = isObject(segments) && COUNTS.every((name) => isCount(segments[name]))
  return (
    isCounted &&
    isList(deliveredTo, isText) &&
    may(error, isText) &&
    may(certain, isFlag) &&
    may(estimatedMs, isNumber)
  )
}

const isError = (value: unknown): boolean =>
  isObject(value) &&
  isText(value['name']) &&
  typeof value['message'] === 'string' &&
  may(value['code'], isText) &&
  may(value['certain'], isFlag)

const isNews = (value: unknown): value is RequestNews =>
  isObject(value) &&
  isText(value['requestId']) &&
  isFlag(value['ephemeral']) &&
  isStatus(value['status']) &&
  isFlag(value['accepted']) &&
  may(value['messageId'], isText) &&
  isFlag(value['ended']) &&
  may(value['error'], isError)

const STATS = ['messages', 'out', 'in', 'sds', 'waiting', 'quota', 'drops']
const isStats = (value: unknown): boolean => isObject(value) && STATS.every((name) => isCounts(value[name]))
const isCounts = (value: unknown): boolean => isObject(value) && Object.values(value).every(isNumber)

const isChannel = (value: unknown): boolean =>
  isObject(value) &&
  isText(value['channelId']) &&
  isText(value['contentTopic']) &&
  isText(value['senderId']) &&
  isStats(value['stats'])

const isReceived = (value: unknown): boolean =>
  isObject(value) &&
  isBytes(value['payload']) &&
  isText(value['senderId']) &&
  isText(value['messageId']) &&
  isFlag(value['late']) &&
  isFlag(value['ephemeral']) &&
  isFlag(value['redelivered'])

const isMember = (value: unknown): value is object =>
  isObject(value) && isText(value['senderId']) && isNumber(value['lastHeardAt']) && isText(value['state'])

const VALUES: Readonly<Record<string, (value: unknown) => boolean>> = {
  incoming: isReceived,
  events: (value) => isObject(value) && isText(value['type']) && isText(value['channelId']),
  outgoing: (value) => isObject(value) && isObject(value['envelope']) && isText(value['messageId']),
  sent: (value) => isObject(value) && isText(value['requestId']) && isBytes(value['payload']),
  connection: (value) => isObject(value) && isText(value['state']) && may(value['problem'], isObject),
  health: (value) => isObject(value) && isText(value['state']) && Array.isArray(value['holes']),
  members: (value) => isList(value, isMember),
  quota: (value) => isObject(value) && isNumber(value['limit']) && isNumber(value['left']),
}
const isValue = (topic: Topic, value: unknown): boolean =>
  topic.startsWith('receipts:') ? isList(value, isText) : VALUES[topic]!(value)

const byLeader =
  (is: (message: Fields) => boolean) =>
  (message: Fields): boolean =>
    isCount(message['term']) && is(message)

const SHAPES: { readonly [T in TabsMessage['type']]: (message: Fields) => boolean } = {
  here: ({ topics, asks }) => isList(topics, isTopic) && isFlag(asks),
  bye: () => true,
  call: ({ call, method, args }) =>
    isCount(call) && isText(method) && Object.hasOwn(ARGUMENTS, method) && isObject(args)
      ? ARGUMENTS[method as Method](args)
      : false,
  drop: ({ call }) => isCount(call),
  leading: byLeader(({ channel }) => may(channel, isChannel)),
  value: byLeader(({ topic, value, to }) => isTopic(topic) && isValue(topic, value) && may(to, isText)),
  requests: byLeader(({ news }) => isList(news, isNews)),
  answer: byLeader(({ to, call }) => isText(to) && isCount(call)),
  refusal: byLeader(({ to, call, error }) => isText(to) && isCount(call) && isError(error)),
  echo: byLeader(() => true),
}
