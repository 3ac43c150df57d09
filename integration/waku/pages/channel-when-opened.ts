import { wakuTransport } from '@reliable-channels/transport-waku'
import { createLightNode } from '@waku/sdk'

/** Loads the channel when the user opens a conversation. */
async function openChannel(...args: Parameters<typeof import('@reliable-channels/channel').openChannel>) {
  const channel = await import('@reliable-channels/channel')
  return channel.openChannel(...args)
}

Object.assign(globalThis, { createLightNode, openChannel, wakuTransport })
