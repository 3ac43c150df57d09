import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { decode, encode } from 'it-length-prefixed'

import { asError } from './as-error.ts'
import type { Flow } from './flow.ts'
import type { Outcasts } from './outcasts.ts'

/** A protocol and its answer to a request. */
export interface RequestHandler {
  readonly protocol: string
  /** Longest request in bytes; a longer one resets its stream. */
  readonly maxRequestBytes: number
  /** Looks at a peer before its request is read; what it returns is sent in place of an answer. */
  readonly turnAway?: (connection: Connection) => Uint8Array | undefined
  /** The reply to a request, which is a view of what was read; `undefined` closes the stream without one, `'silence'` leaves it open and unanswered. */
  readonly answer: (request: Uint8Array, connection: Connection) => Promise<Answering> | Answering
}

/** Reply to the peer. */
export type Answering = Uint8Array | undefined | 'silence'

/** A peer gets this long from opening a stream to closing it. */
const STREAM_TIMEOUT_MS = 60_000
/** Streams of one protocol that one connection may have open. @limit A further one is refused. */
const MAX_STREAMS = 1024
/** Bytes of all requests being served together. @limit One too many resets its stream. */
const MAX_SERVING_BYTES = 256 * 1024 * 1024

/** Serves request–reply protocols on a node. */
export class Server {
  readonly #outcasts: Outcasts
  readonly #flow: Flow
  #servingBytes = 0

  constructor(outcasts: Outcasts, flow: Flow) {
    this.#outcasts = outcasts
    this.#flow = flow
  }

  async serve(libp2p: Libp2p, handler: RequestHandler): Promise<void> {
    await libp2p.handle(
      handler.protocol,
      ({ stream, connection }) => void this.#serveStream(stream, connection, handler),
      { maxInboundStreams: MAX_STREAMS },
    )
  }

  /** Answers the first request on a stream and reads on to its end. */
  async #serveStream(stream: Stream, connection: Connection, handler: RequestHandler): Promise<void> {
    const limit = setTimeout(() => stream.abort(new Error('stream open for too long')), STREAM_TIMEOUT_MS)
    // A stream whose connection ended without a word keeps no process alive.
    limit.unref()
    try {
      const rejection = handler.turnAway?.(connection)
      if (this.#outcasts.isStalled(connection)) await discard(stream)
      else if (rejection !== undefined) await this.#reject(stream, connection, rejection)
      else await this.#answer(stream, connection, handler)
    } catch (error) {
      stream.abort(asError(error))
    } finally {
      clearTimeout(limit)
    }
  }

  async #answer(stream: Stream, connection: Connection, handler: RequestHandler): Promise<void> {
    let reply: Promise<void> | undefined
    let read = 0
    const count = (bytes: number): void => {
      read += bytes
      this.#servingBytes += bytes
      if (this.#servingBytes > MAX_SERVING_BYTES) throw new Error('too many requests are being served')
    }
    try {
      // js-waku's mplex ends the whole connection when the end of a stream finds nobody reading,
      // so what follows the request is read too, and refused.
      const frames = decode(counted(stream.source, count), { maxDataLength: handler.maxRequestBytes })
      for await (const frame of frames) {
        if (reply !== undefined) throw new Error('one request a stream')
        const { buffer, byteOffset, length } = frame.subarray()
        // A plain array, whatever Buffer it was read into.
        const request = new Uint8Array(buffer, byteOffset, length)
        reply = this.#respond(stream, connection, handler, request)
        reply.catch((error: unknown) => stream.abort(asError(error)))
      }
      await (reply ?? stream.close())
    } finally {
      this.#servingBytes -= read
    }
  }

  async #respond(
    stream: Stream,
    connection: Connection,
    handler: RequestHandler,
    request: Uint8Array,
  ): Promise<void> {
    await this.#flow.room(connection)
    const answer = await handler.answer(request, connection)
    if (answer === 'silence') return
    this.#flow.wrote(connection, answer?.length ?? 0)
    await stream.sink(answer === undefined ? [] : [encode.single(answer)])
  }

  /**
   * Turns a request away as the real node does: without reading it. If the request came in one piece
   * that is all; if there is more to it, as with js-waku, the connection is lost.
   */
  async #reject(stream: Stream, connection: Connection, rejection: Uint8Array): Promise<void> {
    let isFirst = true
    const sent = stream.sink([encode.single(rejection)])
    sent.catch((error: unknown) => stream.abort(asError(error)))
    for await (const piece of stream.source) {
      if (isFirst && !isComplete(piece.subarray())) this.#outcasts.stall(connection)
      isFirst = false
    }
    await sent
  }
}

async function* counted(source: Stream['source'], count: (bytes: number) => void): Stream['source'] {
  for await (const piece of source) {
    count(piece.byteLength)
    yield piece
  }
}

async function discard(stream: Stream): Promise<void> {
  for await (const _ of stream.source);
}

/** Whether a piece holds a length prefix and all that it announces. */
function isComplete(piece: Uint8Array): boolean {
  try {
    for (const _ of decode([piece])) return true
  } catch {
    return false
  }
  return false
}
