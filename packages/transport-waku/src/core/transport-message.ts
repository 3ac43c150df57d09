import type { TransportMessage } from '@reliable-channels/transport'
import { unshared } from '@reliable-channels/wire'

import type { WireMessage } from './message.ts'
import { toMs } from './nanoseconds.ts'

/** A message as the transport delivers it. */
export function toTransportMessage(hash: string, message: WireMessage): TransportMessage {
  const { timestampNs, payload, meta, ...rest } = message
  return {
    hash,
    ...rest,
    payload: unshared(payload),
    ...(meta !== undefined && { meta: unshared(meta) }),
    ...(timestampNs !== undefined && { timestampMs: toMs(timestampNs) }),
  }
}
