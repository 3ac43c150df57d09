import { type RateLimiter, type RateLimiterOptions, createRateLimiter } from '@reliable-channels/rate-limit'
import { type Exclusive, type Store, exclusive } from '@reliable-channels/store'
import type { Transport } from '@reliable-channels/transport'
import { type SchedulerLike, asyncScheduler } from 'rxjs'
import type { SendHandler } from '../pipeline/dispatch.ts'
import { checkNodeOptions } from '../check-options.ts'
import type { NodeOptions } from '../options.ts'
import { cryptoBytes } from './random-bytes.ts'
import { loadPart } from './stored-state.ts'
import { type UndecryptableVotes, createUndecryptableVotes } from './undecryptable.ts'

/** What the channels of one node share. */
export interface ChannelNode {
  readonly transport: Transport
  readonly send: SendHandler
  readonly store: Store | undefined
  readonly scheduler: SchedulerLike
  readonly randomBytes: (length: number) => Uint8Array
  /** Which frames no open channel of a topic could open. */
  readonly undecryptable: UndecryptableVotes
  /**
   * The limiter, once its name is held and what was used of its quota is loaded: before the first channel opens.
   *
   * @param onCorrupt Told of a stored quota that cannot be read.
   * @throws StoreLoadError, StoreLockedError
   */
  limiter(onCorrupt: (key: string, reason: string) => void): Promise<RateLimiter>
  close(): Promise<void>
}

/** Before the keys of the limiter in the store. */
const LIMITER_PREFIX = 'rate-limit/'

/** @throws ChannelOptionError, and RateLimitOptionError for options of the limiter */
export function createChannelNode(options: NodeOptions): ChannelNode {
  checkNodeOptions(options)
  const { transport, store, scheduler = asyncScheduler, randomBytes = cryptoBytes, rateLimit = {} } = options
  const { sendHandler: send = (envelope) => transport.send(envelope) } = options
  // Bad options throw now, not when the store has been read.
  if (!('lane' in rateLimit)) createRateLimiter({ ...rateLimit, scheduler }).close()
  let resources: Promise<NodeResources> | undefined
  let closed = false
  return {
    transport,
    send,
    store,
    scheduler,
    randomBytes,
    undecryptable: createUndecryptableVotes(),
    async limiter(onCorrupt) {
      resources ??= openResources(options, { scheduler, onCorrupt })
      try {
        return (await resources).limiter
      } catch (error) {
        // Opening a channel later tries again.
        if (!closed) resources = undefined
        throw error
      }
    },
    async close() {
      closed = true
      const opened = await resources?.catch(() => undefined)
      opened?.close()
      await opened?.lock?.release()
    },
  }
}

/** What is opened before the first channel is. */
interface NodeResources {
  readonly limiter: RateLimiter
  readonly lock: Exclusive | undefined
  close(): void
}

async function openResources(
  { store, rateLimit = {}, exclusive: name }: NodeOptions,
  common: Required<Pick<RateLimiterOptions, 'scheduler'>> & Pick<RateLimiterOptions, 'onCorrupt'>,
): Promise<NodeResources> {
  const lock =
    name === undefined
      ? undefined
      : await (typeof name === 'string' ? exclusive(name) : exclusive(name.name, name))
  // A limiter that was handed in belongs to whoever made it.
  if ('lane' in rateLimit) return { limiter: rateLimit, lock, close: () => {} }
  try {
    const kept = store && {
      restore: await loadPart(store, LIMITER_PREFIX, 'the used quota'),
      keyPrefix: LIMITER_PREFIX,
      write: (changes: Parameters<Store['write']>[0]) => store.write(changes),
    }
    const limiter = createRateLimiter({ ...common, ...kept, ...rateLimit })
    return { limiter, lock, close: () => limiter.close() }
  } catch (error) {
    await lock?.release()
    throw error
  }
}
