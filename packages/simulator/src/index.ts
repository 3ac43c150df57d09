/**
 * A seeded network in virtual or real time, whose peers are transports.
 *
 * @packageDocumentation
 */
export { type Conditions, type JitterShape, SimulatorOptionError } from './conditions.ts'
export {
  type FaultyStoreOptions,
  type StoreFaults,
  type StoreMood,
  faultyStore,
  storeFaults,
} from './faults/faulty-store.ts'
export {
  type FaultyTransportOptions,
  type TransportFaults,
  type TransportMood,
  faultyTransport,
  transportFaults,
} from './faults/faulty-transport.ts'
export { type HashedMessage, messageHash } from './message-hash.ts'
export type { PartitionOptions } from './partition.ts'
export type { SimulatedPeer } from './peer.ts'
export { type SimulatedClock, type SimulatedClockOptions, simulatedClock } from './process/simulated-clock.ts'
export { type SimulatedProcess, type ThawOptions, simulatedProcess } from './process/simulated-process.ts'
export { seededRandom } from './random.ts'
export { type SimulatedNetwork, type SimulatedNetworkOptions, simulatedNetwork } from './simulated-network.ts'
export type { NetworkStats, TrafficEvent } from './traffic.ts'
export { type VirtualTime, virtualTime } from './virtual-time.ts'
