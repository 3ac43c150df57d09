import {
  checkPlatform,
  letProcessEnd,
  noteProtocolsOnce,
  packedNoise,
  silentLogger,
} from '@reliable-channels/libp2p-tuning'
import { withinLimit } from '@reliable-channels/stage'
import { type CreateNodeOptions, type LightNode, createLightNode } from '@waku/sdk'

import { check } from './check.ts'
import { WakuOptionsError } from './errors.ts'
import { keepDialling } from './peers/keep-dialling.ts'
import { OPTION_NAMES, type WakuTransportOptions, resolveOptions } from './options.ts'
import { stopNode } from './stop-node.ts'
import { type WakuTransport, wakuTransport } from './waku-transport.ts'

/** Options of {@link createWakuTransport}: where the network is, and those of {@link wakuTransport}. */
export interface CreateWakuTransportOptions extends WakuTransportOptions {
  /** A public network, found by itself. Give this or `bootstrapPeers`. */
  readonly network?: 'the-waku-network'
  /** Multiaddrs of service nodes to start from. Give these or `network`. */
  readonly bootstrapPeers?: readonly string[]
  /** Cluster of the network, and its number of shards under autosharding. @default The Waku Network's: cluster 1 with 8 shards */
  readonly networkConfig?: NonNullable<CreateNodeOptions['networkConfig']>
  /** Anything else for `createLightNode` of `@waku/sdk`; it wins over what is set here. */
  readonly node?: Readonly<CreateNodeOptions>
  /** Ends the start of the node, which then rejects with its reason. It does nothing once the node runs. */
  readonly signal?: AbortSignal
}

/** A {@link WakuTransport} with the node that it owns. */
export interface OwnedWakuTransport extends WakuTransport {
  readonly node: LightNode
}

const EXAMPLE = '/dns4/node.example/tcp/443/wss/p2p/16Uiu2…'
/**
 * Longest start of a light node, ms.
 *
 * @limit `createWakuTransport` rejects with `GaveUpWaitingError`, and a node that comes later is stopped.
 */
const START_WITHIN_MS = 60_000
/** Bootstrap peers that `@waku/sdk` keeps unless told otherwise. */
const BOOTSTRAP_PEERS_KEPT = 3

/**
 * Makes a light node and a transport over it, and owns both: closing the transport stops the node.
 * Resolves when the node runs; `connection$` tells when it has found service nodes.
 *
 * @throws `GaveUpWaitingError` (`ERR_GAVE_UP_WAITING`) when the node does not start within a minute.
 * @throws `PlatformTooOldError` (`ERR_PLATFORM_TOO_OLD`) on Node.js before 22.
 * @throws {@link WakuOptionsError} for an option out of range, and unless just one of `network` and `bootstrapPeers` is given.
 * @example
 * const transport = await createWakuTransport({ network: 'the-waku-network' })
 */
export async function createWakuTransport(options: CreateWakuTransportOptions): Promise<OwnedWakuTransport> {
  checkPlatform('@waku/sdk')
  letProcessEnd()
  check.object('options', options, 'an object with "network" or "bootstrapPeers"')
  check.names(options, ['network', 'bootstrapPeers', 'networkConfig', 'node', 'signal', ...OPTION_NAMES])
  const {
    network,
    bootstrapPeers,
    networkConfig,
    node: nodeOptions = {},
    signal,
    ...transportOptions
  } = options
  const { scheduler, random } = resolveOptions(transportOptions)
  check.object('node', nodeOptions)
  if (network !== undefined) check.oneOf('network', network, ['the-waku-network'])
  if (bootstrapPeers !== undefined) {
    check.that(Array.isArray(bootstrapPeers), 'bootstrapPeers', 'an array of multiaddrs', bootstrapPeers)
  }
  if ((network === undefined) === (bootstrapPeers === undefined || bootstrapPeers.length === 0)) {
    throw new WakuOptionsError('expected either "network" or a non-empty list of "bootstrapPeers"')
  }
  const peers = bootstrapPeers ?? []
  // libp2p would leave these out without a word.
  for (const peer of peers) {
    const isAddress = typeof peer === 'string' && /^\/.+\/p2p\/[^/]+$/.test(peer)
    check.that(isAddress, 'bootstrapPeers', `multiaddrs such as ${EXAMPLE}`, peer)
  }
  const logger = silentLogger()
  const create = (): Promise<LightNode> =>
    createLightNode({
      ...(networkConfig !== undefined && { networkConfig }),
      defaultBootstrap: network !== undefined,
      bootstrapPeers: [...peers],
      ...nodeOptions,
      // The retries of `@waku/sdk` send again what was sent, with another timestamp. Not used here, but others may use the node.
      lightPush: { autoRetry: false, ...nodeOptions.lightPush },
      connectionManager: {
        // `@waku/sdk` keeps three bootstrap peers unless told otherwise, and drops the others after some seconds.
        maxBootstrapPeers: Math.max(BOOTSTRAP_PEERS_KEPT, peers.length),
        // A lost service node would stay away for a minute.
        dialCooldown: 1,
        failedDialCooldown: 3,
        ...nodeOptions.connectionManager,
      },
      libp2p: {
        hideWebSocketInfo: true,
        connectionEncrypters: [packedNoise()],
        ...(logger && { logger }),
        // Addresses without TLS would be refused without a word, except when NODE_ENV is "test".
        ...(peers.some(isUnencrypted) && { filterMultiaddrs: false }),
        ...nodeOptions.libp2p,
      },
    })
  const node = await withinLimit(create, {
    what: 'createLightNode',
    limitMs: START_WITHIN_MS,
    scheduler,
    late: (late) => void stopNode(late, scheduler),
    ...(signal && { signal }),
  })
  noteProtocolsOnce(node.libp2p.peerStore)
  const transport: WakuTransport = wakuTransport(node, transportOptions)
  const dialling = keepDialling(node, peers, scheduler, random)
  const closeTransport = transport.close.bind(transport)
  const close = async (): Promise<void> => {
    dialling.stop()
    await closeTransport()
    await stopNode(node, scheduler)
  }
  return Object.assign(transport, { node, close, [Symbol.asyncDispose]: close })
}

function isUnencrypted(address: string): boolean {
  return /\/ws(\/|$)/.test(address) && !address.includes('/tls/')
}
