import type { SdsEvent } from '@reliable-channels/sds'
import { Subscription } from 'rxjs'
import type { ChannelParts } from '../opening/parts.ts'
import type { IncomingFrame } from './frames.ts'

/** The parts of a channel that make room. */
type RoomParts = Pick<ChannelParts, 'participant' | 'reassembler' | 'noteRefused'>

/** What {@link makeRoom} is to be told, and what ends it. */
export interface RoomMaking {
  /** SDS has something to tell. */
  heardOf(event: SdsEvent): void
  readonly subscription: Subscription
}

/**
 * Keeps what is acknowledged to what can become whole. Segments that SDS has refused, since reassembly has no room for their
 * message, are asked for once there is some; those that its history has forgotten are asked for again; and those of a message
 * that will not come are acknowledged no more.
 */
export function makeRoom({ participant, reassembler, noteRefused }: RoomParts): RoomMaking {
  const subscription = new Subscription()
  subscription.add(
    reassembler.lacking$.subscribe(({ senderId, messageIds }) => {
      if (senderId !== undefined) participant.want(messageIds.map((messageId) => ({ messageId, senderId })))
    }),
  )
  subscription.add(reassembler.disowned$.subscribe(({ messageIds }) => participant.disown(messageIds)))
  return {
    subscription,
    heardOf(event) {
      if (event.type !== 'refused') return
      const { messageId, senderId, content, refusal } = event
      const frame = event.frame as Partial<IncomingFrame>
      if (refusal === 'now' && frame.hash !== undefined) noteRefused(messageId, frame.hash)
      reassembler.refused({ payload: content, messageId, senderId })
    },
  }
}
