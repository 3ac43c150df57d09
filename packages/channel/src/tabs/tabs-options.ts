import { type ExclusiveOptions, LocksUnavailableError } from '@reliable-channels/store'
import { type SchedulerLike, asyncScheduler } from 'rxjs'
import type { ReliableChannel } from '../channel.ts'
import { check } from '../check-options.ts'
import type { TabLocks } from './election.ts'

/** What the tab that leads opens its channel with: `exclusive` in its options. */
export interface TabsExclusive extends ExclusiveOptions {
  readonly name: string
}

/** The part of a `BroadcastChannel` that tabs use. */
export interface TabsBroadcast {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  close(): void
}

/** Options of {@link openInTabs}. */
export interface TabsOptions {
  /** One for all tabs of the origin that share the channel: the database's name, say, and the channel's id. */
  name: string
  /**
   * Opens the channel, in the tab that leads; called again whenever this tab takes the lead. Its argument is for `exclusive` in
   * the options of the channel: it says that the store is this tab's, for as long as it leads. `signal`, for the options
   * too, aborts when this tab has lost the lead, or is closed: what is being opened is of no use then, and holds up others.
   */
  open: (exclusive: TabsExclusive, signal: AbortSignal) => Promise<ReliableChannel>
  /**
   * Closes what else was opened for it, a transport or a database, once the channel is closed and before another tab opens
   * it. Called after each `open`, also one that failed.
   */
  closed?: () => void | Promise<void>
  /** Ends the wait for the channel to be open, in this tab or another. */
  signal?: AbortSignal
  /**
   * How long `open`, the closing of the channel, and then `closed` are waited for, each, ms.
   * @limit It has failed, which is told; another tab takes the lead; this one stands in line again.
   * @default 60_000
   */
  limitMs?: number
  /** Source of time and timers. @default asyncScheduler */
  scheduler?: SchedulerLike
  /** Random bytes for the ids of tabs and requests. @default crypto.getRandomValues */
  randomBytes?: (length: number) => Uint8Array
  /** Where locks come from. @default navigator.locks */
  locks?: TabLocks
  /** Makes what tabs hear each other by. @default new BroadcastChannel(name) */
  broadcast?: (name: string) => TabsBroadcast
}

/** The same, checked, with what is left out. */
export type CheckedOptions = Required<Omit<TabsOptions, 'signal' | 'closed'>> & Pick<TabsOptions, 'closed'>

/** @throws ChannelOptionError, LocksUnavailableError */
export function checked(options: TabsOptions): CheckedOptions {
  check.object('options', options)
  check.names(options, Object.keys(NAMES))
  const { name, open, closed, limitMs = 60_000 } = options
  check.text('name', name)
  check.function('open', open)
  check.callback('closed', closed)
  check.above('limitMs', limitMs, 0)
  check.callback('randomBytes', options.randomBytes)
  check.callback('broadcast', options.broadcast)
  const { scheduler = asyncScheduler, locks = platformLocks() } = options
  const { randomBytes = (length) => crypto.getRandomValues(new Uint8Array(length)) } = options
  const { broadcast = (topic) => new BroadcastChannel(topic) } = options
  return { ...options, limitMs, scheduler, randomBytes, locks, broadcast }
}

const NAMES = {
  name: 1,
  open: 1,
  closed: 1,
  signal: 1,
  limitMs: 1,
  scheduler: 1,
  randomBytes: 1,
  locks: 1,
  broadcast: 1,
} satisfies Record<keyof TabsOptions, 1>

function platformLocks(): TabLocks {
  const { navigator } = globalThis as { navigator?: { locks?: TabLocks } }
  if (navigator?.locks === undefined)
    throw new LocksUnavailableError('navigator.locks is missing; serve the page over https, or give `locks`')
  return navigator.locks
}
