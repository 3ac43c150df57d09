/** Two service nodes without rate limits, in a process of their own; tells where they are, and what they cost when asked. */
import { devnet } from '@reliable-channels/waku-devnet'

const network = await devnet({ nodes: 2, rateLimits: false })
const { multiaddrs: addresses, networkConfig } = network
process.send!({ addresses, networkConfig })
process.on('message', () => process.send!(process.cpuUsage()))
process.on('disconnect', () => void network.close())
