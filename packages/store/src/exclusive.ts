import { onlyNames } from '@reliable-channels/options'
import { check } from './check.ts'
import { LocksUnavailableError, StoreLockedError } from './errors.ts'

/** The part of Web Locks that is used; `navigator.locks` has it. */
export interface Locks {
  request<T>(
    name: string,
    options: { readonly ifAvailable?: boolean; readonly signal?: AbortSignal },
    held: (lock: object | null) => T | PromiseLike<T>,
  ): Promise<unknown>
}

/** Options of {@link exclusive}. */
export interface ExclusiveOptions {
  /** Waits until the present holder lets go, its tab closed or crashed, instead of failing at once. @default false */
  readonly wait?: boolean
  /** Ends the waiting, rejecting with the signal's reason. */
  readonly signal?: AbortSignal
  /** Where locks come from. @default navigator.locks */
  readonly locks?: Locks
}

/** A name that is held. */
export interface Exclusive extends AsyncDisposable {
  /** Releases the name; resolves when it is free. Calling it twice is allowed. */
  release(): Promise<void>
  /** Resolves when it is no longer held, for whatever reason: released here, or stolen by somebody. */
  readonly ended: Promise<void>
}

/**
 * Takes a name for this tab (or worker) alone, among all of the same origin, by Web Locks; with Node.js 24.5 or newer,
 * for this thread among those of the process.
 * IndexedDB lets every tab write: hold a name while a store is open, so that one tab has the channel.
 * The browser releases it when the tab is closed or crashes.
 *
 * Directories on servers need none of this: LevelDB locks them itself.
 *
 * @throws {@link StoreLockedError} when somebody else holds the name and `wait` is not set.
 * @throws {@link StoreOptionError} without a name.
 * @throws {@link LocksUnavailableError} when the platform has no Web Locks, as pages without TLS.
 * @example
 * const lock = await exclusive('my-channels', { wait: true })
 * const store = levelStore(new BrowserLevel('my-channels'))
 * // … and at the end
 * await store.close()
 * await lock.release()
 */
export async function exclusive(name: string, options: ExclusiveOptions = {}): Promise<Exclusive> {
  check.text('name', name)
  check.object('options', options)
  onlyNames(check, options, ['wait', 'signal', 'locks'])
  const { wait = false, signal, locks = platformLocks() } = options
  check.boolean('wait', wait)
  check.object('locks', locks)
  // oxlint-disable-next-line reliable-channels/limited-wait -- who waits for a lock sets his limit by "signal"
  return new Promise((resolve, reject) => {
    let release = (): void => undefined
    const released = new Promise<void>((done) => {
      release = done
    })
    const held = (lock: object | null): Promise<void> | undefined => {
      if (lock === null) {
        reject(
          new StoreLockedError(`another tab holds "${name}"; close it there, or wait with { wait: true }`),
        )
        return undefined
      }
      const end = (): Promise<void> => {
        release()
        return ended
      }
      // Node.js calls while `request` is still running, when the name is free.
      queueMicrotask(() => resolve({ ended, release: end, [Symbol.asyncDispose]: end }))
      return released
    }
    const request = locks.request(name, wait ? { ...(signal && { signal }) } : { ifAvailable: true }, held)
    // Rejected when the signal ends the waiting, and when the lock is stolen: then it has been resolved before.
    const ended = request.then(
      () => undefined,
      (error: unknown) => reject(signal?.aborted ? signal.reason : error),
    )
  })
}

function platformLocks(): Locks {
  const { navigator } = globalThis as { navigator?: { locks?: Locks } }
  if (navigator?.locks === undefined) {
    throw new LocksUnavailableError('navigator.locks is missing; serve the page over https, or give `locks`')
  }
  return navigator.locks
}
