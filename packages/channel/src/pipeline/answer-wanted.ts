import type { ReassemblyEvent, WantedEvent } from '@reliable-channels/segmentation'
import { Subject, type Subscription, concatMap, from, map } from 'rxjs'
import type { ChannelParts } from '../opening/parts.ts'
import { openKept } from './sealing.ts'
import { inOneArray } from './in-one-array.ts'

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
  | 'reopening'
>

/** What {@link answerWanted} is to be told, and what ends it. */
interface Answering {
  /** Reassembly has something to tell. */
  reassembled(event: ReassemblyEvent): void
  readonly subscription?: Subscription
}

/**
 * Gives back to reassembly what it has put aside: what SDS has acknowledged is in its history. With contents sealed it is
 * opened as on the way in, where what comes after it waits; what cannot be opened counts as forgotten.
 */
export function answerWanted(parts: AnsweringParts, died: (error: unknown) => void): Answering {
  const { participant, reassembler, placement, reopening } = parts
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
  if (placement !== 'content') {
    return {
      reassembled(event) {
        if (event.type === 'wanted') answer(event, keptOf(event))
      },
    }
  }
  const wanted$ = new Subject<WantedEvent>()
  const subscription = wanted$
    .pipe(
      concatMap((wanted) =>
        from(keptOf(wanted)).pipe(
          openKept(parts),
          inOneArray(),
          map((kept) => answer(wanted, kept)),
        ),
      ),
    )
    .subscribe({ next: () => reopening.next(reopening.value - 1), error: died })
  return {
    reassembled(event) {
      if (event.type !== 'wanted') return
      reopening.next(reopening.value + 1)
      wanted$.next(event)
    },
    subscription,
  }
}
