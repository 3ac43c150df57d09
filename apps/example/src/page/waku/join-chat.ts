import { type ReliableChannel, openChannel } from '@reliable-channels/channel'
import { keyFromPassphrase, xchacha } from '@reliable-channels/encryption'
import { type TypedChannel, typed } from '@reliable-channels/messages'
import { type Parcel, parcelCodec } from '@reliable-channels/messages/parcel'
import { type OwnedWakuTransport, createWakuTransport } from '@reliable-channels/transport-waku'
import { loadLeopard } from '../stand-ins/leopard.ts'
import type { JoinOptions } from './join-options.ts'

/** How far back the network's memory is asked for what was said, ms. */
const HISTORY_MS = 3_600_000

/** A channel over Waku, with the light node that it has for itself. */
export interface JoinedChat {
  readonly chat: TypedChannel<Parcel>
  readonly transport: OwnedWakuTransport
}

/** Starts a light node and opens the channel, as `rc chat` does: so both can talk with each other. */
export async function joinChat(options: JoinOptions): Promise<JoinedChat> {
  const { name, channelId, addresses, clusterId, shards, passphrase } = options
  // Others may send parity.
  await loadLeopard()
  const key =
    passphrase === ''
      ? undefined
      : await keyFromPassphrase(passphrase, { salt: `reliable-channels/cli/${channelId}` })
  const transport = await createWakuTransport({
    bootstrapPeers: addresses,
    networkConfig: { clusterId, numShardsInCluster: shards },
  })
  let channel: ReliableChannel
  try {
    channel = await openChannel({
      channelId,
      contentTopic: `/reliable-channels-cli/1/${encodeURIComponent(channelId)}/proto`,
      senderId: name,
      transport,
      historyMs: HISTORY_MS,
      receipts: 'all',
      ...(key && { cipher: xchacha({ key }) }),
    })
  } catch (error) {
    await transport.close()
    throw error
  }
  return { chat: typed(channel, parcelCodec), transport }
}
