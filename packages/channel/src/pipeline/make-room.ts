import type { SdsEvent } from '@reliable-channels/sds'
import type { ReassemblyEvent } from '@reliable-channels/segmentation'
import type { ChannelParts } from '../opening/parts.ts'
import type { IncomingFrame } from './frames.ts'

/** The parts of a channel that make room. */
type RoomParts = Pick<ChannelParts, 'participant' | 'reassembler' | 'noteRefused'>

/** What {@link makeRoom} is to be told. */
export interface RoomMaking {
  /** SDS has something to tell. */
  heardOf(event: SdsEvent): void
  /** Reassembly has. */
  reassembled(event: ReassemblyEvent): void
}

/**
 * Keeps what is acknowledged to what can become whole. Segments that SDS has refused, since reassembly has no room for their
 * message, are asked for once there is some; those that its history has forgotten are asked for again; and those of a message
 * that will not come are acknowledged no more.
 */
export function makeRoom({ participant, reassembler, noteRefused }: RoomParts): RoomMaking {
  return {
    heardOf(event) {
      if (event.type !== 'refused') return
      const { messageId, senderId, content, refusal } = event
      const frame = event.frame as Partial<IncomingFrame>
      if (refusal === 'now' && frame.hash !== undefined) noteRefused(messageId, frame.hash)
      reassembler.refused({ payload: content, messageId, senderId })
    },
    reassembled(event) {
      if (event.type === 'disowned') return participant.disown(event.messageIds)
      if (event.type !== 'lacking') return
      const { senderId } = event
      if (senderId === undefined) return
      participant.want(event.messageIds.map((messageId) => ({ messageId, senderId })))
    },
  }
}
