import { openChannel } from '@reliable-channels/channel'
import { createWakuTransport } from '@reliable-channels/transport-waku'

/** Opens a channel on the public network. The page quotes it; nobody runs it where there is no network. */
export async function openOverWaku(senderId: string) {
  // #region open
  const transport = await createWakuTransport({ network: 'the-waku-network' })
  const channel = await openChannel({
    channelId: 'demo',
    contentTopic: '/demo/1/chat/proto',
    senderId,
    transport,
  })
  channel.connection$.subscribe(({ state, problem }) => console.log(state, problem ?? ''))
  // #endregion
  return channel
}
