/** Two service nodes without rate limits, in a process of their own; prints where they are, and ends with its input. */
import { devnet } from '@reliable-channels/waku-devnet'

const network = await devnet({ nodes: 2, rateLimits: false })
console.log(JSON.stringify({ addresses: network.multiaddrs, networkConfig: network.networkConfig }))
process.stdin.on('end', () => void network.close())
process.stdin.resume()
