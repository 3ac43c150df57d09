import type { TransportEvent, TransportMessage } from '@reliable-channels/transport'
import { type Devnet, type DevnetOptions, devnet } from '@reliable-channels/waku-devnet'
import { createLightNode } from '@waku/sdk'
import { describe, expect, it } from 'vitest'

import { type WakuDiagnostic, type WakuTransport, wakuTransport } from '../src/index.ts'
import { connected, join, until } from './pair.ts'

const TOPIC = '/transport-waku/1/devnet/proto'
const OTHER = '/transport-waku/1/others/proto'

/** A network without rate limits, unless told otherwise. */
function network(options: DevnetOptions = {}): Promise<Devnet> {
  return devnet({ nodes: 2, rateLimits: false, ...options })
}

/** A connected transport. */
async function member(net: Devnet, options: Parameters<typeof join>[1] = {}): Promise<WakuTransport> {
  const transport = await join(net, options)
  await connected(transport)
  return transport
}

function record(transport: WakuTransport): {
  events: TransportEvent[]
  messages: TransportMessage[]
  diagnostics: WakuDiagnostic[]
} {
  const recorded = { events: [], messages: [], diagnostics: [] } as ReturnType<typeof record>
  transport.events$.subscribe((event) => recorded.events.push(event))
  transport.messages$.subscribe((message) => recorded.messages.push(message))
  transport.diagnostics$.subscribe((diagnostic) => recorded.diagnostics.push(diagnostic))
  return recorded
}

const envelope = (text: string, more = {}): Parameters<WakuTransport['send']>[0] => ({
  contentTopic: TOPIC,
  ephemeral: false,
  payload: new TextEncoder().encode(text),
  ...more,
})
const sent = ({ events }: { events: TransportEvent[] }): TransportEvent[] =>
  events.filter(({ type }) => type === 'message-sent')

