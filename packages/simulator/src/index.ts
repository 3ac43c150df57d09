/**
 * A seeded network in virtual or real time, whose peers are transports.
 *
 * @packageDocumentation
 */
export { type Conditions, SimulatorOptionError } from './conditions.ts'
export { type HashedMessage, messageHash } from './message-hash.ts'
export type { SimulatedPeer } from './peer.ts'
export { seededRandom } from './random.ts'
export { type SimulatedNetwork, type SimulatedNetworkOptions, simulatedNetwork } from './simulated-network.ts'
export type { NetworkStats, TrafficEvent } from './traffic.ts'
export { type VirtualTime, virtualTime } from './virtual-time.ts'
