export type { FaultSettings } from './core/faults.ts'
export { devnet, type Devnet } from './devnet.ts'
export { DevnetFaultError, type DevnetFaults } from './faults.ts'
export type { DevnetNode, DevnetNodeStats } from './node.ts'
export {
  DevnetOptionsError,
  type DevnetFilterOptions,
  type DevnetMessage,
  type DevnetOptions,
  type DevnetStoreOptions,
} from './options.ts'
export { DevnetTimeoutError } from './until.ts'
