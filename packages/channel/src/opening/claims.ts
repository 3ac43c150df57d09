import { GaveUpWaitingError, withinLimit } from '@reliable-channels/stage'
import { type Exclusive, type Locks, type Store, StoreLockedError, exclusive } from '@reliable-channels/store'
import { type Observable, ReplaySubject } from 'rxjs'
import { type Patience, waitFor } from '../outside/wait-limits.ts'

/** The right of a channel to be the only one open on a store, as far as that can be known. */
export interface Claim {
  /** Emits, at once or later, that it was taken away. */
  readonly lost$: Observable<StoreLockedError>
  release(): Promise<void>
}

/** Ids of the open channels of each store object. */
const ofObjects = new WeakMap<Store, Set<string>>()

/**
 * Takes a channel's place in a store, among all nodes of the process that were given this very object.
 *
 * @returns Gives it back.
 * @throws StoreLockedError
 */
export function claimObject(store: Store | undefined, channelId: string): () => void {
  if (store === undefined) return () => {}
  const ids = ofObjects.get(store) ?? new Set()
  ofObjects.set(store, ids)
  if (ids.has(channelId)) throw openAlready(channelId)
  ids.add(channelId)
  return () => void ids.delete(channelId)
}

/** Channels that are open in this process, whatever objects lead to their stores; see `markStore`. */
const identities = new Set<string>()

/** A page that was reloaded may hold its locks for a moment more; so long it is waited for. @limit Opening rejects. */
const RELOAD_MS = 2_000
/** After so long the wait is told as `slow`, ms. */
const SLOW_MS = 500
const LOCK_PREFIX = 'reliable-channels/'
const TAKEN_AWAY = 'the lock of the channel was taken away: somebody else has the store now'

/** The claimant, and the signal that ends its wait. */
export interface Claimant {
  readonly channelId: string
  readonly patience: Patience
  readonly closing: AbortSignal
  /** @default navigator.locks, where there are any */
  readonly locks?: Locks | undefined
}

/**
 * Takes what the store is known by: among all copies of this module in the process, and, where the platform has Web Locks,
 * among all tabs and workers of the origin (in Node.js: threads of the process).
 *
 * @throws StoreLockedError, or why the node is closing
 */
export async function claimIdentity(identity: string, claimant: Claimant): Promise<Claim> {
  const { channelId, patience, locks = platformLocks() } = claimant
  if (identities.has(identity)) throw openAlready(channelId)
  identities.add(identity)
  try {
    const lock = locks && (await takeLock(identity, claimant, locks))
    const lost$ = new ReplaySubject<StoreLockedError>(1)
    let isReleased = false
    void lock?.ended.then(() => {
      if (!isReleased) lost$.next(new StoreLockedError(TAKEN_AWAY))
    })
    return {
      lost$,
      async release() {
        isReleased = true
        identities.delete(identity)
        if (lock !== undefined) await waitFor(patience, 'lockMs', 'lock.release', () => lock.release())
      },
    }
  } catch (error) {
    identities.delete(identity)
    throw error
  }
}

const openAlready = (channelId: string): StoreLockedError =>
  new StoreLockedError(`channel "${channelId}" is open on this store already: close it there first`)

const platformLocks = (): Locks | undefined =>
  (globalThis as { readonly navigator?: { readonly locks?: Locks } }).navigator?.locks

async function takeLock(
  identity: string,
  { channelId, patience, closing }: Claimant,
  locks: Locks,
): Promise<Exclusive> {
  const { scheduler, report } = patience
  try {
    return await withinLimit((signal) => exclusive(LOCK_PREFIX + identity, { locks, wait: true, signal }), {
      what: `the lock of channel "${channelId}"`,
      limitMs: RELOAD_MS,
      slowMs: SLOW_MS,
      scheduler,
      report,
      signal: closing,
      late: (late) => void late.release(),
    })
  } catch (error) {
    if (!(error instanceof GaveUpWaitingError)) throw error
    throw new StoreLockedError(
      `channel "${channelId}" is open on this store in another tab or worker: close it there, or wait with "exclusive"`,
      { cause: error },
    )
  }
}

/** Ends when those before have marked their stores. */
let turn: Promise<unknown> = Promise.resolve()

/** Does what nobody else in reach may do meanwhile: a store that is new gets one identity, whoever opens it at once. */
export async function byTurns<T>(
  { patience, closing, locks = platformLocks() }: Omit<Claimant, 'channelId'>,
  work: () => Promise<T>,
): Promise<T> {
  const before = turn
  const mine = waitFor(patience, 'lockMs', 'other stores to be marked', () => before).then(async () => {
    if (locks === undefined) return work()
    const held = await waitFor(
      patience,
      'lockMs',
      'the lock for new stores',
      (signal) =>
        exclusive(`${LOCK_PREFIX}new`, { locks, wait: true, signal: AbortSignal.any([signal, closing]) }),
      (late) => void late.release(),
    )
    try {
      return await work()
    } finally {
      await waitFor(patience, 'lockMs', 'lock.release', () => held.release())
    }
  })
  turn = mine.catch(() => {})
  return mine
}
