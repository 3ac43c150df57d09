import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { encode } from 'it-length-prefixed'
import { pushable, type Pushable } from 'it-pushable'
import { Uint8ArrayList } from 'uint8arraylist'

import { asError } from './as-error.ts'
import { FILTER_PUSH } from './filter.ts'
import type { Flow } from './flow.ts'
import { fieldHead } from './wire.ts'

type Frame = ReturnType<typeof encode.single>

/** Frames that wait for one subscriber, and the connection that they go to. */
interface Channel {
  readonly connection: Connection
  readonly frames: Pushable<Frame>
}

/** Bytes of the frames that wait for one subscriber. @limit Further ones are dropped. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024
const OPEN_TIMEOUT_MS = 10_000

/**
 * Pushes messages to subscribers over one lasting stream each, as the real node does. js-waku takes at
 * most 100 incoming push streams and never closes its half, so a stream a message would stop at 100.
 */
export class FilterPusher {
  readonly #libp2p: Libp2p
  readonly #flow: Flow
  readonly #channels = new Map<string, Channel>()

  constructor(libp2p: Libp2p, flow: Flow) {
    this.#libp2p = libp2p
    this.#flow = flow
  }

  /** Queues a push; returns false when the peer is not connected or does not keep up. */
  push(peer: string, message: Uint8ArrayList): boolean {
    let channel = this.#channels.get(peer)
    // The stream of a connection that breaks takes a while to end, and the peer may be back before.
    if (channel?.connection.status !== 'open') {
      const connection = this.#connection(peer)
      if (connection === undefined) return false
      channel = this.#open(peer, connection)
    }
    if (channel.frames.readableLength + message.byteLength > MAX_QUEUED_BYTES) return false
    channel.frames.push(encode.single(message))
    return true
  }

  /** Ends every push stream. */
  close(): void {
    for (const { frames } of this.#channels.values()) frames.end()
    this.#channels.clear()
  }

  #connection(peer: string): Connection | undefined {
    return this.#libp2p
      .getConnections()
      .findLast((connection) => connection.status === 'open' && connection.remotePeer.toString() === peer)
  }

  #open(peer: string, connection: Connection): Channel {
    const channel: Channel = { connection, frames: pushable<Frame>() }
    this.#channels.set(peer, channel)
    void this.#run(channel).finally(() => {
      channel.frames.end()
      if (this.#channels.get(peer) === channel) this.#channels.delete(peer)
    })
    return channel
  }

  async *#paced({ connection, frames }: Channel): AsyncGenerator<Frame> {
    for await (const frame of frames) {
      await this.#flow.room(connection)
      this.#flow.wrote(connection, frame.byteLength)
      yield frame
    }
  }

  async #run(channel: Channel): Promise<void> {
    let stream: Stream | undefined
    try {
      stream = await channel.connection.newStream(FILTER_PUSH, {
        signal: AbortSignal.timeout(OPEN_TIMEOUT_MS),
      })
      void drain(stream)
      await stream.sink(this.#paced(channel))
    } catch (error) {
      stream?.abort(asError(error))
    }
  }
}

/** Nothing is expected back; reading keeps the stream's end from going unnoticed. */
async function drain(stream: Stream): Promise<void> {
  try {
    for await (const _ of stream.source);
  } catch {
    // The sink of the same stream fails with it.
  }
}

/** A filter push of an encoded message, which is not copied: it is the same for all subscribers. */
export function encodePush(pubsubTopic: string, message: Uint8Array): Uint8ArrayList {
  const topic = new BinaryWriter().tag(2, WireType.LengthDelimited).string(pubsubTopic).finish()
  return new Uint8ArrayList(fieldHead(1, message), message, topic)
}
