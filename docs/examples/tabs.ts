import { type NodeOptions, openChannel } from '@reliable-channels/channel'
import { openInTabs } from '@reliable-channels/channel/tabs'
import { levelStore } from '@reliable-channels/store/level'
import { BrowserLevel } from 'browser-level'

/** Opens the channel of a page; the guide quotes it, and it runs in browsers alone. */
export async function openInPage(connect: () => Promise<NodeOptions['transport']>, person: string) {
  // #region share
  const chat = await openInTabs({
    name: 'my-chat', // one for all tabs of your site
    open: async (exclusive, signal) =>
      openChannel({
        channelId: 'family',
        contentTopic: '/my-chat/1/family/proto',
        senderId: person,
        transport: await connect(),
        store: levelStore(new BrowserLevel('my-chat')),
        exclusive, // the store is this tab's, for as long as it leads
        signal,
      }),
  })
  // #endregion
  return chat
}
