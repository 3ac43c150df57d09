import type { TransportMessage } from '@reliable-channels/transport'
import { type Observable, filter, identity, map, merge, tap } from 'rxjs'
import type { KeptMessage } from '../core/message-record.ts'
import type { DeliveredSegment, IncomingFrame } from './frames.ts'
import { createIngressFilter } from './ingress.ts'
import type { ChannelParts } from '../opening/parts.ts'
import { openContents, openEnvelopes } from './sealing.ts'

/** What the channel is told on the way. */
export interface IncomingHooks {
  /** A message of the network was none of the channel's business. */
  turnedAway: (reason: 'foreign-marker' | 'foreign-topic' | 'inbox-full') => void
  /** Whether there is room for another message. Without, it is as if the network had lost it. */
  hasRoom: () => boolean
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
 * What SDS counts as delivered, what reassembly keeps of it and what the inbox makes of a message that is whole go into
 * one write. The inbox shows it after that.
 */
export function incoming(
  parts: ChannelParts,
  missed$: Observable<TransportMessage>,
  hooks: IncomingHooks,
): Observable<KeptMessage> {
  const { node, participant, reassembler, placement } = parts
  const openEnvelope = placement === 'envelope' ? openEnvelopes(parts, hooks.notOpened) : identity
  const openContent =
    placement === 'content' ? openContents(parts, hooks.notOpened) : identity<Observable<DeliveredSegment>>

  return merge(node.transport.messages$, missed$).pipe(
    filter(isForChannel(parts, hooks)),
    map(toFrame),
    openEnvelope,
    participant.unwrap(),
    tap(hooks.received),
    openContent,
    reassembler.reassemble(),
  )
}

function isForChannel(
  { contentTopic, profile, sent }: ChannelParts,
  hooks: IncomingHooks,
): (message: TransportMessage) => boolean {
  const verdictOn = createIngressFilter(contentTopic, profile.marker)
  return (message) => {
    const verdict = verdictOn(message)
    if (verdict !== 'accepted') hooks.turnedAway(verdict)
    else if (message.echoOf !== undefined && sent.has(message.echoOf)) hooks.heard()
    else if (!hooks.hasRoom()) hooks.turnedAway('inbox-full')
    else {
      hooks.heard()
      return true
    }
    return false
  }
}

function toFrame({ payload, hash }: TransportMessage): IncomingFrame {
  return { payload, hash }
}
