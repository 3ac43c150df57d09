/** Two service nodes without rate limits, in a process of their own; tells where they are, what they cost when asked, and lose what they are told to. */
import { devnet } from '@reliable-channels/waku-devnet'

const network = await devnet({ nodes: 2, rateLimits: false })
const { multiaddrs: addresses, networkConfig } = network
process.send!({ addresses, networkConfig })
process.on('message', (ask: 'cpu' | Parameters<(typeof network.nodes)[number]['faults']['set']>[0]) => {
  if (ask !== 'cpu') for (const { faults } of network.nodes) faults.set(ask)
  process.send!(process.cpuUsage())
})
process.on('disconnect', () => void network.close())
