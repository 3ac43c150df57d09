import { atCaller } from '@reliable-channels/options'
import { from } from 'rxjs'
import { ChannelClosedError } from '../closed-error.ts'
import { firstWithin } from '../sending/first-within.ts'
import { Tab } from './tab.ts'
import type { TabChannel } from './tab-channel.ts'
import { type TabsOptions, checked } from './tabs-options.ts'

/**
 * Opens a channel for all tabs of an origin: one of them, which has a Web Lock, runs it, and serves the others, which hear it
 * by a BroadcastChannel. Each has the whole API of a channel, and sees the same messages.
 *
 * When the tab that leads is closed or crashes, another takes the lead at once; when it is frozen, within 5 s. What was
 * accepted is in the store and goes on. What was not is asked of the next, under the same id, so that it is sent once.
 *
 * @throws ChannelOptionError, LocksUnavailableError where there are no Web Locks, the reason of the signal, or what `open`
 *   rejects with, where this tab is the first to lead
 * @example
 * ```ts
 * const chat = await openInTabs({
 *   name: 'my-chat',
 *   open: (exclusive, signal) =>
 *     openChannel({ channelId: 'demo', contentTopic: '/demo/1/chat/proto', senderId: 'alice', transport, store, exclusive, signal }),
 * })
 * chat.incoming$.subscribe(({ senderId, payload }) => console.log(senderId, payload))
 * await chat.send(new TextEncoder().encode('hello')).accepted()
 * ```
 */
export async function openInTabs(options: TabsOptions): Promise<TabChannel> {
  const given = atCaller(openInTabs, () => checked(options))
  options.signal?.throwIfAborted()
  const tab = new Tab(given)
  try {
    return await firstWithin(from(tab.opened), options, () => new ChannelClosedError('closed'))
  } catch (error) {
    tab.close().catch(() => {})
    throw error
  }
}
