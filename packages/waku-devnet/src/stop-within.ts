/**
 * Longest stop of a node, ms.
 *
 * @limit Its connections are cut, and it counts as stopped: `close()` ends, and libp2p is left to itself.
 */
const STOP_WITHIN_MS = 10_000

/** The part of libp2p that stopping needs. */
export interface Stoppable {
  stop(): Promise<void> | void
  getConnections(): readonly { abort(error: Error): void }[]
}

/** Stops libp2p. It waits for each connection to be closed by both sides, and the other side may never answer. */
export async function stopWithin(libp2p: Stoppable): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      for (const connection of libp2p.getConnections()) connection.abort(new Error('the node has stopped'))
      resolve()
    }, STOP_WITHIN_MS)
  })
  try {
    await Promise.race([libp2p.stop(), timeUp])
  } finally {
    clearTimeout(timer)
  }
}
