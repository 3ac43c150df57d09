import { isBytes } from '@reliable-channels/options'
import type { Method, TabsMessage, Topic } from './messages.ts'

/*
 * All tabs are of one origin, but perhaps of several versions of the page: each message is looked at before it is believed, and
 * what is none of those that tabs say is passed over.
 */

/** Of what tabs say. One that leads with another version is heard to be there, and not understood. */
const VERSION = 1
/** Topics that a tab may ask for at once, and requests that a message may tell of. @limit The message is passed over. */
const MOST = 10_000
/** Characters of an id or a name. @limit The message is passed over. */
const MOST_TEXT = 4_096

/** The message as it goes to other tabs. */
export const toPost = (message: TabsMessage): object => ({ v: VERSION, ...message })

/** What another tab has said: a message, or the term of a leader that speaks another version. */
export type HeardMessage = TabsMessage | { readonly type: 'foreign'; readonly term: number }

/** Reads what another tab has said; `undefined` where it is nothing of the kind. */
export function readMessage(data: unknown): HeardMessage | undefined {
  if (!isNamed(data)) return undefined
  const { v, type, term } = data
  if (v !== VERSION) return isCount(term) ? { type: 'foreign', term } : undefined
  return checkIn(MESSAGES, type)?.(data) ? (data as unknown as TabsMessage) : undefined
}

type Fields = Readonly<Record<string, unknown>>
type Check = (value: unknown) => boolean

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MOST_TEXT
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isNumber: Check = (value) => typeof value === 'number'
const isFlag: Check = (value) => typeof value === 'boolean'
const isLongText: Check = (value) => typeof value === 'string'
const may =
  (is: Check): Check =>
  (value) =>
    value === undefined || is(value)
const listOf =
  (is: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= MOST && value.every(is)
/** Of an object with these fields, and perhaps others. */
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, is]) => is(value[name]))
const checkIn = (checks: Readonly<Record<string, Check>>, name: unknown): Check | undefined =>
  isText(name) && Object.hasOwn(checks, name) ? checks[name] : undefined

const isNamed = shape({ from: isText, type: isText }) as (value: unknown) => value is Fields
const isTexts = listOf(isText)
const isCounts: Check = (value) => isObject(value) && Object.values(value).every(isNumber)

const ARGUMENTS: Readonly<Record<Method, Check>> = {
  send: shape({
    requestId: isText,
    payload: isBytes,
    options: shape({
      ephemeral: may(isFlag),
      optional: may(isFlag),
      order: may(isText),
      priority: may(isText),
    }),
  }),
  follow: shape({ requestIds: isTexts }),
  cancel: shape({ requestId: isText }),
  await: shape({ requestId: isText, members: isTexts }),
  history: shape({ before: may(isText), limit: may(isCount) }),
  ready: shape({ bytes: may(isCount) }),
  ack: shape({ messageId: isText }),
}

const VALUES: Readonly<Record<Exclude<Topic, `receipts:${string}`>, Check>> = {
  incoming: shape({
    payload: isBytes,
    senderId: isText,
    messageId: isText,
    late: isFlag,
    ephemeral: isFlag,
    redelivered: isFlag,
  }),
  events: shape({ type: isText, channelId: isText }),
  outgoing: shape({ envelope: isObject, messageId: isText }),
  sent: shape({ requestId: isText, payload: isBytes }),
  connection: shape({ state: isText, problem: may(isObject) }),
  health: shape({ state: isText, holes: Array.isArray }),
  members: listOf(shape({ senderId: isText, lastHeardAt: isNumber, state: isText })),
  quota: shape({ limit: isNumber, left: isNumber }),
}
/** The check of what is told of a topic, if it is one. */
const valueOf = (topic: unknown): Check | undefined =>
  isText(topic) && topic.startsWith('receipts:') ? isTexts : checkIn(VALUES, topic)
const isTopic: Check = (value) => valueOf(value) !== undefined

const isError = shape({ name: isText, message: isLongText, code: may(isText), certain: may(isFlag) })

const isNews = shape({
  requestId: isText,
  ephemeral: isFlag,
  status: shape({
    state: isText,
    segments: shape({
      total: isCount,
      data: isCount,
      released: isCount,
      confirmed: isCount,
      failed: isCount,
      acknowledged: isCount,
    }),
    deliveredTo: isTexts,
    error: may(isText),
    certain: may(isFlag),
    estimatedMs: may(isNumber),
  }),
  accepted: isFlag,
  messageId: may(isText),
  ended: isFlag,
  error: may(isError),
})

const isChannel = shape({
  channelId: isText,
  contentTopic: isText,
  senderId: isText,
  stats: shape({
    messages: isCounts,
    out: isCounts,
    in: isCounts,
    sds: isCounts,
    waiting: isCounts,
    quota: isCounts,
    drops: isCounts,
  }),
})

const byLeader = (fields: Readonly<Record<string, Check>>): Check => shape({ term: isCount, ...fields })

const isToldTo = byLeader({ to: may(isText) })

const MESSAGES: Readonly<Record<TabsMessage['type'], Check>> = {
  here: shape({ topics: listOf(isTopic), asks: isFlag }),
  bye: () => true,
  call: (message) => {
    const { call, method, args } = message as Fields
    return isCount(call) && (checkIn(ARGUMENTS, method)?.(args) ?? false)
  },
  drop: shape({ call: isCount }),
  leading: byLeader({ channel: may(isChannel) }),
  value: (message) => {
    const { topic, value } = message as Fields
    return isToldTo(message) && (valueOf(topic)?.(value) ?? false)
  },
  requests: byLeader({ news: listOf(isNews) }),
  answer: byLeader({ to: isText, call: isCount }),
  refusal: byLeader({ to: isText, call: isCount, error: isError }),
  echo: byLeader({}),
}
