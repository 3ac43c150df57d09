export type {
  ConnectionState,
  Envelope,
  HistoryQuery,
  Transport,
  TransportEvent,
  TransportMessage,
} from './transport.ts'
