import { asyncScheduler } from 'rxjs'

import { FILTER_PUSH, decodeFilterPush } from '../core/filter-codec.ts'
import type { WireMessage } from '../core/message.ts'
import { delimit, readDelimited } from './delimited.ts'
import { IncomingFrames } from './incoming-frames.ts'
import { asError } from '../as-error.ts'
import { type StreamHandler, ownFilterMayWant, pushHandlerOf, withSource } from '../private-behaviour.ts'
import type { Connection, Libp2p, Stream, WakuNode } from '../waku-node.ts'
import { withTimeout } from '../with-timeout.ts'

/** Told of each message on a content topic; its bytes are views. */
export type PushListener = (message: WireMessage) => void

/**
 * Longest push read, bytes: `@waku/sdk` sends nothing longer than 1 MiB, and the network carries 150 KiB.
 * @limit The stream is ended.
 */
const MAX_PUSH_BYTES = 2 ** 20 + 2 ** 10
/** Push streams of one connection, as many as `@waku/sdk` takes. @limit A further one is refused. */
const MAX_STREAMS = 100
/**
 * Longest wait for libp2p to put a handler in place, ms.
 *
 * @limit The request fails, and is made again.
 */
const HANDLE_WITHIN_MS = 5000
/**
 * Longest close of a stream of pushes, ms.
 *
 * @limit The stream is cut.
 */
const CLOSE_WITHIN_MS = 5000

const known = new WeakMap<Libp2p, IncomingPushes>()

/** The one {@link IncomingPushes} of a node, however many transports stand on it. */
export function incomingPushesOf(node: WakuNode): IncomingPushes {
  let pushes = known.get(node.libp2p)
  if (pushes === undefined) known.set(node.libp2p, (pushes = new IncomingPushes(node)))
  return pushes
}

/**
 * Takes what service nodes push to a light node (12/WAKU2-FILTER) in place of the node's own filter, which hashes every
 * message once more, in JavaScript. What others may want goes on to it.
 */
export class IncomingPushes {
  readonly #node: WakuNode
  readonly #listeners = new Map<
    string,
    Set<{ readonly pubsubTopic: string; readonly listener: PushListener }>
  >()
  readonly #mine = new WeakSet<Stream>()
  /** The node's own filter. */
  #others: StreamHandler | undefined
  readonly #handler: StreamHandler = ({ stream, connection }) => void this.#take(stream, connection)

  constructor(node: WakuNode) {
    this.#node = node
  }

  /** Has messages on a content topic handed to `listener`, until the result is called. */
  async listen(pubsubTopic: string, contentTopic: string, listener: PushListener): Promise<() => void> {
    await this.takeOver()
    const entry = { pubsubTopic, listener }
    const listeners = this.#listeners.get(contentTopic)
    if (listeners === undefined) this.#listeners.set(contentTopic, new Set([entry]))
    else listeners.add(entry)
    return () => {
      const left = this.#listeners.get(contentTopic)
      if (left?.delete(entry) === true && left.size === 0) this.#listeners.delete(contentTopic)
    }
  }

  /**
   * Takes the place of the node's own filter, if it runs and that was not yet done: it is to be called before a service
   * node is asked to deliver, because each start of the node puts its own filter in place.
   */
  async takeOver(): Promise<void> {
    const { libp2p } = this.#node
    if (!this.#node.isStarted()) return
    const current = pushHandlerOf(libp2p)
    // Without one the node is about to stop, and could not put its own in place when it starts again.
    if (current === this.#handler || current === undefined) return
    this.#others = current
    const replaced = libp2p.handle(FILTER_PUSH, this.#handler, {
      force: true,
      maxInboundStreams: MAX_STREAMS,
    })
    // A service node pushes everything over the stream that it has: the next push comes over a new one.
    for (const { streams } of libp2p.getConnections()) {
      for (const stream of streams) {
        const isPush = stream.protocol === FILTER_PUSH && stream.direction === 'inbound'
        if (isPush && !this.#mine.has(stream)) stream.abort(new Error('somebody else takes the pushes'))
      }
    }
    await withTimeout(asyncScheduler, HANDLE_WITHIN_MS, undefined, () => replaced)
  }

  async #take(stream: Stream, connection: Connection): Promise<void> {
    this.#mine.add(stream)
    let rest: IncomingFrames | undefined
    try {
      for await (const frame of readDelimited(stream.source, MAX_PUSH_BYTES)) {
        const push = decodeFilterPush(frame)
        if (push !== undefined) this.#deliver(push)
        if (this.#others === undefined || !ownFilterMayWant(this.#node, push?.pubsubTopic)) continue
        if (rest === undefined) {
          rest = new IncomingFrames()
          void this.#others({ stream: withSource(stream, rest), connection })
        }
        rest.push(delimit(frame))
      }
      await withTimeout(asyncScheduler, CLOSE_WITHIN_MS, undefined, (signal) => stream.close({ signal }))
    } catch (error) {
      stream.abort(asError(error))
    } finally {
      rest?.end()
    }
  }

  #deliver({ pubsubTopic, message }: NonNullable<ReturnType<typeof decodeFilterPush>>): void {
    for (const entry of this.#listeners.get(message.contentTopic) ?? []) {
      if (entry.pubsubTopic === pubsubTopic) entry.listener(message)
    }
  }
}
