import { Subscription } from 'rxjs'
import type { ChannelParts } from '../opening/parts.ts'

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
}: Pick<ChannelParts, 'participant' | 'reassembler' | 'profile' | 'placement'>): Subscription {
  const subscription = new Subscription()
  if (profile.segments === 'raw' || placement === 'content') return subscription
  subscription.add(
    reassembler.rebuilt$.subscribe(({ waive, messageIds }) => {
      if (waive.length > 0) participant.waive(waive, messageIds)
    }),
  )
  subscription.add(participant.parked$.subscribe((parked) => reassembler.offer([parked])))
  return subscription
}
