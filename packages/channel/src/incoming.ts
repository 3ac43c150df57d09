import type { TransportMessage } from '@reliable-channels/transport'
import { type Observable, filter, identity, map, merge, tap } from 'rxjs'
import type { ChannelMessageReceivedEvent } from './events.ts'
import type { DeliveredSegment, IncomingFrame } from './frames.ts'
import { createIngressFilter } from './ingress.ts'
import type { ChannelParts } from './parts.ts'
import { openContents, openEnvelopes } from './sealing.ts'

/** What the channel is told on the way. */
export interface IncomingHooks {
  /** A message of the network was none of the channel's business. */
  foreign: (reason: 'foreign-marker' | 'foreign-topic') => void
  /** A message for the channel came. */
  heard: () => void
  /** A frame could not be opened: it does not go on. */
  notOpened: (frame: Pick<DeliveredSegment, 'hash'>, error: Error) => void
  /** SDS delivered a segment. */
  received: (segment: DeliveredSegment) => void
}

/**
 * transport → decrypt → SDS unwrap → reassemble → bytes.
 *
 * What was missed and comes from the network's memory (`missed$`) takes the same way.
 * What SDS counts as delivered and what reassembly keeps of it go into one write; a message passes `committed` after it.
 */
export function incoming(
  parts: ChannelParts,
  missed$: Observable<TransportMessage>,
  hooks: IncomingHooks,
): Observable<ChannelMessageReceivedEvent> {
  const { node, participant, reassembler, unitOfWork, placement } = parts
  const openEnvelope = placement === 'envelope' ? openEnvelopes(parts, hooks.notOpened) : identity
  const openContent =
    placement === 'content' ? openContents<DeliveredSegment>(parts, hooks.notOpened) : identity

  return merge(node.transport.messages$, missed$).pipe(
    filter(isForChannel(parts, hooks)),
    map(toFrame),
    openEnvelope,
    participant.unwrap(),
    tap(hooks.received),
    openContent,
    reassembler.reassemble(),
    unitOfWork.committed(),
    map(toEvent(parts)),
  )
}

function isForChannel(
  { contentTopic, profile }: ChannelParts,
  hooks: IncomingHooks,
): (message: TransportMessage) => boolean {
  const verdictOn = createIngressFilter(contentTopic, profile.marker)
  return (message) => {
    const verdict = verdictOn(message)
    if (verdict === 'accepted') hooks.heard()
    else hooks.foreign(verdict)
    return verdict === 'accepted'
  }
}

function toFrame({ payload, hash }: TransportMessage): IncomingFrame {
  return { payload, hash }
}

function toEvent({ channelId }: ChannelParts): (message: DeliveredSegment) => ChannelMessageReceivedEvent {
  return ({ senderId, payload, messageId, late, ephemeral }) => ({
    type: 'reliable:message:received',
    channelId,
    senderId,
    payload,
    messageId,
    late,
    ephemeral,
  })
}
