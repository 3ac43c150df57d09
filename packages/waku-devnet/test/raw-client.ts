import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { mplex } from '@libp2p/mplex'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { proto_filter_v2, proto_lightpush, proto_store } from '@waku/proto'
import { decode, encode } from 'it-length-prefixed'
import { createLibp2p } from 'libp2p'

import type { DevnetNode } from '../src/index.ts'

export const PROTOCOL = {
  v3: '/vac/waku/lightpush/3.0.0',
  v2: '/vac/waku/lightpush/2.0.0-beta1',
  filter: '/vac/waku/filter-subscribe/2.0.0-beta1',
  push: '/vac/waku/filter-push/2.0.0-beta1',
  store: '/vac/waku/store-query/3.0.0',
  metadata: '/vac/waku/metadata/1.0.0',
  peerExchange: '/vac/waku/peer-exchange/2.0.0-alpha1',
}

const REQUEST_TIMEOUT_MS = 20_000

/** A client that speaks to one node in bare requests, so that a test sees what the SDK hides. */
export class RawClient {
  readonly libp2p: Libp2p
  readonly connection: Connection
  readonly pushes: proto_filter_v2.MessagePush[] = []
  readonly pushStreams: Stream[] = []

  constructor(libp2p: Libp2p, connection: Connection) {
    this.libp2p = libp2p
    this.connection = connection
  }

  static async connect(node: DevnetNode): Promise<RawClient> {
    const libp2p = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [mplex({ disconnectThreshold: 1000 })],
      services: { identify: identify() },
      connectionMonitor: { enabled: false },
    })
    const address = node.multiaddrs.find((candidate) => !candidate.includes('/ws')) as string
    const client = new RawClient(libp2p, await libp2p.dial(multiaddr(address)))
    await libp2p.handle(PROTOCOL.push, ({ stream }) => void client.#collect(stream))
    return client
  }

  async close(): Promise<void> {
    await this.libp2p.stop()
  }

  /** Sends one request and gives the reply, or `undefined` if the stream ended without one. */
  async request(protocol: string, request: Uint8Array, pieces: 1 | 2 = 1): Promise<Uint8Array | undefined> {
    const framed = encode.single(request).subarray()
    const prefix = framed.length - request.length
    return this.raw(protocol, pieces === 1 ? [framed] : [framed.subarray(0, prefix), request])
  }

  /** Sends bytes as they are. */
  async raw(protocol: string, pieces: readonly Uint8Array[]): Promise<Uint8Array | undefined> {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    const stream = await this.connection.newStream(protocol, { signal })
    const abort = (): void => stream.abort(new Error('no reply in time'))
    signal.addEventListener('abort', abort)
    try {
      const sent = stream.sink(pieces)
      sent.catch(() => {})
      let reply: Uint8Array | undefined
      for await (const frame of decode(stream.source)) reply ??= frame.slice()
      await sent
      return reply
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  async pushV3(
    request: Omit<proto_lightpush.LightPushRequestV3, 'requestId'>,
  ): Promise<proto_lightpush.LightPushResponseV3> {
    const encoded = proto_lightpush.LightPushRequestV3.encode({ requestId: 'r1', ...request })
    return this.rawV3(encoded)
  }

  async rawV3(encoded: Uint8Array): Promise<proto_lightpush.LightPushResponseV3> {
    return proto_lightpush.LightPushResponseV3.decode(await this.#reply(PROTOCOL.v3, encoded))
  }

  async pushV2(request: proto_lightpush.PushRequest): Promise<proto_lightpush.PushResponse | undefined> {
    const encoded = proto_lightpush.PushRpc.encode({ requestId: 'r2', request })
    return proto_lightpush.PushRpc.decode(await this.#reply(PROTOCOL.v2, encoded)).response
  }

  async filter(
    type: keyof typeof proto_filter_v2.FilterSubscribeRequest.FilterSubscribeType,
    pubsubTopic?: string,
    contentTopics: string[] = [],
  ): Promise<proto_filter_v2.FilterSubscribeResponse> {
    const encoded = proto_filter_v2.FilterSubscribeRequest.encode({
      requestId: 'f1',
      filterSubscribeType: proto_filter_v2.FilterSubscribeRequest.FilterSubscribeType[type as 'SUBSCRIBE'],
      ...(pubsubTopic === undefined ? {} : { pubsubTopic }),
      contentTopics,
    })
    return proto_filter_v2.FilterSubscribeResponse.decode(await this.#reply(PROTOCOL.filter, encoded))
  }

  async query(query: Partial<proto_store.StoreQueryRequest>): Promise<proto_store.StoreQueryResponse> {
    const encoded = proto_store.StoreQueryRequest.encode({
      requestId: 's1',
      includeData: true,
      contentTopics: [],
      messageHashes: [],
      paginationForward: true,
      ...query,
    })
    return proto_store.StoreQueryResponse.decode(await this.#reply(PROTOCOL.store, encoded))
  }

  async #reply(protocol: string, request: Uint8Array): Promise<Uint8Array> {
    const reply = await this.request(protocol, request)
    if (reply === undefined) throw new Error(`no reply on ${protocol}`)
    return reply
  }

  async #collect(stream: Stream): Promise<void> {
    this.pushStreams.push(stream)
    try {
      for await (const frame of decode(stream.source)) {
        this.pushes.push(proto_filter_v2.MessagePush.decode(frame.slice()))
      }
    } catch {
      // The stream was reset, by the test or by the end of the connection.
    }
  }
}