describe.concurrent('over a devnet', () => {
  // With the SDK's own light push each 429 costs the connection, and a minute.
  it('survives being told that it asks too often: the connection lives on, and nothing is lost', async () => {
    await using net = await network({ rateLimits: {} })
    await using a = await member(net, { nodes: [0] })
    const recorded = record(a)
    // More than the service node takes in ten seconds, so that some must be declined.
    for (let i = 0; i < 45; i++) void a.send(envelope(`${i}`))
    await until(() => recorded.diagnostics.some(({ type }) => type === 'rate-limited'), '429')
    await until(() => sent(recorded).length === 45, '45 messages', 60_000)
    expect(recorded.diagnostics.filter(({ type }) => type === 'peer-lost')).toEqual([])
    expect(new Set(sent(recorded).map(({ requestId }) => requestId)).size).toBe(45)
  }, 90_000)

  it('settles 505 of a lone service node by the message that comes back, and by the store', async () => {
    await using net = await network({ nodes: 1 })
    await using a = await member(net, { nodes: [0] })
    const recorded = record(a)
    await a.send(envelope('kept'))
    await until(() => sent(recorded).length === 1, 'the stored message')
    await a.subscribe(TOPIC)
    await a.send(envelope('not kept', { ephemeral: true }))
    await until(() => sent(recorded).length === 2, 'the ephemeral message')
    expect(recorded.diagnostics.filter(({ type }) => type === 'push-failed')).toEqual([])
  })

  // MSG-24: sent only after a store has it; a service node that drops what it takes is found out.
  it('has what a service node took and lost pushed elsewhere when it is to be confirmed by the store', async () => {
    await using net = await network()
    net.nodes[0]!.faults.set({ dropLightPush: 1 })
    await using a = await member(net, { nodes: [0, 1], confirm: 'store', confirmStoreMs: 8000 })
    const recorded = record(a)
    for (let i = 0; i < 6; i++) await a.send(envelope(`${i}`))
    await until(() => sent(recorded).length === 6, '6 messages')
    expect(recorded.diagnostics.filter(({ type }) => type === 'store-unconfirmed')).toEqual([])
    expect(net.nodes[1]!.stats().stored).toBe(6)
  })

  // N3: filters deliver nothing, and stores have everything.
  it('finds in stores what filters drop: by hash, by time, and by itself', async () => {
    await using net = await network()
    await using a = await member(net)
    await using b = await member(net, { storeCheckMs: 2000 })
    await using c = await member(net, { catchUp: false })
    const [ofA, ofB] = [record(a), record(b)]
    const hashes: string[] = []
    a.hashes$.subscribe(({ hash }) => hashes.push(hash))
    await Promise.all([b.subscribe(TOPIC), c.subscribe(TOPIC)])
    for (const node of net.nodes) node.faults.set({ dropFilterPush: 1 })
    const sinceMs = Date.now() - 40_000
    for (let i = 0; i < 30; i++) await a.send(envelope(`${i}`))
    await until(() => sent(ofA).length === 30, '30 messages')
    expect(hashes).toHaveLength(30)
    const fetched: string[] = []
    for await (const { hash } of c.fetch(hashes)) fetched.push(hash)
    expect(fetched.toSorted()).toEqual(hashes.toSorted())
    const isKnown = (hash: string): boolean => hashes.indexOf(hash) % 3 === 0
    const missing: string[] = []
    for await (const { hash } of c.history({ contentTopic: TOPIC, sinceMs, isKnown })) missing.push(hash)
    expect(missing.toSorted()).toEqual(hashes.filter((hash) => !isKnown(hash)).toSorted())
    await until(() => ofB.messages.length === 30, 'what was dropped')
  })

  it('works with static sharding', async () => {
    await using net = await network({ shards: [3] })
    await using a = await member(net, { shardId: 3 })
    await using b = await member(net, { shardId: 3 })
    const recorded = record(b)
    await b.subscribe(TOPIC)
    await a.send(envelope('x'))
    await until(() => recorded.messages.length === 1, 'the message')
    // N11: the rule is that of the simulator.
    const refused = {
      code: 'ERR_INVALID_ENVELOPE',
      message: expect.stringContaining('/chat/1/room/proto, got "chat"'),
    }
    await expect(a.send(envelope('x', { contentTopic: 'chat' }))).rejects.toMatchObject(refused)
    await expect(a.subscribe('chat')).rejects.toMatchObject(refused)
  })

  it('does not use service nodes that serve other shards', async () => {
    await using net = await network({ shards: [3] })
    await using a = await join(net, { shardId: 5, giveUpMs: 500 })
    const recorded = record(a)
    await until(() => recorded.diagnostics.some(({ type }) => type === 'peer-usable'), 'service nodes')
    await a.send(envelope('x'))
    await until(() => recorded.events.length === 1, 'the end of the request')
    expect(recorded.events).toMatchObject([
      {
        type: 'message-error',
        error: expect.stringContaining(
          'reachable for 500 ms: no connected service node serves shard 5 of cluster 66',
        ),
        certain: true,
      },
    ])
  })

  it('works on a node of its own that is started later and may be used by others, and leaves it running', async () => {
    await using net = await network()
    const node = await createLightNode({
      autoStart: false,
      networkConfig: net.networkConfig as never,
      defaultBootstrap: false,
      lightPush: { autoRetry: false },
      libp2p: { filterMultiaddrs: false, hideWebSocketInfo: true },
    })
    await using _stop = {
      async [Symbol.asyncDispose]() {
        node.filter.unsubscribeAll()
        await node.stop()
      },
    }
    const transport = wakuTransport(node, { pushesPerSecond: Infinity })
    const recorded = record(transport)
    const theirs = { mine: 0, other: 0 }
    const states: string[] = []
    transport.connection$.subscribe((state) => states.push(state))
    await transport.subscribe(TOPIC)
    const early = await transport.send(envelope('early'))
    await node.start()
    await node.dial(net.multiaddrs[0]!)
    // It may have left before anybody delivered, so that it need not come back.
    await until(() => sent(recorded).length === 1, 'the early message to be sent')
    expect(sent(recorded)).toMatchObject([{ requestId: early }])
    await until(() => states.at(-1) === 'connected', 'the connection')
    expect(states).toEqual(['disconnected', 'connecting', 'connected'])

    // Others may use the filter of the node, even for the same content topic.
    await node.filter.subscribe(node.createDecoder({ contentTopic: TOPIC }), () => void theirs.mine++)
    await node.filter.subscribe(node.createDecoder({ contentTopic: OTHER }), () => void theirs.other++)
    const encoder = node.createEncoder({ contentTopic: TOPIC })
    await node.lightPush.send(encoder, { payload: Uint8Array.of(7), timestamp: new Date() })
    await until(
      () => recorded.messages.some(({ payload }) => payload[0] === 7),
      'a message of the node itself',
    )
    await node.lightPush.send(node.createEncoder({ contentTopic: OTHER }), { payload: Uint8Array.of(8) })
    await until(() => theirs.mine > 0 && theirs.other > 0, 'what others subscribed to')
    expect(recorded.messages.some(({ contentTopic }) => contentTopic === OTHER)).toBe(false)

    await node.stop()
    await until(() => states.at(-1) === 'disconnected', 'the stop to be noticed')
    await node.start()
    await node.dial(net.multiaddrs[1]!)
    await until(() => states.at(-1) === 'connected', 'the new start to be noticed')
    await transport.send(envelope('!after'))
    await until(
      () => recorded.messages.some(({ payload }) => payload[0] === 33),
      'a message after the new start',
    )
    await transport.close()
    expect(node.isStarted()).toBe(true)
  })

  it('gets through service nodes that refuse every third request', async () => {
    await using net = await network()
    await using a = await member(net)
    await using b = await member(net)
    const [ofA, ofB] = [record(a), record(b)]
    for (const node of net.nodes) node.faults.set({ refuse: 0.33 })
    await b.subscribe(TOPIC)
    for (let i = 0; i < 30; i++) await a.send(envelope(`${i}`))
    await until(() => sent(ofA).length === 30, '30 messages')
    for (const node of net.nodes) node.faults.clear()
    const history: string[] = []
    for await (const { hash } of b.history({ contentTopic: TOPIC, sinceMs: 0 })) history.push(hash)
    expect(history).toHaveLength(30)
    expect(ofB.messages.length).toBeLessThanOrEqual(30)
  })
})
