import type { TransportMessage } from '@reliable-channels/transport'

import type { WireMessage } from './message.ts'
import { toMs } from './nanoseconds.ts'

/** A message as the transport delivers it. */
export function toTransportMessage(hash: string, message: WireMessage): TransportMessage {
  const { timestampNs, ...rest } = message
  return { hash, ...rest, ...(timestampNs !== undefined && { timestampMs: toMs(timestampNs) }) }
}
