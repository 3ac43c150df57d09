import type { ReassemblyEvent } from '@reliable-channels/segmentation'
import type { Subscription } from 'rxjs'
import type { ChannelParts } from '../opening/parts.ts'

/** What {@link waiveRebuilt} is to be told, and what ends it. */
interface Waiving {
  /** Reassembly has something to tell. */
  reassembled(event: ReassemblyEvent): void
  readonly subscription?: Subscription
}

/**
 * Lets parity help: SDS parks what follows a lost segment, also the segments and the parity that make the lost one
 * superfluous. SDS shows what it parks, reassembly says what it could rebuild and what need not be waited for then, and
 * SDS waives it. The message comes at its place in causal order. With contents sealed there is nothing to see.
 */
export function waiveRebuilt({
  participant,
  reassembler,
  profile,
  placement,
}: Pick<ChannelParts, 'participant' | 'reassembler' | 'profile' | 'placement'>): Waiving {
  if (profile.segments === 'raw' || placement === 'content') return { reassembled() {} }
  return {
    reassembled(event) {
      if (event.type === 'rebuilt' && event.waive.length > 0) participant.waive(event.waive, event.messageIds)
    },
    subscription: participant.parked$.subscribe((parked) => reassembler.offer([parked])),
  }
}
