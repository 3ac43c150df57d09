import type { LightNode } from '@waku/sdk'
import type { SchedulerLike } from 'rxjs'

import { withTimeout } from './with-timeout.ts'

/**
 * Longest stop of a light node, ms.
 *
 * @limit `close()` resolves, and the node is left to itself.
 */
const STOP_WITHIN_MS = 5000

/** Stops a node; resolves when it has stopped, and in any case in time. */
export async function stopNode(
  node: Pick<LightNode, 'filter' | 'stop'>,
  scheduler: SchedulerLike,
): Promise<void> {
  await withTimeout(scheduler, STOP_WITHIN_MS, undefined, async () => {
    try {
      // Timers of the subscriptions of others would outlive the node.
      node.filter.unsubscribeAll()
    } finally {
      await node.stop()
    }
  }).catch(() => {})
}
