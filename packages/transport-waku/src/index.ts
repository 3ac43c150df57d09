/**
 * The transport of Reliable Channels over a Waku light node of `@waku/sdk`.
 *
 * @packageDocumentation
 */
export {
  type CreateWakuTransportOptions,
  type OwnedWakuTransport,
  createWakuTransport,
} from './create-waku-transport.ts'
export type { WakuDiagnostic } from './diagnostics.ts'
export {
  SendQueueFullError,
  ServiceError,
  ServiceTimeoutError,
  StoreUnavailableError,
  WakuOptionsError,
} from './errors.ts'
export type { WakuNode } from './waku-node.ts'
export type { WakuTransportOptions } from './options.ts'
export { type WakuTransport, wakuTransport } from './waku-transport.ts'
