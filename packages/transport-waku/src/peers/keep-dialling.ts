import type { LightNode } from '@waku/sdk'
import type { SchedulerLike, Subscription } from 'rxjs'

import { withTimeout } from '../with-timeout.ts'

const FIRST_WAIT_MS = 1000
/**
 * Longest wait before a service node is dialled again, ms; it doubles with each failure.
 * @limit It is dialled again.
 */
const MAX_WAIT_MS = 16_000
/**
 * Longest wait for a dial of a service node, ms. The connection itself has ten seconds.
 *
 * @limit It is dialled again.
 */
const DIAL_WITHIN_MS = 15_000

/**
 * Dials addresses at once, and again whenever there is no connection to them, less often each time in a row; never less
 * often than every 40 s, also when whoever is there takes the connection and says nothing.
 *
 * `@waku/sdk` by itself waits a second before it dials for the first time, and up to a minute after a loss.
 */
export function keepDialling(
  node: Pick<LightNode, 'dial' | 'libp2p'>,
  addresses: readonly string[],
  scheduler: SchedulerLike,
  random: () => number,
): { stop(): void } {
  const timers = new Map<string, Subscription>()
  const stopping = new AbortController()

  const later = (address: string, waitMs: number, failures: number): void => {
    if (stopping.signal.aborted) return
    timers.set(
      address,
      scheduler.schedule(() => void look(address, failures), waitMs * (0.75 + random() / 2)),
    )
  }
  const look = async (address: string, failures: number): Promise<void> => {
    if (isConnected(node, address)) return later(address, FIRST_WAIT_MS, 0)
    // Whether anybody was there, and has not hung up, is for the next look to see; a dial that fails is told by Dials.
    await withTimeout(scheduler, DIAL_WITHIN_MS, stopping.signal, () => node.dial(address)).catch(() => {})
    later(address, Math.min(FIRST_WAIT_MS * 2 ** failures, MAX_WAIT_MS), Math.min(failures + 1, 8))
  }
  for (const address of addresses) void look(address, 0)
  return {
    stop() {
      stopping.abort()
      for (const timer of timers.values()) timer.unsubscribe()
    },
  }
}

/** Whether there is a connection to the peer at the end of the address, or, without a name there, to the address. */
function isConnected(node: Pick<LightNode, 'libp2p'>, address: string): boolean {
  const peer = /\/p2p\/([^/]+)$/.exec(address)?.[1]
  return node.libp2p
    .getConnections()
    .some(({ remotePeer, remoteAddr }) => remotePeer.toString() === peer || remoteAddr.toString() === address)
}
