import { type SchedulerLike, asyncScheduler } from 'rxjs'

import { check } from './check.ts'

/** Options of {@link wakuTransport}. Every one has a default. */
export interface WakuTransportOptions {
  /** Shard of all content topics, for networks with static sharding. @default by the content topic (autosharding) */
  readonly shardId?: number
  /**
   * Messages pushed to each service node a second. The real node takes 37 in ten seconds from one peer, and beyond that
   * turns it away for a minute. `Infinity` for no limit.
   * @limit Further ones wait, and likewise where those of half a second, or two, are not yet answered.
   * @default 3
   */
  readonly pushesPerSecond?: number
  /**
   * Messages that may be pushed to a service node at once after a pause, from 1.
   * @limit Further ones wait for `pushesPerSecond`.
   * @default 5
   */
  readonly pushBurst?: number
  /** Pushes under way at the same time, over all service nodes, 1 to 32. @limit Further ones wait. @default 32 */
  readonly maxConcurrentPushes?: number
  /** Store queries to each service node a second. @limit Further ones wait. @default 10 */
  readonly queriesPerSecond?: number
  /**
   * How long one request to a service node may take, ms.
   * @limit It has failed, and another service node is asked.
   * @default 5000
   */
  readonly requestTimeoutMs?: number
  /**
   * Pushes of one message, to one service node after the other, from 1.
   * @limit The message is given up (`message-error`).
   * @default 8
   */
  readonly maxAttempts?: number
  /**
   * How long a message waits while no service node is reachable, or all ask for a slower pace, ms.
   * @limit The message is given up (`message-error`).
   * @default 60_000
   */
  readonly giveUpMs?: number
  /**
   * When a message counts as sent: once `confirmPeers` service nodes took it, or once a store has it too.
   * A store that does not answer is not waited for longer than `confirmStoreMs`; ephemeral messages are not
   * stored and need none. @default 'peers'
   */
  readonly confirm?: 'peers' | 'store'
  /** Service nodes that must have taken a message, 1 to 8. @default 1 */
  readonly confirmPeers?: number
  /**
   * Longest wait for a store with `confirm: 'store'`, ms.
   * @limit The message counts as sent all the same; `store-unconfirmed` tells if a store says that it has none.
   * @default 20_000
   */
  readonly confirmStoreMs?: number
  /**
   * Requests accepted before a service node has taken them.
   * @limit The next calls of `send` resolve one by one when there are fewer, so that whoever waits for them keeps the
   * pace of the service nodes.
   * @default 64
   */
  readonly maxAccepted?: number
  /**
   * Requests not yet ended, those not yet accepted included.
   * @limit `send` rejects with {@link SendQueueFullError}.
   * @default 4096
   */
  readonly maxQueued?: number
  /** Bytes of payload in them. @limit `send` rejects with {@link SendQueueFullError}. @default 67_108_864 */
  readonly maxQueuedBytes?: number
  /**
   * Service nodes that deliver at the same time, 1 to 8: messages arrive from the first and are dropped from the others.
   * @limit No more are subscribed to until one is lost.
   * @default 2
   */
  readonly filterPeers?: number
  /**
   * Time between two checks that those service nodes still deliver, ms.
   * @limit They are asked; one that does not answer is left for another.
   * @default 15_000
   */
  readonly keepAliveMs?: number
  /**
   * Hashes of received messages remembered, so that each is delivered once.
   * @limit The oldest are forgotten.
   * @default 10_000
   */
  readonly maxRemembered?: number
  /** Read from a store what was missed while no service node delivered, and deliver it. @default true */
  readonly catchUp?: boolean
  /**
   * Time between two looks whether stores have messages that nobody delivered, ms; 0 for never. After one that found some
   * the next follows within 5 s. Part of `catchUp`.
   * @limit Their hashes alone are asked for, and what is missing is fetched.
   * @default 30_000
   */
  readonly storeCheckMs?: number
  /** Source of time and timers. @default asyncScheduler */
  readonly scheduler?: SchedulerLike
  /** Randomness in [0, 1): request ids, time stamps below the millisecond, back-off. @default crypto */
  readonly random?: () => number
}

