/** A tab that shares its channel with other tabs, or a member of its own, over a devnet and with IndexedDB. */
import {
  type NodeOptions,
  type ReliableChannel,
  type SendHandle,
  openChannel,
} from '@reliable-channels/channel'
import { type TabChannel, openInTabs } from '@reliable-channels/channel/tabs'
import { levelStore } from '@reliable-channels/store/level'
import { type OwnedWakuTransport, createWakuTransport } from '@reliable-channels/transport-waku'
import { BrowserLevel } from 'browser-level'

/** Who and where. */
export interface JoinOptions {
  readonly room: string
  readonly senderId: string
  readonly address: string
  readonly networkConfig: { clusterId: number; numShardsInCluster: number }
  /** With other tabs; else alone. */
  readonly isShared: boolean
}

let chat: ReliableChannel
let transport: OwnedWakuTransport | undefined
const received: string[] = []
const requests: SendHandle[] = []
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

async function open(
  { room, senderId, address, networkConfig }: JoinOptions,
  exclusive?: NodeOptions['exclusive'],
): Promise<ReliableChannel> {
  transport = await createWakuTransport({
    bootstrapPeers: [address],
    networkConfig,
    pushesPerSecond: Infinity,
  })
  return openChannel({
    channelId: room,
    contentTopic: `/tabs-test/1/${room}/proto`,
    senderId,
    transport,
    store: levelStore(new BrowserLevel(`${room} of ${senderId}`)),
    ...(exclusive !== undefined && { exclusive }),
  })
}

const page = {
  /** Resolves when the tab has its end of the channel, and messages can flow. */
  async join(options: JoinOptions): Promise<void> {
    chat = options.isShared
      ? await openInTabs({
          name: options.room,
          open: (exclusive) => open(options, exclusive),
          closed: () => transport?.close(),
        })
      : await open(options)
    chat.incoming$.subscribe(({ payload, redelivered }) => {
      // What the store did not know to be handled when its tab crashed comes again, and says so.
      if (!redelivered) received.push(new TextDecoder().decode(payload))
    })
    await new Promise<void>((resolve) => {
      chat.connection$.subscribe(({ state }) => state === 'connected' && resolve())
    })
  },
  role: (): string => (chat as TabChannel).role,
  received: (): readonly string[] => received,
  send(text: string): void {
    requests.push(chat.send(encode(text)))
  },
  /** Resolves with how long that took, ms. */
  async accepted(text: string): Promise<number> {
    const startedAt = performance.now()
    const request = chat.send(encode(text))
    requests.push(request)
    await request.accepted()
    return performance.now() - startedAt
  },
  async delivered(): Promise<readonly string[]> {
    await Promise.all(requests.map((request) => request.delivered()))
    return requests.map(({ status }) => status.state)
  },
  close: (): Promise<void> => chat.close(),
}

/** The functions of the page, as the test sees them. */
export type TabPage = typeof page

Object.assign(globalThis, { tabPage: page })
