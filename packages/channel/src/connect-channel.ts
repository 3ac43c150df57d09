import { Subject } from 'rxjs'
import { type ReliableChannel, SubscribeError } from './channel.ts'
import { messageOf } from './dispatch.ts'
import type { ChannelEvent } from './events.ts'
import { LiveChannel } from './live-channel.ts'
import type { ChannelNode } from './node.ts'
import { type ChannelOptions, checkChannelOptions } from './options.ts'
import { createParts } from './parts.ts'
import { loadState } from './stored-state.ts'

/** Who opened the channel, and wants to hear of it. */
export interface ChannelOwner {
  event(event: ChannelEvent): void
  closed(): void
}

/**
 * Opens a channel on a node: loads what the store has of it, subscribes its topic, then starts.
 *
 * @throws StoreLoadError, StoreVersionError, SubscribeError, TypeError, RangeError
 */
export async function connectChannel(
  node: ChannelNode,
  options: ChannelOptions,
  owner: ChannelOwner,
): Promise<ReliableChannel> {
  checkChannelOptions(options)
  const state = await loadState(node.store, options.channelId)
  const events = new Subject<ChannelEvent>()
  // What ends it is the channel's to tell.
  events.subscribe({ next: (event) => owner.event(event), error: () => {} })
  const parts = createParts(node, options, state, (code, detail) =>
    events.next({ type: 'diagnostic', channelId: options.channelId, code, detail }),
  )
  try {
    await node.transport.subscribe(options.contentTopic)
  } catch (error) {
    parts.participant.close()
    parts.reassembler.close()
    throw new SubscribeError(`failed to subscribe to content topic: ${messageOf(error)}`, { cause: error })
  }
  return new LiveChannel({
    parts,
    options,
    events,
    state,
    closed: () => owner.closed(),
  })
}
