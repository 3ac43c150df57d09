import { type ReliableChannel, openChannel } from '@reliable-channels/channel'
import { keyFromPassphrase, xchacha } from '@reliable-channels/encryption'
import { type TypedChannel, typed } from '@reliable-channels/messages'
import { type Parcel, parcelCodec } from '@reliable-channels/messages/parcel'
import { exclusive } from '@reliable-channels/store'
import { levelStore } from '@reliable-channels/store/level'
import { type OwnedWakuTransport, createWakuTransport } from '@reliable-channels/transport-waku'
import { BrowserLevel } from 'browser-level'
import { loadParity } from '../stand-ins/parity.ts'
import type { JoinOptions } from './join-options.ts'

/** How far back the network's memory is asked for what was said, ms. */
const HISTORY_MS = 3_600_000
/** How long the page that is being left may still hold the lock, ms. @limit Then it is said that another tab has it. */
const LEAVING_MS = 5_000

/** A channel over Waku, with the light node that it has for itself. */
export interface JoinedChat {
  readonly chat: TypedChannel<Parcel>
  readonly transport: OwnedWakuTransport
  /** Closes what the channel stood on. */
  readonly close: () => Promise<void>
}

/** Starts a light node and opens the channel, as `rc chat` does: so both can talk with each other. */
export async function joinChat(options: JoinOptions): Promise<JoinedChat> {
  const { name, channelId, addresses, clusterId, shards, passphrase } = options
  // Others may send parity.
  await loadParity()
  const key =
    passphrase === ''
      ? undefined
      : await keyFromPassphrase(passphrase, { salt: `reliable-channels/cli/${channelId}` })
  // Of one member on one network: what was said, and what still has to leave, survives a reload.
  const place = `reliable-channels-example ${JSON.stringify([clusterId, channelId, name])}`
  const lock = await exclusive(place, { wait: true, signal: AbortSignal.timeout(LEAVING_MS) }).catch(() => {
    throw new Error(`Another tab of this browser is "${name}" there: take another name, or close it`)
  })
  const store = levelStore(new BrowserLevel(place))
  let transport: OwnedWakuTransport | undefined
  const close = async (): Promise<void> => {
    await transport?.close()
    await store.close()
    await lock.release()
  }
  let channel: ReliableChannel
  try {
    transport = await createWakuTransport({
      bootstrapPeers: addresses,
      networkConfig: { clusterId, numShardsInCluster: shards },
    })
    channel = await openChannel({
      channelId,
      contentTopic: `/reliable-channels-cli/1/${encodeURIComponent(channelId)}/proto`,
      senderId: name,
      transport,
      store,
      historyMs: HISTORY_MS,
      receipts: 'all',
      ...(key && { cipher: xchacha({ key }) }),
    })
  } catch (error) {
    await close()
    throw error
  }
  return { chat: typed(channel, parcelCodec), transport, close }
}
