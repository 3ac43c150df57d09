import type { Envelope } from '@reliable-channels/transport'

import type { WireMessage } from '../core/message.ts'

/** A message as it is pushed. */
export interface Stamped {
  readonly message: WireMessage
  readonly hash: string
  readonly atMs: number
}

/** An own message that has come back. */
export interface Echo {
  readonly hash: string
  readonly envelope: Envelope
}

/** A request on its way. */
export interface Outgoing {
  readonly requestId: string
  readonly pubsubTopic: string
  readonly envelope: Envelope
  /** Without its timestamp, which it gets when it is accepted. */
  readonly message: Omit<WireMessage, 'timestampNs'>
  readonly acceptedAtMs: number
  /** When it was pushed for the first time, ms. */
  firstPushMs?: number
  /** How it was stamped last. */
  stamped?: Stamped
  /** A service node may have it as it is stamped now, although it did not say so; settled by asking a store. */
  inDoubt: boolean
  /** A service node may have it, under whatever stamp. */
  mayBeTaken: boolean
  /** Service nodes that have it. */
  readonly takenBy: Set<string>
  /** Service nodes that it was pushed to. */
  readonly tried: Set<string>
  /** Pushes under way. */
  pushing: number
  attempts: number
  /** When a service node that was tried may be tried again, ms. */
  againAtMs: number
  /** It came back to us. */
  echoed: boolean
  propagated: boolean
  confirming?: boolean
  ended: boolean
}

/** A message that a service node took. */
export interface TakenMessage extends Pick<Outgoing, 'pubsubTopic' | 'message'> {
  readonly hash: string
}

/** A request that has just been accepted. */
export function createOutgoing(
  envelope: Envelope,
  { requestId, pubsubTopic, acceptedAtMs }: Pick<Outgoing, 'requestId' | 'pubsubTopic' | 'acceptedAtMs'>,
): Outgoing {
  const { contentTopic, ephemeral, payload, meta } = envelope
  return {
    requestId,
    pubsubTopic,
    envelope,
    message: { contentTopic, ephemeral, payload, ...(meta !== undefined && meta.length > 0 && { meta }) },
    acceptedAtMs,
    inDoubt: false,
    mayBeTaken: false,
    takenBy: new Set(),
    tried: new Set(),
    pushing: 0,
    attempts: 0,
    againAtMs: 0,
    echoed: false,
    propagated: false,
    ended: false,
  }
}
