import { checkPlatform, letProcessEnd } from '@reliable-channels/libp2p-tuning'
import { ServiceNode, type DevnetNode } from './node.ts'
import { devnetSettings, type DevnetMessage, type DevnetOptions, type DevnetSettings } from './options.ts'
import { RecentKeys } from './core/recent-keys.ts'
import { unlessAborted } from './unless-aborted.ts'

/** A running network of service nodes. */
export interface Devnet extends AsyncDisposable {
  readonly nodes: readonly DevnetNode[]
  /** One WebSocket address of each node: what `bootstrapPeers` of `createLightNode` takes. */
  readonly multiaddrs: readonly string[]
  readonly clusterId: number
  /** Shards that the nodes serve. */
  readonly shards: readonly number[]
  /** Value for `networkConfig` of `createLightNode`. */
  readonly networkConfig: { readonly clusterId: number; readonly numShardsInCluster?: number }
  /** Stops every node. */
  close(): Promise<void>
}

const REMEMBERED_MESSAGES = 10_000

/**
 * Starts a Waku network of service nodes in this process: relay, light push, filter, store and metadata,
 * over real sockets on loopback, linked and ready for light nodes when the promise resolves.
 *
 * @throws `PlatformTooOldError` (`ERR_PLATFORM_TOO_OLD`) on Node.js before 22.
 * @throws {@link DevnetOptionsError} for options out of range.
 * @throws {@link DevnetTimeoutError} when the nodes do not find each other in time.
 * @throws The reason of `signal`, when it aborts before the network runs.
 * @example
 * ```ts
 * await using network = await devnet({ nodes: 3 })
 * const node = await createLightNode({
 *   networkConfig: network.networkConfig,
 *   defaultBootstrap: false,
 *   bootstrapPeers: [...network.multiaddrs],
 *   libp2p: { filterMultiaddrs: false },
 * })
 * ```
 */
export async function devnet(options: DevnetOptions = {}): Promise<Devnet> {
  checkPlatform('waku-devnet')
  letProcessEnd()
  const resolved = devnetSettings(options)
  const { signal } = options
  signal?.throwIfAborted()
  const reported = new RecentKeys(REMEMBERED_MESSAGES)
  const report = (message: DevnetMessage): void => {
    // Out of the node's way, so that a listener that throws harms nobody else.
    if (reported.add(message.hash)) queueMicrotask(() => resolved.onMessage?.(message))
  }
  const nodes: ServiceNode[] = []
  for (let index = 0; index < resolved.nodes; index++) {
    const neighbours = (): ServiceNode[] => nodes.filter((node) => areNeighbours(resolved, index, node.index))
    const others = (): ServiceNode[] => nodes.filter((node) => node.index !== index)
    nodes.push(new ServiceNode(index, resolved, neighbours, others, report))
  }
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()))
  }
  try {
    await unlessAborted(Promise.all(nodes.map((node) => node.open())), signal)
    const linked = nodes.map((node) => node.link((neighbour) => neighbour.index < node.index))
    await unlessAborted(Promise.all(linked), signal)
  } catch (error) {
    await close()
    throw error
  }
  return {
    nodes,
    clusterId: resolved.clusterId,
    shards: resolved.shards,
    networkConfig: {
      clusterId: resolved.clusterId,
      ...(resolved.shardCount === undefined ? {} : { numShardsInCluster: resolved.shardCount }),
    },
    get multiaddrs() {
      return nodes.flatMap((node) => node.multiaddrs.slice(0, 1))
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Above this, linking everybody to everybody costs more than it brings. */
const MAX_FULLY_LINKED = 8

function areNeighbours({ topology, nodes }: DevnetSettings, one: number, other: number): boolean {
  const distance = Math.abs(one - other)
  if (topology === 'line') return distance === 1
  // A power of two has one bit.
  return distance > 0 && (nodes <= MAX_FULLY_LINKED || (distance & (distance - 1)) === 0)
}
