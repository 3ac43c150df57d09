import { type RateLimiter, createRateLimiter } from '@reliable-channels/rate-limit'
import type { Store } from '@reliable-channels/store'
import type { Transport } from '@reliable-channels/transport'
import { type SchedulerLike, asyncScheduler } from 'rxjs'
import type { SendHandler } from './dispatch.ts'
import type { NodeOptions } from './options.ts'
import { type UndecryptableVotes, createUndecryptableVotes } from './undecryptable.ts'

/** What the channels of one node share. */
export interface ChannelNode {
  readonly transport: Transport
  readonly send: SendHandler
  readonly limiter: RateLimiter
  readonly store: Store | undefined
  readonly scheduler: SchedulerLike
  readonly randomBytes: (length: number) => Uint8Array
  /** Which frames no open channel of a topic could open. */
  readonly undecryptable: UndecryptableVotes
  close(): void
}

/** @throws TypeError `messaging client is required`, `sendHandler is required` */
export function createChannelNode(options: NodeOptions): ChannelNode {
  const { transport, store, scheduler = asyncScheduler, randomBytes = cryptoBytes, rateLimit = {} } = options
  if (transport === undefined || transport === null) {
    throw new TypeError('messaging client is required')
  }
  const send =
    'sendHandler' in options
      ? options.sendHandler
      : (envelope: Parameters<SendHandler>[0]) => transport.send(envelope)
  if (typeof send !== 'function') throw new TypeError('sendHandler is required')
  const shared = 'lane' in rateLimit
  const limiter = shared ? rateLimit : createRateLimiter({ ...rateLimit, scheduler })
  return {
    transport,
    send,
    limiter,
    store,
    scheduler,
    randomBytes,
    undecryptable: createUndecryptableVotes(),
    close() {
      // A limiter that was handed in belongs to whoever made it.
      if (!shared) limiter.close()
    },
  }
}

function cryptoBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}
