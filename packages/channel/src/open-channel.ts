import { atCaller } from '@reliable-channels/options'
import { NEVER } from 'rxjs'
import type { ReliableChannel } from './channel.ts'
import { checkChannelOptions, checkOpeningOptions } from './check-options.ts'
import { connectChannel } from './opening/connect-channel.ts'
import { createChannelNode } from './opening/node.ts'
import type { ChannelOptions, NodeOptions } from './options.ts'

/**
 * Opens one channel on a transport of its own: a manager of one channel.
 *
 * Transport and store stay the caller's: close them after the channel.
 *
 * @throws SubscribeError `failed to subscribe to content topic: <error>`
 * @throws ChannelOptionError, SdsOptionError, SegmentationOptionError, SegmentSizeError for options that make no sense
 * @example
 * const channel = await openChannel({ transport, channelId: 'demo', contentTopic: '/demo/1/chat/proto', senderId: 'alice' })
 * channel.incoming$.subscribe(({ senderId, payload }) => console.log(senderId, payload))
 * await channel.send(new TextEncoder().encode('hello')).delivered()
 */
export async function openChannel(options: NodeOptions & ChannelOptions): Promise<ReliableChannel> {
  const node = atCaller(openChannel, () => {
    checkOpeningOptions(options)
    return createChannelNode(options)
  })
  // The handler is the node's already.
  const { sendHandler: _, ...channelOptions } = options
  try {
    atCaller(openChannel, () => checkChannelOptions(channelOptions))
    return await connectChannel(node, channelOptions, {
      event: () => {},
      listened$: NEVER,
      closed: () => node.close(),
    })
  } catch (error) {
    await node.close()
    throw error
  }
}
