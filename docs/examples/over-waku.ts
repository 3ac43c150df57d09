import { openChannel } from '@reliable-channels/channel'
import { createWakuTransport } from '@reliable-channels/transport-waku'

/** A transport on the public network. Pages quote it; nobody runs it where there is no network. */
export async function connect() {
  // #region transport
  const transport = await createWakuTransport({ network: 'the-waku-network' })
  // #endregion
  return transport
}

/** A channel on it. */
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
