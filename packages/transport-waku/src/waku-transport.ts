import type {
  ConnectionProblem,
  HistoryQuery,
  OutgoingHash,
  Transport,
  TransportMessage,
} from '@reliable-channels/transport'
import type { Observable } from 'rxjs'

import { check } from './check.ts'
import type { WakuDiagnostic } from './diagnostics.ts'
import type { WakuNode } from './waku-node.ts'
import { type WakuTransportOptions, resolveOptions } from './options.ts'
import { ServicesTransport } from './services-transport.ts'
import { wakuServices } from './waku-services.ts'

/** A {@link Transport} over a Waku light node. */
export interface WakuTransport extends Transport, AsyncDisposable {
  fetch(
    hashes: readonly string[],
    options?: { readonly signal?: AbortSignal },
  ): AsyncIterable<TransportMessage>
  history(query: HistoryQuery): AsyncIterable<TransportMessage>
  readonly hashes$: Observable<OutgoingHash>
  readonly connectionProblem$: Observable<ConnectionProblem | undefined>
  readonly outcomeWithinMs: number
  /** Observations for logs and status pages. Hot. */
  readonly diagnostics$: Observable<WakuDiagnostic>
  /** Requests not yet ended, those not yet accepted included. */
  readonly queued: number
  /**
   * Ends every open request with `message-error`, every subscription and every timer; but waits, 1 s at most, for the
   * answers to pushes that are under way, since one of them may be the last acknowledgement of a channel that was closed.
   * The node goes on, unless {@link createWakuTransport} made it; that one may take 5 s more to stop, and is then left to
   * itself.
   */
  close(): Promise<void>
}

/**
 * The network as a channel sees it, over a light node of `@waku/sdk`, started or not yet started.
 *
 * Everything that the network and `@waku/sdk` demand is seen to: messages are stamped once, paced for each service
 * node, retried on others, confirmed; subscriptions are checked and renewed; what was missed is read from a store.
 * Closing leaves the node running.
 *
 * @throws {@link WakuOptionsError} for an option out of range, and without a light node.
 * @example
 * const node = await createLightNode({ defaultBootstrap: true })
 * const transport = wakuTransport(node)
 */
export function wakuTransport(node: WakuNode, options: WakuTransportOptions = {}): WakuTransport {
  check.object('node', node, 'a light node as createLightNode() makes')
  check.object('node.libp2p', node.libp2p)
  const resolved = resolveOptions(options)
  const services = wakuServices(node, {
    shardId: resolved.shardId,
    scheduler: resolved.scheduler,
    randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(resolved.random() * 256)),
  })
  return new ServicesTransport(services, resolved)
}
