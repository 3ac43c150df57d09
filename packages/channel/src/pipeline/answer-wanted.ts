import type { WantedEvent } from '@reliable-channels/segmentation'
import { type Observable, concatMap, from, map, of, toArray } from 'rxjs'
import type { ChannelParts } from '../opening/parts.ts'
import { openKept } from './sealing.ts'

/** A content that the history has, under its message id. */
interface Kept {
  readonly messageId: string
  readonly payload: Uint8Array
}

/** The parts of a channel that answering needs. */
type AnsweringParts = Pick<
  ChannelParts,
  | 'channelId'
  | 'contentTopic'
  | 'cipher'
  | 'scheduler'
  | 'hookMs'
  | 'placement'
  | 'participant'
  | 'reassembler'
>

/**
 * Gives back to reassembly what it has put aside: what SDS has acknowledged is in its history. With contents sealed it is
 * opened as on the way in; what cannot be opened counts as forgotten.
 */
export function answerWanted(parts: AnsweringParts): Observable<void> {
  const { participant, reassembler, placement } = parts
  const contentsOf = ({ senderId, messageIds }: WantedEvent): Observable<Kept[]> => {
    const kept = messageIds.flatMap((messageId): Kept[] => {
      const payload = participant.contentOf(messageId)
      return payload === undefined ? [] : [{ messageId, payload }]
    })
    return placement === 'content' ? from(kept).pipe(openKept(parts, senderId), toArray()) : of(kept)
  }
  return reassembler.wanted$.pipe(
    concatMap((wanted) => contentsOf(wanted).pipe(map((kept) => ({ wanted, kept })))),
    map(({ wanted: { senderId, payloadHash }, kept }) => {
      const segments = kept.map(({ messageId, payload }) => ({ messageId, content: payload }))
      reassembler.readmit({ senderId, payloadHash, segments })
    }),
  )
}
