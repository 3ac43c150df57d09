import type { MessageFrame } from '@reliable-channels/segmentation'
import type { TransportMessage } from '@reliable-channels/transport'
import { type Observable, identity } from 'rxjs'
import { type ChannelParts, plaintext } from '../opening/parts.ts'
import type { KeptMessage } from '../core/message-record.ts'
import type { Inbox } from '../receiving/inbox.ts'
import { Chain } from './chain.ts'
import type { DeliveredSegment, IncomingFrame } from './frames.ts'
import { type IngressHooks, ingress } from './ingress.ts'
import { openContents, openEnvelopes } from './sealing.ts'
import { vouchInto } from './vouching.ts'

/** Reports to the channel on the way in. */
export interface IncomingHooks extends IngressHooks {
  /** A frame could not be opened: it does not go on. */
  notOpened: (frame: Pick<DeliveredSegment, 'hash'>, error: Error) => void
}

/** The parts of a channel that messages pass on their way in. */
export type IncomingParts = Pick<
  ChannelParts,
  | 'messages'
  | 'scheduler'
  | 'hookMs'
  | 'channelId'
  | 'contentTopic'
  | 'profile'
  | 'placement'
  | 'cipher'
  | 'participant'
  | 'sealedContents'
  | 'reopening'
  | 'signedFrames'
  | 'reassembler'
  | 'noteHash'
  | 'met'
  | 'topic'
  | 'unitOfWork'
  | 'counters'
>

/** Options of {@link openIncoming}. */
export interface IncomingOptions {
  /** Messages that were missed and come from the network's memory: they take the same way. */
  readonly missed$: Observable<TransportMessage>
  readonly inbox: Pick<Inbox, 'isFull' | 'take'>
  readonly hooks: IncomingHooks
  readonly died: (error: unknown) => void
}

/**
 * transport → decrypt → SDS unwrap → reassemble → the inbox.
 *
 * SDS's note of a delivery, the segment that reassembly keeps, and the inbox's entry for a message that is whole go into
 * one write. The inbox hands it out after that.
 */
export function openIncoming(parts: IncomingParts, options: IncomingOptions): Chain {
  const {
    messages,
    contentTopic,
    participant,
    reassembler,
    placement,
    noteHash,
    met,
    topic,
    cipher,
    unitOfWork,
    counters,
    reopening,
    scheduler,
  } = parts
  const { missed$, inbox, hooks, died } = options
  const isSealed = placement === 'envelope' && cipher !== plaintext
  const chain = new Chain(died)
  // What was to be opened once more when the process ended is wanted again as soon as reassembly has started.
  if (placement === 'content') chain.own(scheduler.schedule(() => reopening.next(reopening.value - 1)))
  const openEnvelope =
    placement === 'envelope' ? openEnvelopes(parts, hooks.notOpened) : identity<Observable<IncomingFrame>>
  const openContent =
    placement === 'content' ? openContents(parts, hooks.notOpened) : identity<Observable<DeliveredSegment>>

  const whole = chain.guarded((frame: DeliveredSegment & MessageFrame) => inbox.take(named(frame)))
  const reassemble = chain.into(reassembler.openPort<DeliveredSegment>(whole))
  const open = chain.through(openContent, reassemble)
  const delivered = chain.guarded((segment: DeliveredSegment) => {
    const { messageId, hash } = segment
    if (hash !== undefined) noteHash(messageId, hash)
    open(segment)
  })
  const unwrap = chain.into(participant.ports.unwrap<IncomingFrame>(delivered))
  const vouched = vouchInto(chain, parts, hooks.notOpened, (frame) => {
    // Seen is not taken: whoever makes up a message of the same hash, or comes before the key, would suppress it.
    met.add(frame.hash)
    unwrap(frame)
    if (!isSealed) topic.passed(frame.hash)
  })
  const read = chain.through(openEnvelope, (frame: IncomingFrame) => {
    if (isSealed) topic.passed(frame.hash)
    vouched(frame)
  })
  const isLetIn = ingress(parts, inbox, hooks)
  const take = chain.guarded((message: TransportMessage) =>
    // That something was heard, and what it was, is one write.
    unitOfWork.run(() => {
      if (!isLetIn(message)) return
      counters.came(message.payload)
      const { payload, hash } = message
      read(
        cipher.signs === true
          ? { payload, hash, seal: { bytes: payload, signer: undefined } }
          : { payload, hash },
      )
    }),
  )
  chain.own(messages.listen(contentTopic, { next: take, error: died }))
  chain.own(missed$.subscribe({ next: take, error: died }))
  return chain
}

/** A whole message with the name by which all members know it, where it came in several segments: see `idOfMessage`. */
function named(frame: DeliveredSegment & MessageFrame): KeptMessage {
  const { dataCount, parityCount, payloadHash } = frame.message
  return dataCount + parityCount > 1 ? { ...frame, name: payloadHash } : frame
}
