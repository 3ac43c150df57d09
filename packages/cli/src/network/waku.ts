import {
  type CreateWakuTransportOptions,
  type OwnedWakuTransport,
  createWakuTransport,
} from '@reliable-channels/transport-waku'
import { CliError } from '../cli-error.ts'
import { Closers } from '../closers.ts'
import { EXIT } from '../exit-codes.ts'
import type { Host } from '../host.ts'
import type { Output } from '../output.ts'
import type { Joined } from './joined.ts'
import type { NetworkChoice } from './network-options.ts'
import { untilConnected } from './until-connected.ts'

/** A network of service nodes that somebody runs. */
export function joinWaku(
  { addresses, clusterId, shards }: Extract<NetworkChoice, { kind: 'waku' }>,
  host: Host,
  output: Output,
): Promise<Joined> {
  const isPublic = addresses.length === 0
  return joinServiceNodes(
    {
      ...(isPublic ? { network: 'the-waku-network' } : { bootstrapPeers: addresses }),
      ...((clusterId !== undefined || shards !== undefined) && {
        networkConfig: { clusterId: clusterId ?? 1, numShardsInCluster: shards ?? 8 },
      }),
    },
    isPublic
      ? 'The Waku Network'
      : addresses.length === 1
        ? 'a service node'
        : `${addresses.length} service nodes`,
    host,
    output,
  )
}

/** Starts a light node and waits until messages can flow. */
export async function joinServiceNodes(
  options: CreateWakuTransportOptions,
  description: string,
  { signal }: Host,
  output: Output,
): Promise<Joined> {
  const closers = new Closers(output)
  return closers.whileOpening(async () => {
    output.status(`connecting to ${description} …`)
    const transport = closers.use('the light node', await startNode(options))
    await untilConnected(transport, description, signal, output)
    return { transport, description, [Symbol.asyncDispose]: () => closers[Symbol.asyncDispose]() }
  })
}

async function startNode(options: CreateWakuTransportOptions): Promise<OwnedWakuTransport> {
  try {
    return await createWakuTransport(options)
  } catch (cause) {
    // `@waku/sdk` and libp2p throw errors of many kinds at an address that looks like one and is none.
    const text = cause instanceof Error ? cause.message : String(cause)
    throw new CliError(`the light node did not start: ${text.split('\n')[0]}`, {
      exitCode: EXIT.network,
      hint: 'Check the address of the service node.',
      cause,
    })
  }
}
