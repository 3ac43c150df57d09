import { Closers } from '../closers.ts'
import type { CommandContext } from '../command-context.ts'
import { joinNetwork } from '../network/join-network.ts'
import { type NetworkFlags, chooseNetwork } from '../network/network-options.ts'
import { type Output, createOutput } from '../output.ts'
import { identify } from './identity.ts'
import { type Member, openMember } from './open-member.ts'
import type { MemberOptions } from './member-options.ts'
import { watchTroubles } from './watch-troubles.ts'

/** Options of a command of which somebody takes part in a channel. */
export type MemberCommandOptions = MemberOptions & NetworkFlags & { readonly json?: boolean }

/** What such a command is given. */
export interface Participation {
  readonly member: Member
  readonly output: Output
  /** Lets whoever is simulated take part, now that somebody listens. */
  readonly begin: () => Promise<void>
  /** Closed before the channel is. */
  readonly closers: Closers
  /** Ends it, as Ctrl-C does. */
  readonly leave: () => void
}

/** Takes part in a channel while `use` runs, leaves in good order, and ends with the exit code that `use` returns. */
export async function withMember(
  channelName: string,
  options: MemberCommandOptions,
  { host, end }: CommandContext,
  use: (participation: Participation) => Promise<number>,
): Promise<void> {
  const output = createOutput(host, options.json === true)
  await using closers = new Closers(output)
  const choice = chooseNetwork(options)
  const identity = closers.use('the data directory', await identify(channelName, options, host))
  const joined = closers.use('the network', await joinNetwork(choice, identity, host, output))
  host.signal.throwIfAborted()
  const member = closers.use('the channel', await openMember(identity, joined.transport))
  tellJoined(member, joined.description, output)
  const troubles = watchTroubles(member, output)
  closers.add('the watch', () => troubles.unsubscribe())
  const leave = host.interrupt
  end(await use({ member, output, closers, begin: async () => joined.begin?.(), leave }))
  output.status(undefined)
}

function tellJoined({ identity }: Member, network: string, output: Output): void {
  const { place, name, keyId, data } = identity
  const sealing =
    keyId === undefined ? 'in plaintext: anybody can read it (--key, --passphrase)' : `key ${keyId}`
  output.emit({
    event: 'joined',
    channel: place.channelId,
    contentTopic: place.contentTopic,
    name,
    network,
    keyId: keyId ?? null,
    keepsHistory: data !== undefined,
  })
  output.note(output.style('dim', `${place.channelId} on ${network}, as ${name}, ${sealing}`))
}
