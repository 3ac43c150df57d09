import type { Connection, Stream } from './node.ts'

/** What `@waku/sdk` marks a stream with that nobody else may take. */
const TAKEN = 'consumed'
/** Longest length prefix, bytes: lengths below 2³². */
const MAX_PREFIX_BYTES = 5

/**
 * One request and its reply on a stream of its own.
 *
 * Length and request leave as one piece, so that mplex sends one frame. A service node that is asked too often answers
 * without reading; what `@waku/sdk` sends then as a second frame is never read either, and blocks the connection.
 *
 * @throws When the stream cannot be opened, is cut, or brings no reply of at most `maxReplyBytes`; and when `signal` says so.
 */
export async function exchange(
  connection: Connection,
  protocol: string,
  request: Uint8Array,
  maxReplyBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  // Whoever is asked has said that it speaks the protocol: the request goes out with the proposal, not after its echo.
  const stream = await connection.newStream(protocol, { signal, negotiateFully: false })
  // The node's own light push, filter and store take any idle stream of their protocol.
  stream.metadata[TAKEN] = true
  const abort = (): void => stream.abort(asError(signal.reason))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  try {
    const sent = stream.sink([delimit(request)])
    // Read to the end, whatever is there: frames that find no stream any more cost the connection.
    const [reply] = await Promise.all([readToEnd(stream, maxReplyBytes + MAX_PREFIX_BYTES), sent])
    return undelimit(reply)
  } catch (error) {
    stream.abort(asError(error))
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Length prefix and content in one. */
export function delimit(content: Uint8Array): Uint8Array {
  const prefix: number[] = []
  let rest = content.length
  for (; rest >= 0x80; rest >>>= 7) prefix.push((rest & 0x7f) | 0x80)
  prefix.push(rest)
  const framed = new Uint8Array(prefix.length + content.length)
  framed.set(prefix)
  framed.set(content, prefix.length)
  return framed
}

/** The content after a length prefix. Throws unless all of it is there. */
export function undelimit(framed: Uint8Array): Uint8Array {
  if (framed.length === 0) throw new Error('the stream ended without a reply')
  let length = 0
  let offset = 0
  for (;;) {
    const byte = framed[offset]
    if (byte === undefined || offset >= MAX_PREFIX_BYTES) throw new Error('malformed length of a reply')
    length += (byte & 0x7f) * 2 ** (7 * offset)
    offset++
    if (byte < 0x80) break
  }
  if (framed.length < offset + length) {
    throw new Error(`the stream ended after ${framed.length - offset} of ${length} bytes of a reply`)
  }
  return framed.subarray(offset, offset + length)
}

async function readToEnd(stream: Stream, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let total = 0
  for await (const piece of stream.source) {
    total += piece.byteLength
    // Trap 16: a page of a store may be larger than anybody wants to hold.
    if (total > maxBytes) throw new Error(`a reply of more than ${maxBytes} bytes`)
    pieces.push(piece.subarray())
  }
  const all = new Uint8Array(total)
  let offset = 0
  for (const piece of pieces) {
    all.set(piece, offset)
    offset += piece.length
  }
  return all
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
