import type { Host } from '../host.ts'
import type { Identity } from '../member/identity.ts'
import type { Output } from '../output.ts'
import type { Joined } from './joined.ts'
import type { NetworkChoice } from './network-options.ts'

/** Joins the network that was chosen; resolves when messages can flow. */
export async function joinNetwork(
  choice: NetworkChoice,
  identity: Pick<Identity, 'place' | 'name' | 'key'>,
  host: Host,
  output: Output,
): Promise<Joined> {
  // Only what is needed is loaded: libp2p takes a second.
  if (choice.kind === 'sim') {
    const { joinSimulated } = await import('./simulated.ts')
    return joinSimulated(choice, identity)
  }
  if (choice.kind === 'devnet') {
    const { joinDevnet } = await import('./devnet.ts')
    return joinDevnet(host, output)
  }
  const { joinWaku } = await import('./waku.ts')
  return joinWaku(choice, host, output)
}
