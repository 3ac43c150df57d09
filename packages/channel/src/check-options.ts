import { type Checks, createChecks } from '@reliable-channels/options'
import { waitLimitsOf } from './outside/wait-limits.ts'
import { type ChannelOptions, MAX_ID_BYTES, type NodeOptions, type SendOptions } from './options.ts'

/** An option, or an argument of `send`, makes no sense: a mistake of the caller. */
export class ChannelOptionError extends TypeError {
  override readonly name = 'ChannelOptionError'
  readonly code = 'ERR_CHANNEL_OPTION'
}

/** Checks of what callers hand over, which throw a {@link ChannelOptionError}. */
export const check: Checks = createChecks((message) => new ChannelOptionError(message))

/** @throws ChannelOptionError, among them `messaging client is required` and `sendHandler is required` */
export function checkNodeOptions(options: NodeOptions): void {
  check.object('options', options, 'an object with "transport"')
  check.names(options, OPENING_NAMES)
  const { transport, store, rateLimit = {}, exclusive = false, randomBytes, limits = {} } = options
  if ((transport as unknown) === undefined || transport === null) {
    throw new ChannelOptionError('messaging client is required')
  }
  check.object('transport', transport, 'a transport such as createWakuTransport() makes')
  for (const name of ['send', 'subscribe', 'unsubscribe'] as const) {
    check.function(`transport.${name}`, transport[name])
  }
  for (const name of ['events$', 'messages$', 'connection$'] as const) {
    check.object(`transport.${name}`, transport[name], 'an observable')
  }
  check.integer('transport.maxMessageBytes', transport.maxMessageBytes, 1)
  if ('sendHandler' in options && typeof options.sendHandler !== 'function') {
    throw new ChannelOptionError('sendHandler is required')
  }
  if (store !== undefined) {
    check.object('store', store, 'a store such as levelStore(database)')
    for (const name of ['get', 'write', 'entries'] as const) check.function(`store.${name}`, store[name])
  }
  if (typeof exclusive === 'object' && exclusive !== null)
    check.names(exclusive, ['name', 'wait', 'signal', 'locks'], 'exclusive')
  check.object('rateLimit', rateLimit, 'options such as { epochMs, messagesPerEpoch }, or a limiter')
  if (exclusive !== false)
    check.text(typeof exclusive === 'object' ? 'exclusive.name' : 'exclusive', nameOf(exclusive))
  check.callback('randomBytes', randomBytes)
  check.object('limits', limits)
  check.names(limits, Object.keys(waitLimitsOf()), 'limits')
  for (const [name, ms] of Object.entries(waitLimitsOf(limits))) check.above(`limits.${name}`, ms, 0)
}

/** @throws ChannelOptionError naming all that is missing, if that is more than the transport */
export function checkOpeningOptions(options: NodeOptions & ChannelOptions): void {
  const names = ['transport', 'channelId', 'contentTopic', 'senderId'] as const
  check.object('options', options, 'an object with "transport", "channelId", "contentTopic" and "senderId"')
  const missing = names.filter((name) => (options[name] as unknown) === undefined)
  if (missing[0] !== 'transport') return
  const listed = missing.map((name) => `"${name}"`).join(', ')
  throw new ChannelOptionError(
    `messaging client is required: ${listed} ${missing.length === 1 ? 'is' : 'are'} missing`,
  )
}

/** Names of options, so that one that is misspelt is not ignored. */
const NODE_NAMES = {
  transport: 1,
  sendHandler: 1,
  rateLimit: 1,
  store: 1,
  exclusive: 1,
  limits: 1,
  scheduler: 1,
  randomBytes: 1,
} satisfies Record<keyof NodeOptions, 1>
const CHANNEL_NAMES = {
  channelId: 1,
  contentTopic: 1,
  senderId: 1,
  profile: 1,
  cipher: 1,
  placement: 1,
  segmentSizeBytes: 1,
  parityRate: 1,
  sendHandler: 1,
  historyMs: 1,
  receipts: 1,
  sds: 1,
  reassembly: 1,
  consume: 1,
  maxUnacknowledged: 1,
  maxHeldBytes: 1,
  maxOpenRequests: 1,
  maxOpenBytes: 1,
  maxConcurrentSends: 1,
  dispatchTimeoutMs: 1,
  signal: 1,
} satisfies Record<keyof ChannelOptions, 1>
const OPENING_NAMES = Object.keys({ ...NODE_NAMES, ...CHANNEL_NAMES })
const SEND_NAMES = Object.keys({
  ephemeral: 1,
  optional: 1,
  order: 1,
  priority: 1,
  requestId: 1,
  signal: 1,
} satisfies Record<keyof SendOptions, 1>)

