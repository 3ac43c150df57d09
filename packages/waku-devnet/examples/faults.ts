import { devnet } from '@reliable-channels/waku-devnet'

const network = await devnet({ nodes: 2, store: { retentionMs: 60_000 } })
const [first, second] = network.nodes
if (first === undefined || second === undefined) throw new Error('there are two')

// The network is up, but slow and leaky at the first node:
first.faults.set({ dropFilterPush: 0.3, delayMs: 200 })
// It forgets who subscribed, says nothing at all for a while, and recovers:
first.faults.forgetSubscriptions()
first.faults.set({ silent: true })
first.faults.clear()

// The second goes away and comes back at the same address, with its store and without its subscriptions.
const { multiaddrs } = second
await second.restart()
console.log('same address:', second.multiaddrs.join() === multiaddrs.join())
console.log(second.stats())

await network.close()
