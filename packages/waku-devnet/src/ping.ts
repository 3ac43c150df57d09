import type { Libp2p, Stream } from '@libp2p/interface'

import { asError } from './as-error.ts'
import type { Outcasts } from './outcasts.ts'

/** Protocol id of ping. */
export const PING = '/ipfs/ping/1.0.0'
const MAX_STREAMS = 16
const TIMEOUT_MS = 60_000

/** Answers pings, but not on a connection that nothing is read from. */
export async function servePing(libp2p: Libp2p, outcasts: Outcasts): Promise<void> {
  await libp2p.handle(
    PING,
    ({ stream, connection }) => void echo(stream, () => !outcasts.isStalled(connection)),
    { maxInboundStreams: MAX_STREAMS },
  )
}

async function echo(stream: Stream, isHeard: () => boolean): Promise<void> {
  const limit = setTimeout(() => stream.abort(new Error('stream open for too long')), TIMEOUT_MS)
  try {
    await stream.sink(heard(stream.source, isHeard))
  } catch (error) {
    stream.abort(asError(error))
  } finally {
    clearTimeout(limit)
  }
}

async function* heard(source: Stream['source'], isHeard: () => boolean): Stream['source'] {
  for await (const piece of source) {
    if (isHeard()) yield piece
  }
}
