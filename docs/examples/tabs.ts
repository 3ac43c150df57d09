import { type NodeOptions, openChannel } from '@reliable-channels/channel'
import { levelStore } from '@reliable-channels/store/level'
import { BrowserLevel } from 'browser-level'

/** Opens the channel of a page; the guide quotes it, and it runs in browsers alone. */
export async function openInPage(transport: NodeOptions['transport'], person: string) {
  // #region wait
  const chat = await openChannel({
    channelId: 'family',
    contentTopic: '/my-chat/1/family/proto',
    senderId: person,
    transport,
    store: levelStore(new BrowserLevel('my-chat')),
    exclusive: { name: 'my-chat', wait: true }, // resolves when no other tab has the channel open
  })
  // #endregion
  return chat
}
