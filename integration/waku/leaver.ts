/** A network, and two members on it, which are closed in the midst of things; prints what keeps the process alive then. */
import { ReliableChannelManager } from '@reliable-channels/channel'
import { memoryStore } from '@reliable-channels/store'
import { createWakuTransport } from '@reliable-channels/transport-waku'
import { devnet } from '@reliable-channels/waku-devnet'

import { ROOM, bytesOf } from './network.ts'

/** libp2p waits for a second before it notes its addresses, also when it was stopped. */
const LIBP2P_MS = 1_000

/** The resources that keep the process alive, without its pipes to the one that started it. */
const held = (): string[] =>
  process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY|FS|TickObject|Immediate)/.test(name))

const network = await devnet({ nodes: 2, rateLimits: false })

const join = async (senderId: string, at: number) => {
  const transport = await createWakuTransport({
    bootstrapPeers: [network.nodes[at]!.multiaddrs[0]!],
    networkConfig: network.networkConfig,
  })
  const manager = new ReliableChannelManager({ transport, store: memoryStore() })
  const channel = await manager.create({ ...ROOM, senderId })
  return { transport, manager, channel }
}

const [alice, bob] = await Promise.all([join('alice', 0), join('bob', 1)])
bob.channel.incoming$.subscribe()
await alice.channel.send(bytesOf('hello')).delivered()
// Much is to be sent again, asked for and looked up when all ends.
for (const { faults } of network.nodes) faults.set({ dropFilterPush: 0.9 })
const last = Array.from({ length: 20 }, (_, i) => alice.channel.send(bytesOf(`message ${i}`)))
await Promise.all(last.map((handle) => handle.sent()))

await Promise.all([alice, bob].map(({ manager }) => manager.closeAll()))
await Promise.all([alice, bob].map(({ transport }) => transport.close()))
await network.close()

// It keeps nothing alive itself: where the process has ended before, nothing did.
setTimeout(() => console.log(`held: ${held().join(', ')}`), 3 * LIBP2P_MS).unref()
