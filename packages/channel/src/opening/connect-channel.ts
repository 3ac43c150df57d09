import { type Observable, Subject } from 'rxjs'
import type { ReliableChannel } from '../channel.ts'
import type { ChannelEvent } from '../events.ts'
import { LiveChannel } from '../live-channel.ts'
import type { ChannelNode } from './node.ts'
import type { ChannelOptions } from '../options.ts'
import { type Diagnose, createParts } from './parts.ts'
import { emptyState, loadState } from './stored-state.ts'
import { messageOf } from '../thrown.ts'

/** The content topic could not be subscribed; no channel was opened. */
export class SubscribeError extends Error {
  override readonly name = 'SubscribeError'
  readonly code = 'ERR_SUBSCRIBE'
}

/** Who opened the channel, and wants to hear of it. */
export interface ChannelOwner {
  event(event: ChannelEvent): void
  /** Emits, at once or later, when somebody listens at the owner's. */
  readonly listened$: Observable<unknown>
  /** Called when everything is stored. */
  closed(): Promise<void> | void
}

/**
 * Opens a channel on a node, with options that were checked: loads what the store has of it, subscribes its topic, then
 * starts.
 *
 * @throws StoreLoadError, StoreVersionError, StoreLockedError, SubscribeError, SdsOptionError,
 *   SegmentationOptionError, SegmentSizeError
 */
export async function connectChannel(
  node: ChannelNode,
  options: ChannelOptions,
  owner: ChannelOwner,
): Promise<ReliableChannel> {
  const { channelId, contentTopic } = options
  const events = new Subject<ChannelEvent>()
  /** What happens before the owner can listen is told once he can. */
  let early: ChannelEvent[] | undefined = []
  const diagnose: Diagnose = (code, detail) => {
    const event = { type: 'diagnostic', channelId, code, detail } as const
    if (early === undefined) events.next(event)
    else early.push(event)
  }
  const onCorrupt = (key: string, reason: string): void =>
    diagnose('store-corrupt', { part: 'rate-limit', key, reason })
  const limiter = await node.limiter(onCorrupt)
  const state = await loadState(node.store, channelId)
  // Bad options throw before anything is subscribed.
  const trial = createParts(node, limiter, options, emptyState(channelId), () => {})
  trial.participant.close()
  trial.reassembler.close()
  // What ends it is the channel's to tell.
  events.subscribe({ next: (event) => owner.event(event), error: () => {} })
  try {
    await node.transport.subscribe(contentTopic)
  } catch (error) {
    throw new SubscribeError(`failed to subscribe to content topic: ${messageOf(error)}`, { cause: error })
  }
  // Made only now: what was restored is sent and delivered soon, and must not find that nobody listens yet.
  const parts = createParts(node, limiter, options, state, diagnose)
  const channel = new LiveChannel({ parts, options, events, state, owner })
  node.scheduler.schedule(() => {
    for (const event of early ?? []) events.next(event)
    early = undefined
  })
  return channel
}
