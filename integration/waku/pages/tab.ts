import { type ReliableChannel, openChannel } from '@reliable-channels/channel'
import { type OwnedWakuTransport, createWakuTransport } from '@reliable-channels/transport-waku'

/** What the page offers to the test. */
export interface Tab {
  /** Joins a channel; resolves when the tab is connected. */
  join(options: TabOptions): Promise<void>
  /** Sends a file made of numbers; resolves with its digest when somebody has acknowledged all of it. */
  send(bytes: number): Promise<string>
  /** Waits for a file, and returns its author and digest. */
  receive(): Promise<{ readonly from: string; readonly bytes: number; readonly digest: string }>
  /** Leaves the channel. */
  leave(): Promise<void>
}

/** Who and where. */
export interface TabOptions {
  readonly senderId: string
  readonly address: string
  readonly networkConfig: { clusterId: number; numShardsInCluster: number }
}

declare global {
  var tab: Tab
}

let transport: OwnedWakuTransport
let channel: ReliableChannel
let received: ReturnType<Tab['receive']>

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

globalThis.tab = {
  async join({ senderId, address, networkConfig }) {
    transport = await createWakuTransport({
      bootstrapPeers: [address],
      networkConfig,
      pushesPerSecond: Infinity,
    })
    channel = await openChannel({
      channelId: 'files',
      contentTopic: '/waku-test/1/files/proto',
      senderId,
      transport,
    })
    received = new Promise((resolve) => {
      channel.incoming$.subscribe(({ senderId: from, payload }) => {
        void digestOf(payload.slice()).then((digest) => resolve({ from, bytes: payload.length, digest }))
      })
    })
    await new Promise<void>((resolve) => {
      transport.connection$.subscribe((state) => state === 'connected' && resolve())
    })
  },
  async send(bytes) {
    const file = Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff)
    await channel.send(file).delivered()
    return digestOf(file)
  },
  receive: () => received,
  async leave() {
    await channel.close()
    await transport.close()
  },
}
