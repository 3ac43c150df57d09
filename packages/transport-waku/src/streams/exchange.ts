import { withinLimit } from '@reliable-channels/stage'

import { MAX_PREFIX_BYTES, delimit, undelimit } from './delimited.ts'
import { Gathered } from './gathered.ts'
import { asError } from '../as-error.ts'
import { keepForOneself } from '../private-behaviour.ts'
import type { Connection, Stream } from '../waku-node.ts'

/**
 * One request, in pieces, and its reply on a stream of its own.
 *
 * Length and request leave as one piece, so that mplex sends one frame. A service node that is asked too often answers
 * without reading; what `@waku/sdk` sends then as a second frame is never read either, and blocks the connection.
 *
 * @throws When the stream cannot be opened, is cut, or brings no reply of at most `maxReplyBytes`; and when `signal` says so: at once,
 *   whatever the connection does.
 */
export function exchange(
  connection: Connection,
  protocol: string,
  request: readonly Uint8Array[],
  maxReplyBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  return withinLimit(
    async () => {
      // Whoever is asked has said that it speaks the protocol: the request goes out with the proposal, not after its echo.
      const stream = await connection.newStream(protocol, { signal, negotiateFully: false })
      keepForOneself(stream)
      const abort = (): void => stream.abort(asError(signal.reason))
      if (signal.aborted) abort()
      signal.addEventListener('abort', abort)
      try {
        const sent = stream.sink([delimit(...request)])
        // Read to the end, whatever is there: frames that find no stream any more cost the connection.
        const [reply] = await Promise.all([readToEnd(stream.source, maxReplyBytes + MAX_PREFIX_BYTES), sent])
        return undelimit(reply)
      } catch (error) {
        stream.abort(asError(error))
        throw error
      } finally {
        signal.removeEventListener('abort', abort)
      }
    },
    { what: protocol, limitMs: Infinity, signal },
  )
}

async function readToEnd(source: Stream['source'], maxBytes: number): Promise<Uint8Array> {
  const reply = new Gathered()
  for await (const piece of source) {
    // A page of a store may be larger than anybody wants to hold.
    if (reply.length + piece.byteLength > maxBytes) throw new Error(`a reply of more than ${maxBytes} bytes`)
    reply.add(piece)
  }
  return reply.bytes
}
