import { type Checks, createChecks } from '@reliable-channels/options'

import type { ArchiveLimits } from './core/archive.ts'
import type { DevnetQuota } from './core/quota.ts'
import type { RateLimit } from './core/rate-limiter.ts'
import type { SubscriptionLimits } from './core/subscriptions.ts'
import { MAX_SHARDS } from './topics.ts'

/** Options of {@link devnet}. Every one has a default. */
export interface DevnetOptions {
  /** Service nodes, 1 to 32. A lone node answers light pushes with 505, as a real one does. @default 3 */
  readonly nodes?: number
  /** Cluster of the network, 0 to 65535. @default 66 */
  readonly clusterId?: number
  /** Static sharding on these shards, or autosharding over so many. @default `{ autosharding: 8 }` */
  readonly shards?: readonly number[] | { readonly autosharding: number }
  /** Limits of the store, or `false` for nodes without one. */
  readonly store?: DevnetStoreOptions | false
  /** Limits of the filter service. */
  readonly filter?: DevnetFilterOptions
  /** Requests that the nodes take, or `false` for as many as come. The defaults are the real node's. */
  readonly rateLimits?: DevnetRateLimits | false
  /**
   * Light pushes that a peer may make at each node in each epoch: a stand-in for RLN.
   * @limit The answer is 504, until the next epoch.
   * @default no quota
   */
  readonly quota?: DevnetQuota
  /** Address to listen on. Nothing but loopback unless told otherwise. @default '127.0.0.1' */
  readonly host?: string
  /** First port: node i listens on port + 2i (WebSocket) and port + 2i + 1 (TCP); 0 takes free ones. @default 0 */
  readonly port?: number
  /** Makes peer ids and faults repeatable. @default 1 */
  readonly seed?: number
  /**
   * Who is linked to whom. `'mesh'`: everybody to everybody up to eight nodes, beyond that each to those
   * 1, 2, 4, 8… places away. `'line'`: each to the next.
   * @default 'mesh'
   */
  readonly topology?: 'mesh' | 'line'
  /** Hears of every message that enters the network, once. */
  readonly onMessage?: (message: DevnetMessage) => void
  /** Ends the start, with its reason, once what has begun to run has stopped. A network that runs goes on: `close()` it. */
  readonly signal?: AbortSignal
}

/** Options of the stores of a devnet. */
export interface DevnetStoreOptions {
  /** Age of a message, ms, by its own timestamp. @limit It is forgotten. @default 172_800_000 (two days) */
  readonly retentionMs?: number
  /** Messages a node keeps. @limit The oldest go. @default 50_000 */
  readonly maxMessages?: number
  /** Bytes of messages a node keeps. @limit The oldest go. @default 134_217_728 */
  readonly maxBytes?: number
  /** Directory to keep the messages in, one file a node; without it they are in memory. @default none */
  readonly db?: string
}

/** Limits of the filter service; the defaults are the real node's. */
export interface DevnetFilterOptions {
  /** Time of a peer without a ping or subscribe, ms. @limit Its subscriptions end. @default 300_000 */
  readonly subscriptionTimeoutMs?: number
  /** Peers served at a time. @limit A further one is refused (503). @default 1000 */
  readonly maxPeers?: number
  /** Content topics a peer may hold. @limit A request for more is refused (503). @default 1000 */
  readonly maxCriteriaPerPeer?: number
}

/** Requests that a node takes; beyond them it answers 429. */
export interface DevnetRateLimits {
  /**
   * Light pushes, of one peer and of all.
   * @limit The answer is 429.
   * @default `{ volume: 5, periodMs: 1000 }`, which lets one peer push 37 times in ten seconds
   */
  readonly lightPush?: RateLimit | false
  /** Requests to the filter service. @limit The answer is 429. @default `{ volume: 100, periodMs: 1000 }` */
  readonly filter?: RateLimit | false
  /** Queries of the store. @limit The answer is 429. @default false */
  readonly store?: RateLimit | false
  /**
   * Whether a 429 costs js-waku its connection, and a minute of being turned away, as it does at a real
   * node; clients that send a request in one piece get away with the 429.
   * @default true
   */
  readonly breakConnections?: boolean
}

/** A message that entered the network. */
export interface DevnetMessage {
  /** Index of the node that took it. */
  readonly node: number
  /** How it came to that node: pushed by a light node, or gossiped by a relay outside this devnet. */
  readonly via: 'light-push' | 'relay'
  /** Message hash (14/WAKU2-MESSAGE), hex. */
  readonly hash: string
  readonly pubsubTopic: string
  readonly contentTopic: string
  readonly payload: Uint8Array
  readonly meta: Uint8Array
  /** Nanoseconds since 1970. */
  readonly timestamp: bigint
  readonly ephemeral: boolean
  /** Whether the node's store kept it. */
  readonly stored: boolean
  /** Filter subscribers of the node that it was pushed to. */
  readonly subscribers: number
}

/** The options given to {@link devnet} make no network. */
export class DevnetOptionsError extends Error {
  override readonly name = 'DevnetOptionsError'
  readonly code = 'ERR_DEVNET_OPTIONS'
}

const check: Checks = createChecks((message) => new DevnetOptionsError(message))

/** Options with every default filled in. */
export interface DevnetSettings {
  readonly nodes: number
  readonly clusterId: number
  readonly shards: readonly number[]
  /** Shards of the network under autosharding; `undefined` under static sharding. */
  readonly shardCount: number | undefined
  readonly store: ResolvedStore | undefined
  readonly filter: SubscriptionLimits
  readonly rateLimits: ResolvedRateLimits
  readonly quota: DevnetQuota | undefined
  readonly host: string
  readonly port: number
  readonly seed: number
  readonly topology: 'mesh' | 'line'
  readonly onMessage: ((message: DevnetMessage) => void) | undefined
}

