import { type Command, InvalidArgumentError, Option } from 'commander'
import { CommandLineError } from '../cli-error.ts'
import { count } from '../parse-count.ts'

/** Where the channel is. */
export type NetworkChoice =
  | { readonly kind: 'sim'; readonly loss: number; readonly seed: number }
  | { readonly kind: 'devnet' }
  | {
      readonly kind: 'waku'
      /** Multiaddrs; none for the public network. */
      readonly addresses: readonly string[]
      readonly clusterId?: number
      readonly shards?: number
    }

/** The options of {@link addNetworkOptions}. */
export interface NetworkFlags {
  readonly sim?: true
  readonly devnet?: true
  readonly waku?: readonly string[]
  readonly cluster?: number
  readonly shards?: number
  readonly loss?: number
  readonly seed?: number
}

/** The public network by its name. */
const PUBLIC = 'the-waku-network'
const HOW_TO =
  'Choose --sim (simulated, with somebody to talk to), --devnet (rc devnet, on this machine), or --waku ADDRESS.'

/** Adds the options that say which network. */
export function addNetworkOptions(command: Command): Command {
  return command
    .optionsGroup('Network, one of:')
    .option('--sim', 'simulated, within this process, with a member to talk to')
    .option('--devnet', 'the rc devnet that runs on this machine; without one, it is started')
    .addOption(
      new Option('--waku <address>', `multiaddr of a service node, may be repeated; or ${PUBLIC}`).argParser(
        (address: string, before: readonly string[] | undefined) => [...(before ?? []), address],
      ),
    )
    .optionsGroup('Network:')
    .option(
      '--cluster <id>',
      'cluster of the service nodes (--waku; default 1)',
      count('--cluster', 0, 65_535),
    )
    .option('--shards <n>', 'shards of that cluster (--waku; default 8)', count('--shards', 1, 1024))
    .option('--loss <share>', 'share of messages that are lost (--sim; default 0.2)', share('--loss'))
    .option('--seed <n>', 'which ones (--sim; default 1)', count('--seed', 0, 2 ** 32 - 1))
}

/** The network that was chosen. */
export function chooseNetwork({
  sim,
  devnet,
  waku,
  cluster,
  shards,
  loss,
  seed,
}: NetworkFlags): NetworkChoice {
  const chosen = [sim && '--sim', devnet && '--devnet', waku && '--waku'].filter(
    (name) => typeof name === 'string',
  )
  if (chosen.length === 0) throw new CommandLineError('no network was chosen', HOW_TO)
  if (chosen.length > 1) throw new CommandLineError(`${chosen.join(' and ')} exclude each other`, HOW_TO)
  const foreign = Object.entries({
    ...(sim === undefined && { '--loss': loss, '--seed': seed }),
    ...(waku === undefined && { '--cluster': cluster, '--shards': shards }),
  }).find(([, value]) => value !== undefined)?.[0]
  if (foreign !== undefined)
    throw new CommandLineError(`${foreign} is not for ${chosen[0]}`, `Leave out ${foreign}.`)
  if (sim) return { kind: 'sim', loss: loss ?? 0.2, seed: seed ?? 1 }
  if (devnet) return { kind: 'devnet' }
  return { kind: 'waku', ...wakuOf(waku!, cluster, shards) }
}

function wakuOf(
  addresses: readonly string[],
  clusterId: number | undefined,
  shards: number | undefined,
): Omit<Extract<NetworkChoice, { kind: 'waku' }>, 'kind'> {
  const isPublic = addresses.includes(PUBLIC)
  if (isPublic && addresses.length > 1) {
    throw new CommandLineError(`${PUBLIC} is found by itself`, 'Leave out the other addresses.')
  }
  for (const address of addresses) {
    if (isPublic || /^\/.+\/p2p\/[^/]+$/.test(address)) continue
    throw new CommandLineError(
      `--waku expected a multiaddr, got ${address}`,
      'Such as /dns4/node.example/tcp/443/wss/p2p/16Uiu2… or /ip4/127.0.0.1/tcp/61000/ws/p2p/16Uiu2…',
    )
  }
  return {
    addresses: isPublic ? [] : addresses,
    ...(clusterId !== undefined && { clusterId }),
    ...(shards !== undefined && { shards }),
  }
}

function share(option: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (value >= 0 && value < 1) return value
    throw new InvalidArgumentError(`${option} takes a share from 0 to less than 1, such as 0.3.`)
  }
}
