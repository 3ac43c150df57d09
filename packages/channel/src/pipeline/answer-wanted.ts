import type { WantedEvent } from '@reliable-channels/segmentation'
import { type Subscription, concatMap, from, tap, toArray } from 'rxjs'
import type { ChannelParts } from '../opening/parts.ts'
import { openKept } from './sealing.ts'

/** A content that the history has, under its message id. */
interface Kept {
  readonly messageId: string
  readonly senderId?: string
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
export function answerWanted(parts: AnsweringParts, died: (error: unknown) => void): Subscription {
  const { participant, reassembler, placement } = parts
  const keptOf = ({ messageIds, senderId }: WantedEvent): Kept[] =>
    messageIds.flatMap((messageId): Kept[] => {
      const payload = participant.contentOf(messageId)
      return payload === undefined
        ? []
        : [{ messageId, payload, ...(senderId !== undefined && { senderId }) }]
    })
  const answer = ({ senderId, payloadHash }: WantedEvent, kept: readonly Kept[]): void => {
    const segments = kept.map(({ messageId, payload }) => ({ messageId, content: payload }))
    reassembler.readmit({ senderId, payloadHash, segments })
  }
  const { wanted$ } = reassembler
  if (placement !== 'content')
    return wanted$.subscribe({ next: (wanted) => answer(wanted, keptOf(wanted)), error: died })
  return wanted$
    .pipe(
      concatMap((wanted) =>
        from(keptOf(wanted)).pipe(
          openKept(parts),
          toArray(),
          tap((kept) => answer(wanted, kept)),
        ),
      ),
    )
    .subscribe({ error: died })
}
