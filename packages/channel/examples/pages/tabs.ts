import { type NodeOptions, openChannel } from '@reliable-channels/channel'
import { type TabChannel, openInTabs } from '@reliable-channels/channel/tabs'

/** Opens a page's end of the channel that all tabs of the site share. */
export function openFamily(connect: () => Promise<NodeOptions>): Promise<TabChannel> {
  return openInTabs({
    name: 'my-chat', // one for all tabs
    // Called in the tab that leads, which says so to the channel by `exclusive`.
    open: async (exclusive, signal) =>
      openChannel({
        ...(await connect()), // transport: await createWakuTransport(…), store: levelStore(new BrowserLevel('my-chat'))
        channelId: 'family',
        contentTopic: '/my-chat/1/family/proto',
        senderId: 'alice',
        exclusive,
        signal, // this tab is closed, or leads no more
      }),
  })
}
