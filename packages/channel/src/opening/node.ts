import {
  type RateLimiter,
  type RateLimiterOptions,
  checkRateLimiterOptions,
  createRateLimiter,
} from '@reliable-channels/rate-limit'
import type { Losses } from '@reliable-channels/sds'
import {
  type Exclusive,
  type Store,
  StoreLockedError,
  checkedStore,
  exclusive,
} from '@reliable-channels/store'
import type { Transport } from '@reliable-channels/transport'
import { withinLimit } from '@reliable-channels/stage'
import { type Observable, ReplaySubject, type SchedulerLike, asyncScheduler } from 'rxjs'
import { checkNodeOptions } from '../check-options.ts'
import { ChannelClosedError } from '../closed-error.ts'
import type { Diagnose } from '../diagnostic-event.ts'
import type { NodeOptions } from '../options.ts'
import { limitedStore } from '../outside/limited-store.ts'
import { type Patience, type WaitLimits, waitFor, waitLimitsOf } from '../outside/wait-limits.ts'
import type { SendHandler } from '../pipeline/dispatch.ts'
import { type EventRouter, createEventRouter } from './event-router.ts'
import { type FrameVerdicts, createFrameVerdicts } from './frame-verdicts.ts'
import { type MessageRouter, createMessageRouter } from './message-router.ts'
import { cryptoBytes } from './random-bytes.ts'
import { claimIdentity, claimObject } from './claims.ts'
import { forgetState, identityOf, loadPart } from './stored-state.ts'

/** The resources that the channels of one node share. */
export interface ChannelNode {
  readonly transport: Transport
  readonly send: SendHandler
  readonly store: Store | undefined
  readonly scheduler: SchedulerLike
  readonly randomBytes: (length: number) => Uint8Array
  readonly limits: Required<WaitLimits>
  /** Events of the transport, by who sent what they tell of. */
  readonly events: EventRouter
  /** Messages of the transport, by content topic. */
  readonly messages: MessageRouter
  /** Which frames no open channel of a topic could read. */
  readonly verdicts: FrameVerdicts
  /** How much is lost of what comes from the network. */
  readonly losses: Losses
  /** Emits, at once or later, that the name of the node was taken away from it. */
  readonly lost$: Observable<StoreLockedError>
  /**
   * The limiter, once its name is held and what was used of its quota is loaded: before the first channel opens.
   *
   * @param diagnose Told of a stored quota that cannot be read, and of what is waited for.
   * @throws StoreLoadError, StoreLockedError, ChannelClosedError when the node is closed meanwhile
   */
  limiter(diagnose: Diagnose): Promise<RateLimiter>
  /**
   * Takes a channel's place in the store, among all nodes of the process that were given this very store.
   *
   * @returns Gives it back.
   * @throws StoreLockedError
   */
  claim(channelId: string): () => void
  /** Aborted when it closes. */
  readonly closing: AbortSignal
  /** Whether nothing else says who has the store: then each channel sees to it that it is open once. */
  readonly claims: boolean
  /** Deletes what the store has of a channel, once nobody else can have it open. */
  forget(channelId: string): Promise<void>
  close(): Promise<void>
}

/** Before the keys of the limiter in the store. */
const LIMITER_PREFIX = 'rate-limit/'
const TAKEN_AWAY = 'the name of the node was taken away: somebody else has the store now'
/** After so long the wait for a name is told as `slow`, ms. */
const LOCK_SLOW_MS = 1_000

/** @throws ChannelOptionError, and RateLimitOptionError for options of the limiter */
export function createChannelNode(options: NodeOptions): ChannelNode {
  checkNodeOptions(options)
  const { transport, scheduler = asyncScheduler, randomBytes = cryptoBytes, rateLimit = {} } = options
  const store = options.store && checked(options.store)
  const { sendHandler: send = (envelope) => transport.send(envelope) } = options
  // Bad options throw now, not when the store has been read.
  if (!('lane' in rateLimit)) checkRateLimiterOptions({ ...rateLimit, scheduler })
  const limits = waitLimitsOf(options.limits)
  const lost$ = new ReplaySubject<StoreLockedError>(1)
  const closing = new AbortController()
  let resources: Promise<NodeResources> | undefined
  return {
    transport,
    send,
    store: store && whileHeld(store, lost$),
    scheduler,
    randomBytes,
    limits,
    events: createEventRouter(transport),
    messages: createMessageRouter(transport),
    verdicts: createFrameVerdicts(),
    losses: { arrived: 0, missed: 0 },
    lost$,
    claim: (channelId) => claimObject(options.store, channelId),
    closing: closing.signal,
    claims: options.exclusive === undefined,
    async forget(channelId) {
      if (store === undefined) return
      // Who has the name has the store.
      if (!this.claims) await this.limiter(() => {})
      const patience: Patience = { limits, scheduler, report: () => {} }
      const limited = limitedStore(whileHeld(store, lost$), patience)
      const release = claimObject(options.store, channelId)
      try {
        const identity = this.claims ? await identityOf(limited, channelId) : undefined
        const claimant = { channelId, patience, closing: closing.signal }
        const claim = identity === undefined ? undefined : await claimIdentity(identity, claimant)
        try {
          await forgetState(limited, channelId)
        } finally {
          await claim?.release()
        }
      } finally {
        release()
      }
    },
    async limiter(diagnose) {
      const patience = patienceOf({ limits, scheduler }, diagnose)
      resources ??= openResources(
        { ...options, ...(store && { store }) },
        { patience, diagnose, lost$, closing: closing.signal },
      )
      try {
        return (await resources).limiter
      } catch (error) {
        // Opening a channel later tries again.
        if (!closing.signal.aborted) resources = undefined
        throw error
      }
    },
    async close() {
      closing.abort(new ChannelClosedError('closed while a channel was being opened'))
      const opened = await resources?.catch(() => undefined)
      await opened?.close()
    },
  }
}

