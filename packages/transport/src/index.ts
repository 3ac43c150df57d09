/**
 * The network as a channel sees it: the contract that every transport keeps.
 *
 * @packageDocumentation
 */
export { checkContentTopic } from './check-content-topic.ts'
export { MAX_META_BYTES, checkEnvelope } from './check-envelope.ts'
export {
  InvalidEnvelopeError,
  MessageTooLargeError,
  NotConnectedError,
  TransportClosedError,
} from './errors.ts'
export type {
  ConnectionProblem,
  ConnectionState,
  Envelope,
  HistoryQuery,
  OutgoingHash,
  Transport,
  TransportEvent,
  TransportMessage,
} from './transport.ts'
