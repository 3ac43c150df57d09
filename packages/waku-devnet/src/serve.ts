import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { decode, encode } from 'it-length-prefixed'

/** What a protocol does with a request. */
export interface RequestHandler {
  readonly protocol: string
  /** Longest request in bytes; a longer one resets its stream. */
  readonly maxRequestBytes: number
  /** The reply; `undefined` closes the stream without one, `'silence'` leaves it open and unanswered. */
  answer(request: Uint8Array, connection: Connection): Promise<Answer> | Answer
}

/** What goes back to the peer. */
export type Answer = Uint8Array | undefined | 'silence'

/** A peer gets this long from opening a stream to closing it. */
const STREAM_TIMEOUT_MS = 60_000

/** Streams of one protocol that one connection may have open. */
const MAX_STREAMS = 4096

/** Serves one request–reply protocol on a node. */
export async function serve(libp2p: Libp2p, handler: RequestHandler): Promise<void> {
  await libp2p.handle(
    handler.protocol,
    ({ stream, connection }) => void serveStream(stream, connection, handler),
    { maxInboundStreams: MAX_STREAMS, maxOutboundStreams: MAX_STREAMS },
  )
}

/** Answers the first request on a stream and reads on to its end. */
async function serveStream(stream: Stream, connection: Connection, handler: RequestHandler): Promise<void> {
  const limit = setTimeout(() => stream.abort(new Error('stream open for too long')), STREAM_TIMEOUT_MS)
  limit.unref()
  try {
    let reply: Promise<void> | undefined
    // js-waku's mplex ends the whole connection when the end of a stream finds nobody reading,
    // so what follows the request is read too, and thrown away.
    for await (const frame of decode(stream.source, { maxDataLength: handler.maxRequestBytes })) {
      if (reply !== undefined) throw new Error('one request a stream')
      reply = respond(stream, connection, handler, frame.subarray())
    }
    if (reply === undefined) await stream.close()
    await reply
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
  } finally {
    clearTimeout(limit)
  }
}

async function respond(
  stream: Stream,
  connection: Connection,
  handler: RequestHandler,
  request: Uint8Array,
): Promise<void> {
  const answer = await handler.answer(request, connection)
  if (answer === 'silence') return
  await stream.sink(answer === undefined ? [] : [encode.single(answer)])
}
