/**
 * Longest stop of a node, ms.
 *
 * @limit Its connections are cut, and it counts as stopped: `close()` ends, and libp2p is left to itself.
 */
const STOP_WITHIN_MS = 10_000
/** A node that has had no connection and no address for so long has stopped, whatever libp2p still waits for, ms. */
const GONE_FOR_MS = 500
const LOOK_EACH_MS = 50

/** The part of libp2p that stopping needs. */
export interface Stoppable {
  stop(): Promise<void> | void
  getConnections(): readonly { abort(error: Error): void }[]
  /** Addresses at which it listens. */
  getMultiaddrs(): readonly unknown[]
}

/**
 * Stops libp2p. It waits for each connection to be closed by both sides, and the other side may never answer. And it waits
 * for each of its servers to say that it is closed, which Bun does not say of an HTTP server that was only handed sockets:
 * there a node has stopped when nobody can reach it any more.
 */
export async function stopWithin(libp2p: Stoppable): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const gone = new Promise<void>((resolve) => {
    let waitedMs = 0
    let goneForMs = 0
    const look = (): void => {
      waitedMs += LOOK_EACH_MS
      const connections = libp2p.getConnections()
      goneForMs = connections.length + libp2p.getMultiaddrs().length === 0 ? goneForMs + LOOK_EACH_MS : 0
      if (waitedMs >= STOP_WITHIN_MS) {
        for (const connection of connections) connection.abort(new Error('the node has stopped'))
        resolve()
      } else if (goneForMs >= GONE_FOR_MS) resolve()
    }
    timer = setInterval(look, LOOK_EACH_MS)
  })
  try {
    await Promise.race([libp2p.stop(), gone])
  } finally {
    clearInterval(timer)
  }
}