/** Options of the stores, with every default filled in. */
export interface ResolvedStore extends ArchiveLimits {
  readonly db: string | undefined
}

/** Rate limits with every default filled in; `false` for none. */
export type ResolvedRateLimits = Required<DevnetRateLimits>

const NO_LIMITS: ResolvedRateLimits = {
  lightPush: false,
  filter: false,
  store: false,
  breakConnections: false,
}
const MAX_NODES = 32

/** Checks the options and fills in the defaults. */
export function devnetSettings(options: DevnetOptions): DevnetSettings {
  check.object('options', options)
  const {
    nodes = 3,
    clusterId = 66,
    shards = { autosharding: 8 },
    store = {},
    filter = {},
    rateLimits = {},
    quota,
    host = '127.0.0.1',
    port = 0,
    seed = 1,
    topology = 'mesh',
    onMessage,
    signal,
  } = options
  check.integer('nodes', nodes, 1, MAX_NODES)
  check.integer('clusterId', clusterId, 0, 65_535)
  check.integer('port', port, 0, 65_536 - 2 * nodes)
  check.integer('seed', seed, 0, 0xffff_ffff)
  check.text('host', host)
  check.oneOf('topology', topology, ['mesh', 'line'])
  check.callback('onMessage', onMessage)
  if (signal !== undefined) {
    check.object('signal', signal, 'an AbortSignal')
    check.function('signal.throwIfAborted', signal.throwIfAborted)
  }
  return {
    nodes,
    clusterId,
    ...resolveShards(shards),
    store: store === false ? undefined : resolveStore(store),
    filter: resolveFilter(filter),
    rateLimits: rateLimits === false ? NO_LIMITS : resolveRateLimits(rateLimits),
    quota: quota === undefined ? undefined : resolveQuota(quota),
    host,
    port,
    seed,
    topology,
    onMessage,
  }
}

function resolveShards(
  shards: NonNullable<DevnetOptions['shards']>,
): Pick<DevnetSettings, 'shards' | 'shardCount'> {
  check.object('shards', shards, 'shards or { autosharding }')
  if ('autosharding' in shards) {
    const shardCount = shards.autosharding
    check.integer('shards.autosharding', shardCount, 1, MAX_SHARDS)
    return { shards: Array.from({ length: shardCount }, (_, shard) => shard), shardCount }
  }
  check.that(Array.isArray(shards), 'shards', 'an array of shards or { autosharding }', shards)
  const isFew = shards.length > 0 && shards.length <= MAX_SHARDS
  check.that(isFew, 'shards', `1 to ${MAX_SHARDS} shards`, shards.length)
  for (const shard of shards) check.integer('shards', shard, 0, MAX_SHARDS - 1)
  return { shards: [...new Set(shards)], shardCount: undefined }
}

function resolveStore(store: DevnetStoreOptions): ResolvedStore {
  check.object('store', store, 'an object or false')
  const { retentionMs = 172_800_000, maxMessages = 50_000, maxBytes = 128 * 1024 * 1024, db } = store
  check.integer('store.retentionMs', retentionMs, 1, Number.MAX_SAFE_INTEGER)
  check.integer('store.maxMessages', maxMessages, 1, 10_000_000)
  check.integer('store.maxBytes', maxBytes, 1, Number.MAX_SAFE_INTEGER)
  const isPath = db === undefined || (typeof db === 'string' && db !== '')
  check.that(isPath, 'store.db', 'the path of a directory', db)
  return { retentionMs, maxMessages, maxBytes, db }
}

function resolveFilter(filter: DevnetFilterOptions): SubscriptionLimits {
  check.object('filter', filter)
  const { subscriptionTimeoutMs = 300_000, maxPeers = 1000, maxCriteriaPerPeer = 1000 } = filter
  check.integer('filter.subscriptionTimeoutMs', subscriptionTimeoutMs, 1, Number.MAX_SAFE_INTEGER)
  check.integer('filter.maxPeers', maxPeers, 1, 100_000)
  check.integer('filter.maxCriteriaPerPeer', maxCriteriaPerPeer, 1, 100_000)
  return { subscriptionTimeoutMs, maxPeers, maxCriteriaPerPeer }
}

function resolveRateLimits(limits: DevnetRateLimits): ResolvedRateLimits {
  check.object('rateLimits', limits, 'an object or false')
  const {
    lightPush = { volume: 5, periodMs: 1000 },
    filter = { volume: 100, periodMs: 1000 },
    store = false,
    breakConnections = true,
  } = limits
  for (const [name, limit] of Object.entries({ lightPush, filter, store })) {
    if (limit === false) continue
    check.object(`rateLimits.${name}`, limit, '{ volume, periodMs } or false')
    check.integer(`rateLimits.${name}.volume`, limit.volume, 1, 1_000_000)
    check.integer(`rateLimits.${name}.periodMs`, limit.periodMs, 1, 86_400_000)
  }
  check.boolean('rateLimits.breakConnections', breakConnections)
  return { lightPush, filter, store, breakConnections }
}

function resolveQuota(quota: DevnetQuota): DevnetQuota {
  check.object('quota', quota, '{ messages, epochMs }')
  check.integer('quota.messages', quota.messages, 0, Number.MAX_SAFE_INTEGER)
  check.integer('quota.epochMs', quota.epochMs, 1, Number.MAX_SAFE_INTEGER)
  return quota
}