/** All names of options: one that is misspelt would be ignored. */
export const OPTION_NAMES: readonly string[] = Object.keys({
  shardId: 1,
  pushesPerSecond: 1,
  pushBurst: 1,
  maxConcurrentPushes: 1,
  queriesPerSecond: 1,
  requestTimeoutMs: 1,
  maxAttempts: 1,
  giveUpMs: 1,
  confirm: 1,
  confirmPeers: 1,
  confirmStoreMs: 1,
  maxAccepted: 1,
  maxQueued: 1,
  maxQueuedBytes: 1,
  filterPeers: 1,
  keepAliveMs: 1,
  maxRemembered: 1,
  catchUp: 1,
  storeCheckMs: 1,
  scheduler: 1,
  random: 1,
} satisfies Record<keyof WakuTransportOptions, 1>)

/** Options with every default filled in. */
export type ResolvedOptions = Required<Omit<WakuTransportOptions, 'shardId'>> &
  Pick<WakuTransportOptions, 'shardId'>

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {@link WakuOptionsError} for an option out of range.
 */
export function resolveOptions(options: WakuTransportOptions = {}): ResolvedOptions {
  check.object('options', options)
  check.names(options, OPTION_NAMES)
  const {
    shardId,
    pushesPerSecond = 3,
    pushBurst = 5,
    // At 64 libp2p opens no more streams, and some requests need streams besides.
    maxConcurrentPushes = 32,
    queriesPerSecond = 10,
    requestTimeoutMs = 5000,
    maxAttempts = 8,
    giveUpMs = 60_000,
    confirm = 'peers',
    confirmPeers = 1,
    confirmStoreMs = 20_000,
    maxAccepted = 64,
    maxQueued = 4096,
    maxQueuedBytes = 64 * 1024 * 1024,
    filterPeers = 2,
    keepAliveMs = 15_000,
    maxRemembered = 10_000,
    catchUp = true,
    storeCheckMs = 30_000,
    scheduler = asyncScheduler,
    random = cryptoRandom,
  } = options
  if (shardId !== undefined) check.integer('shardId', shardId, 0, 1023)
  check.above('pushesPerSecond', pushesPerSecond, 0)
  check.integer('pushBurst', pushBurst, 1, 1000)
  check.integer('maxConcurrentPushes', maxConcurrentPushes, 1, 32)
  check.above('queriesPerSecond', queriesPerSecond, 0)
  check.integer('requestTimeoutMs', requestTimeoutMs, 1, 600_000)
  check.integer('maxAttempts', maxAttempts, 1, 1000)
  check.integer('giveUpMs', giveUpMs, 1, Number.MAX_SAFE_INTEGER)
  check.oneOf('confirm', confirm, ['peers', 'store'])
  check.integer('confirmPeers', confirmPeers, 1, 8)
  check.integer('confirmStoreMs', confirmStoreMs, 1, 3_600_000)
  check.integer('maxAccepted', maxAccepted, 1, 1_000_000)
  check.integer('maxQueued', maxQueued, 1, 1_000_000)
  check.integer('maxQueuedBytes', maxQueuedBytes, 1, Number.MAX_SAFE_INTEGER)
  check.integer('filterPeers', filterPeers, 1, 8)
  check.integer('keepAliveMs', keepAliveMs, 10, 240_000)
  check.integer('storeCheckMs', storeCheckMs, 0, 86_400_000)
  check.integer('maxRemembered', maxRemembered, 1, 10_000_000)
  check.boolean('catchUp', catchUp)
  check.object('scheduler', scheduler, 'a scheduler of rxjs')
  check.function('random', random)
  return {
    ...(shardId !== undefined && { shardId }),
    pushesPerSecond,
    pushBurst,
    maxConcurrentPushes,
    queriesPerSecond,
    requestTimeoutMs,
    maxAttempts,
    giveUpMs,
    confirm,
    confirmPeers,
    confirmStoreMs,
    maxAccepted,
    maxQueued,
    maxQueuedBytes,
    filterPeers,
    keepAliveMs,
    maxRemembered,
    catchUp,
    storeCheckMs,
    scheduler,
    random,
  }
}

const pool = new Uint32Array(256)
let poolLeft = 0

/** Asked for in bulk: each call of the platform costs as much as a hundred numbers. */
function cryptoRandom(): number {
  if (poolLeft === 0) {
    crypto.getRandomValues(pool)
    poolLeft = pool.length
  }
  return pool[--poolLeft]! / 2 ** 32
}
