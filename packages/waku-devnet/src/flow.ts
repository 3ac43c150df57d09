import type { Connection, Stream } from '@libp2p/interface'

import { PING } from './ping.ts'

/** Limit of what is on its way to a peer without a sign that it reads. */
const WINDOW_BYTES = 8 * 1024 * 1024
const CONFIRM_TIMEOUT_MS = 60_000
const PING_BYTES = 32

interface Outgoing {
  bytes: number
  confirming: Promise<void> | undefined
}

/**
 * Bounds what waits for a peer that does not read.
 *
 * mplex has no flow control: whatever is written to a stream piles up until the socket takes it. A ping
 * goes out behind all that was written before, so its echo says that the peer has read it.
 */
export class Flow {
  readonly #outgoing = new WeakMap<Connection, Outgoing>()

  /** Accounts for bytes written to a peer. */
  wrote(connection: Connection, bytes: number): void {
    this.#of(connection).bytes += bytes
  }

  /** Waits until the peer has read most of what was written to it; rejects if it does not. */
  async room(connection: Connection): Promise<void> {
    const outgoing = this.#of(connection)
    if (outgoing.bytes <= WINDOW_BYTES) return
    outgoing.confirming ??= echo(connection).then(() => {
      outgoing.bytes = 0
      outgoing.confirming = undefined
    })
    await outgoing.confirming
  }

  #of(connection: Connection): Outgoing {
    let outgoing = this.#outgoing.get(connection)
    if (outgoing === undefined) {
      outgoing = { bytes: 0, confirming: undefined }
      this.#outgoing.set(connection, outgoing)
    }
    return outgoing
  }
}

/** One ping there and back. A peer that answers anything else than an echo has read as well. */
async function echo(connection: Connection): Promise<void> {
  const signal = AbortSignal.timeout(CONFIRM_TIMEOUT_MS)
  let stream: Stream | undefined
  const abort = (): void => stream?.abort(new Error('no echo in time'))
  signal.addEventListener('abort', abort)
  try {
    stream = await connection.newStream(PING, { signal })
    await stream.sink([new Uint8Array(PING_BYTES)])
    for await (const _ of stream.source);
  } catch (error) {
    if (signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
