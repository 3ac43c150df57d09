import { openChannel } from '@reliable-channels/channel'
import { type OwnedWakuTransport, createWakuTransport } from '@reliable-channels/transport-waku'
import { type LightNode, createDecoder, createEncoder, createLightNode, utils } from '@waku/sdk'

import type { Network } from './network.ts'

/** Two ends on different service nodes: what goes in here comes out there. */
export interface Link {
  send(payload: Uint8Array<ArrayBuffer>): Promise<void>
  /** Told of each payload that arrived. */
  onReceived: (payload: Uint8Array) => void
  close(): Promise<void>
}

let topics = 0
/** No two links hear of each other. */
export const freshTopic = (): string => `/bench/1/link-${topics++}/proto`

/** The bare network: light push of `@waku/sdk` at one service node, filter at the other; the sender does not listen. */
export async function bareLink({ addresses, networkConfig }: Network): Promise<Link> {
  const contentTopic = freshTopic()
  const routingInfo = utils.createRoutingInfo(networkConfig, { contentTopic })
  const encoder = createEncoder({ contentTopic, routingInfo })
  const [sender, receiver] = await Promise.all(addresses.map((address) => lightNode(address, networkConfig)))
  const link: Link = {
    async send(payload) {
      // Now and then the SDK hands one stream to two senders.
      for (let triesLeft = 3; ; triesLeft--) {
        const { failures } = await sender!.lightPush.send(encoder, { payload, timestamp: new Date() })
        if (failures.length === 0) return
        if (triesLeft === 0) throw new Error(`not sent: ${failures[0]!.error}`)
      }
    },
    onReceived: () => {},
    async close() {
      receiver!.filter.unsubscribeAll()
      await Promise.all([sender!.stop(), receiver!.stop()])
    },
  }
  const isSubscribed = await receiver!.filter.subscribe(
    createDecoder(contentTopic, routingInfo),
    ({ payload }) => link.onReceived(payload),
  )
  if (!isSubscribed) throw new Error('the filter was not subscribed')
  return link
}

async function lightNode(address: string, networkConfig: Network['networkConfig']): Promise<LightNode> {
  const node = await createLightNode({
    networkConfig,
    numPeersToUse: 1,
    defaultBootstrap: false,
    lightPush: { autoRetry: false },
    libp2p: { filterMultiaddrs: false, hideWebSocketInfo: true },
  })
  const identified = new Promise((resolve) => {
    node.libp2p.addEventListener('peer:identify', resolve, { once: true })
  })
  await node.dial(address)
  await identified
  return node
}

/** The transport under a channel, both ends listening, as whoever takes part in a conversation does. */
export async function transportLink(network: Network): Promise<Link> {
  const contentTopic = freshTopic()
  const [sender, receiver] = await Promise.all(
    network.addresses.map((address) => transportTo(network, address)),
  )
  const sent = new Map<string, () => void>()
  sender!.events$.subscribe((event) => {
    if (event.type !== 'message-propagated') sent.get(event.requestId)?.()
  })
  const link: Link = {
    async send(payload) {
      const requestId = await sender!.send({ contentTopic, payload, ephemeral: false })
      await new Promise<void>((resolve) => sent.set(requestId, resolve))
      sent.delete(requestId)
    },
    onReceived: () => {},
    async close() {
      await Promise.all([sender!.close(), receiver!.close()])
    },
  }
  receiver!.messages$.subscribe(({ payload }) => link.onReceived(payload))
  await Promise.all([sender!.subscribe(contentTopic), receiver!.subscribe(contentTopic)])
  return link
}

/** The same through a channel, as it comes: SDS, segments, acknowledgements. */
export async function channelLink(network: Network): Promise<Link> {
  const contentTopic = freshTopic()
  const [sender, receiver] = await Promise.all(
    network.addresses.map(async (address, index) => {
      const transport = await transportTo(network, address)
      const senderId = `member ${index}`
      const channel = await openChannel({ channelId: contentTopic, contentTopic, senderId, transport })
      return { channel, transport }
    }),
  )
  const link: Link = {
    async send(payload) {
      await sender!.channel.ready()
      await sender!.channel.send(payload).sent()
    },
    onReceived: () => {},
    async close() {
      for (const { channel, transport } of [sender!, receiver!]) {
        await channel.close()
        await transport.close()
      }
    },
  }
  receiver!.channel.incoming$.subscribe(({ payload }) => link.onReceived(payload))
  return link
}

/** A transport that is connected to a service node. */
export async function transportTo({ networkConfig }: Network, address: string): Promise<OwnedWakuTransport> {
  const transport = await createWakuTransport({
    bootstrapPeers: [address],
    networkConfig,
    pushesPerSecond: Infinity,
  })
  await new Promise<void>((resolve) => {
    transport.connection$.subscribe((state) => state === 'connected' && resolve())
  })
  return transport
}