/** Waits within the limits of a node, and tells the channel that waits. */
export function patienceOf(
  { limits, scheduler }: Pick<ChannelNode, 'limits' | 'scheduler'>,
  diagnose: Diagnose,
): Patience {
  return { limits, scheduler, report: ({ type, what, waitedMs }) => diagnose(type, { what, waitedMs }) }
}

/** The same store, with a check of each entry, unless it has one. */
const checked = (store: Store): Store => (store.checksEntries === true ? store : checkedStore(store))

/** The same store, until somebody else has the name under which it is held: then nothing is written any more. */
export function whileHeld(store: Store, lost$: Observable<StoreLockedError>): Store {
  let lost: StoreLockedError | undefined
  lost$.subscribe((error) => (lost = error))
  return {
    checksEntries: store.checksEntries ?? false,
    get: (key, onCorrupt) => store.get(key, onCorrupt),
    entries: (prefix, onCorrupt) => store.entries(prefix, onCorrupt),
    close: () => store.close(),
    write: (changes) => (lost === undefined ? store.write(changes) : Promise.reject(lost)),
  }
}

/** Resources that are opened before the first channel. */
interface NodeResources {
  readonly limiter: RateLimiter
  close(): Promise<void>
}

/** Where resources are opened, and what ends that. */
interface Surroundings {
  readonly patience: Patience
  readonly diagnose: Diagnose
  readonly lost$: ReplaySubject<StoreLockedError>
  readonly closing: AbortSignal
}

async function openResources(options: NodeOptions, surroundings: Surroundings): Promise<NodeResources> {
  const { rateLimit = {}, exclusive: name } = options
  const { patience } = surroundings
  const lock = name === undefined || name === false ? undefined : await takeName(name, surroundings)
  let isReleased = false
  void lock?.ended.then(() => {
    if (!isReleased) surroundings.lost$.next(new StoreLockedError(TAKEN_AWAY))
  })
  const release = async (): Promise<void> => {
    isReleased = true
    if (lock !== undefined) await waitFor(patience, 'lockMs', 'lock.release', () => lock.release())
  }
  // A limiter that was handed in belongs to whoever made it.
  if ('lane' in rateLimit) return { limiter: rateLimit, close: release }
  try {
    const limiter = await openLimiter({ ...options, rateLimit }, surroundings)
    return {
      limiter,
      async close() {
        limiter.close()
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}

async function openLimiter(
  { store, rateLimit }: { readonly store?: Store; readonly rateLimit: Omit<RateLimiterOptions, 'scheduler'> },
  { patience, diagnose, lost$, closing }: Surroundings,
): Promise<RateLimiter> {
  const { scheduler } = patience
  const onCorrupt = (key: string, reason: string): void =>
    diagnose('store-corrupt', { part: 'rate-limit', key, reason })
  if (store === undefined) return createRateLimiter({ scheduler, onCorrupt, ...rateLimit })
  const held = whileHeld(store, lost$)
  const patient = limitedStore(held, patience)
  const opening = limitedStore(held, { ...patience, signal: closing })
  return createRateLimiter({
    scheduler,
    onCorrupt,
    restore: await loadPart(opening, LIMITER_PREFIX, 'the used quota', onCorrupt),
    keyPrefix: LIMITER_PREFIX,
    write: (changes) => patient.write(changes),
    ...rateLimit,
  })
}

/** Takes the name of the node. */
function takeName(
  name: Exclude<NodeOptions['exclusive'], false | undefined>,
  { patience, closing }: Surroundings,
): Promise<Exclusive> {
  const { name: text, ...given } = typeof name === 'string' ? { name } : name
  const { limits, scheduler, report } = patience
  const signal = given.signal === undefined ? closing : AbortSignal.any([closing, given.signal])
  const limitMs = given.wait === true ? Infinity : limits.lockMs
  return withinLimit(() => exclusive(text, { ...given, signal }), {
    what: `the name "${text}"`,
    limitMs,
    slowMs: LOCK_SLOW_MS,
    scheduler,
    report,
    signal,
    late: (late) => void late.release(),
  })
}
