import type { TransportMessage } from '@reliable-channels/transport'
import { Observable, type OperatorFunction, Subject, identity, map, merge, tap } from 'rxjs'
import type { ChannelMessageReceivedEvent } from '../events.ts'
import { type ChannelParts, plaintext } from '../opening/parts.ts'
import type { Inbox } from '../receiving/inbox.ts'
import type { DeliveredSegment, IncomingFrame } from './frames.ts'
import { type IngressHooks, ingress } from './ingress.ts'
import { openContents, openEnvelopes } from './sealing.ts'

/** Reports to the channel on the way in. */
export interface IncomingHooks extends IngressHooks {
  /** A frame could not be opened: it does not go on. */
  notOpened: (frame: Pick<DeliveredSegment, 'hash'>, error: Error) => void
}

/** The parts of a channel that messages pass on their way in. */
export type IncomingParts = Pick<
  ChannelParts,
  | 'messages$'
  | 'scheduler'
  | 'hookMs'
  | 'channelId'
  | 'contentTopic'
  | 'profile'
  | 'placement'
  | 'cipher'
  | 'participant'
  | 'sealedContents'
  | 'reassembler'
  | 'noteHash'
  | 'sent'
  | 'met'
  | 'topic'
>

/**
 * transport → decrypt → SDS unwrap → reassemble → the messages for the application.
 *
 * Messages that were missed and come from the network's memory (`missed$`) take the same way.
 * SDS's note of a delivery, the segment that reassembly keeps, and the inbox's entry for a message that is whole go into
 * one write. The inbox hands it out after that.
 */
export function incoming(
  parts: IncomingParts,
  missed$: Observable<TransportMessage>,
  inbox: Inbox,
  hooks: IncomingHooks,
): Observable<ChannelMessageReceivedEvent> {
  const { messages$, participant, reassembler, placement, noteHash, topic, cipher } = parts
  const isSealed = placement === 'envelope' && cipher !== plaintext
  const openEnvelope = placement === 'envelope' ? openEnvelopes(parts, hooks.notOpened) : identity
  const openContent =
    placement === 'content' ? openContents(parts, hooks.notOpened) : identity<Observable<DeliveredSegment>>

  return merge(messages$, missed$).pipe(
    ingress(parts, inbox, hooks),
    map(toFrame),
    openEnvelope,
    tap(({ hash }) => isSealed && topic.passed(hash)),
    afterEach(participant.unwrap<IncomingFrame>(), ({ hash }) => !isSealed && topic.passed(hash)),
    tap(({ messageId, hash }) => hash !== undefined && noteHash(messageId, hash)),
    openContent,
    reassembler.reassemble(),
    inbox.handOut(),
  )
}

const toFrame = ({ payload, hash }: TransportMessage): IncomingFrame => ({ payload, hash })

/** The same operator; `done` is told of each value after the operator has had it. */
function afterEach<A, B>(
  operator: OperatorFunction<A, B>,
  done: (value: A) => unknown,
): OperatorFunction<A, B> {
  return (source) =>
    new Observable((subscriber) => {
      const input = new Subject<A>()
      subscriber.add(input.pipe(operator).subscribe(subscriber))
      subscriber.add(
        source.subscribe({
          next(value) {
            input.next(value)
            done(value)
          },
          error: (error: unknown) => input.error(error),
          complete: () => input.complete(),
        }),
      )
    })
}
