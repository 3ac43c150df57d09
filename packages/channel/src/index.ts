/**
 * Reliable channels: bytes go in, and every member gets exactly those bytes, once, in causal order.
 *
 * @packageDocumentation
 */
export {
  ChannelClosedError,
  type ChannelHealth,
  type OutgoingMessage,
  type ReliableChannel,
} from './channel.ts'
export { ChannelOptionError } from './check-options.ts'
export { SubscribeError } from './opening/connect-channel.ts'
export type { RequestState, RequestStatus } from './core/request-status.ts'
export { QueueFullError } from './sending/admission.ts'
export type { SendHandler } from './pipeline/dispatch.ts'
export type {
  ChannelDeliveryErrorEvent,
  ChannelDiagnosticEvent,
  ChannelEvent,
  ChannelMessageDeliveredEvent,
  ChannelMessageErrorEvent,
  ChannelMessageReceivedEvent,
  ChannelMessageSentEvent,
  ChannelProgressEvent,
  DiagnosticCode,
  MessageErrorEvent,
  SendStatus,
} from './events.ts'
export { ChannelExistsError, ReliableChannelManager, UnknownChannelError } from './manager.ts'
export { SegmentSizeError } from './opening/message-size.ts'
export { EmptyPayloadError } from './sending/outbox.ts'
export { openChannel } from './open-channel.ts'
export type { ChannelOptions, NodeOptions, ReassemblyOptions, SdsOptions, SendOptions } from './options.ts'
export { MARKER, type Profile, jsWaku, lip, logosDelivery, logosDeliveryRaw } from './profiles.ts'
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
export { StoreLoadError, StoreVersionError } from './opening/stored-state.ts'