/** As {@link SendOptions.requestId} has it. */
const REQUEST_ID = /^[\da-f]{20}$/

const nameOf = (exclusive: NonNullable<NodeOptions['exclusive']>): unknown =>
  typeof exclusive === 'object' ? (exclusive as { readonly name: string } | null)?.name : exclusive

/** @throws ChannelOptionError naming the option, what was expected and what came */
export function checkChannelOptions(options: ChannelOptions): void {
  check.object('options', options, 'an object with "channelId", "contentTopic" and "senderId"')
  check.names(options, OPENING_NAMES)
  for (const name of ['channelId', 'contentTopic', 'senderId'] as const) checkId(name, options[name])
  checkContentTopic(options.contentTopic)
  const { profile, cipher, placement = 'envelope', consume = 'automatic', sendHandler } = options
  const { receipts = 'first' } = options
  if (profile !== undefined) checkProfile(profile)
  // Who gives what only a cipher needs does not mean plaintext; or says so.
  if (cipher !== undefined || ['encryption', 'key', 'passphrase'].some((name) => name in options))
    checkCipher(cipher)
  check.oneOf('placement', placement, ['envelope', 'content'])
  check.oneOf('consume', consume, ['automatic', 'acknowledged'])
  check.oneOf('receipts', receipts, ['first', 'all'])
  check.callback('sendHandler', sendHandler)
  checkSignal(options.signal)
  for (const name of ['sds', 'reassembly'] as const) check.object(name, options[name] ?? {})
  for (const [name, least] of Object.entries(NUMBERS) as [keyof typeof NUMBERS, number][]) {
    if (options[name] !== undefined) check.integer(name, options[name], least)
  }
}

/** Options that are integers, each with its lowest value. */
const NUMBERS = {
  maxOpenRequests: 1,
  maxOpenBytes: 1,
  maxConcurrentSends: 1,
  dispatchTimeoutMs: 1,
  maxUnacknowledged: 1,
  maxHeldBytes: 1,
  historyMs: 0,
} as const

/** As 23/WAKU2-TOPICS has it, with or without a generation; the simulator would take any. */
const CONTENT_TOPIC = /^(?:\/\d+)?(?:\/[^/]+){4}$/

function checkContentTopic(contentTopic: string): void {
  check.that(
    CONTENT_TOPIC.test(contentTopic),
    'contentTopic',
    '"/application/version/name/encoding", such as "/my-chat/1/room/proto"',
    contentTopic,
  )
}

function checkId(name: string, id: string): void {
  check.text(name, id)
  check.that(id.isWellFormed(), name, 'well-formed text, without lone surrogates', id)
  const length = new TextEncoder().encode(id).length
  check.that(length <= MAX_ID_BYTES, name, `at most ${MAX_ID_BYTES} bytes`, length)
}

function checkProfile(profile: NonNullable<ChannelOptions['profile']>): void {
  check.object('profile', profile, 'a profile such as lip or jsWaku')
  check.oneOf('profile.sds', profile.sds, ['lip', 'nim'])
  check.oneOf('profile.segments', profile.segments, ['current', 'lip-243', 'raw'])
  check.oneOf('profile.placement', profile.placement, ['envelope', 'content'])
  if (profile.marker !== undefined) check.text('profile.marker', profile.marker)
}

function checkCipher(cipher: ChannelOptions['cipher']): void {
  const { seal, open, overheadBytes } = (cipher ?? {}) as Partial<NonNullable<typeof cipher>>
  const isCipher = typeof seal === 'function' && typeof open === 'function'
  check.that(isCipher, 'cipher', 'a cipher such as xchacha({ key }), with "seal" and "open"', cipher)
  check.integer('cipher.overheadBytes', overheadBytes, 0)
}

/** @throws ChannelOptionError */
export function checkSendOptions(options: SendOptions): void {
  check.object('options', options)
  check.names(options, SEND_NAMES)
  const { ephemeral = false, order = 'causal', priority = 'normal', requestId, signal } = options
  check.boolean('ephemeral', ephemeral)
  check.boolean('optional', options.optional ?? ephemeral)
  check.oneOf('order', order, ['causal', 'none'])
  check.oneOf('priority', priority, ['critical', 'normal', 'optional'])
  if (requestId !== undefined)
    check.that(REQUEST_ID.test(requestId), 'requestId', 'twenty lower-case hexadecimal digits', requestId)
  checkSignal(signal)
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined) return
  check.object('signal', signal, 'an AbortSignal')
  check.function('signal.throwIfAborted', signal.throwIfAborted)
}
