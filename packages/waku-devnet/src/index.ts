export type { FaultSettings } from './core/faults.ts'
export type { DevnetQuota } from './core/quota.ts'
export type { RateLimit } from './core/rate-limiter.ts'
export { type Surroundings, runDevnet } from './cli.ts'
export { devnet, type Devnet } from './devnet.ts'
export { DevnetFaultError, type DevnetFaults } from './faults.ts'
export { DevnetStoreError } from './message-log.ts'
export { DevnetListenError } from './network.ts'
export type { DevnetNode, DevnetNodeStats } from './node.ts'
export {
  DevnetOptionsError,
  type DevnetFilterOptions,
  type DevnetMessage,
  type DevnetOptions,
  type DevnetRateLimits,
  type DevnetStoreOptions,
} from './options.ts'
export { DevnetTimeoutError } from './until.ts'
