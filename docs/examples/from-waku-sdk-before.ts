import { type IWaku, ReliableChannel, createDecoder, createEncoder } from '@waku/sdk'

/** How it is today; the guide quotes it, and it needs a network to run. */
export async function openBefore(node: IWaku, show: (text: string) => void) {
  // #region before
  const contentTopic = '/my-chat/1/lobby/proto'
  const routingInfo = { clusterId: 1, shardId: 0, pubsubTopic: '/waku/2/rs/1/0' }
  const channel = await ReliableChannel.create(
    node,
    'lobby',
    'alice',
    createEncoder({ contentTopic, routingInfo }),
    createDecoder(contentTopic, routingInfo),
  )
  channel.addEventListener('message-received', ({ detail }) => {
    show(`message-received ${new TextDecoder().decode(detail.payload)}`)
  })
  channel.addEventListener('message-sent', ({ detail }) => show(`message-sent ${detail}`))
  channel.addEventListener('message-acknowledged', ({ detail }) => show(`message-acknowledged ${detail}`))
  channel.addEventListener('irretrievable-message', () => show('irretrievable-message'))

  const messageId = channel.send(new TextEncoder().encode('hello'))
  // #endregion
  return messageId
}
