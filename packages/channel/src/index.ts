/**
 * Reliable channels: bytes go in, and every member gets exactly those bytes, once, in causal order.
 *
 * @packageDocumentation
 */
export type { ChannelHealth, ChannelHole, DispatchedMessage, ReliableChannel } from './channel.ts'
export { ChannelOptionError } from './check-options.ts'
export type { ChannelStats } from './counters.ts'
export { ChannelClosedError } from './closed-error.ts'
export { SubscribeError } from './opening/connect-channel.ts'
export type { RequestState, RequestStatus } from './core/request-status.ts'
export type { ChannelDiagnosticEvent, DiagnosticCode, DiagnosticDetails } from './diagnostic-event.ts'
export type { DropReason, Drops } from './drops.ts'
export { QueueFullError } from './sending/queue-full-error.ts'
export type { SendHandler } from './pipeline/dispatch.ts'
export type {
  ChannelDeliveryErrorEvent,
  ChannelReceiptWithdrawnEvent,
  ChannelEvent,
  ChannelMessageDeliveredEvent,
  ChannelMessageErrorEvent,
  ChannelMessageReceiptEvent,
  ChannelMessageReceivedEvent,
  ChannelMessageSentEvent,
  ChannelMessageLostEvent,
  ChannelProgressEvent,
  MessageErrorEvent,
  SendStatus,
} from './events.ts'
export type { ChannelMember } from './receiving/members.ts'
export type { ChannelQuota } from './sending/quota.ts'
export type { HistoryOptions, HistoryPage } from './receiving/history.ts'
export type { HistoryMessage } from './receiving/past-messages.ts'
export { ChannelExistsError, ReliableChannelManager, UnknownChannelError } from './manager.ts'
export type { WaitOptions } from './sending/first-within.ts'
export { SegmentSizeError } from './opening/message-size.ts'
export { EmptyPayloadError } from './sending/empty-payload-error.ts'
export type { WaitLimits } from './outside/wait-limits.ts'
export { openChannel } from './open-channel.ts'
export type {
  ChannelOptions,
  ChannelReassemblyOptions,
  ChannelSdsOptions,
  NodeOptions,
  SendOptions,
} from './options.ts'
export { MARKER, type Profile, jsWaku, lean, lip, logosDelivery, logosDeliveryRaw } from './profiles.ts'
export {
  DeliveryFailedError,
  SendFailedError,
  type SendHandle,
  UntrackedError,
} from './sending/send-handle.ts'
/** Types that the options name, so that whoever passes them on needs no package more. */
export type { Cipher } from '@reliable-channels/encryption'
export type { RateLimiter } from '@reliable-channels/rate-limit'
export type { Store } from '@reliable-channels/store'
export type { Transport } from '@reliable-channels/transport'
export { StoreOwnerError } from './opening/store-owner.ts'
export type { ChannelConnection } from './receiving/connection.ts'
export { StoreLoadError, StoreVersionError } from './opening/stored-state.ts'
