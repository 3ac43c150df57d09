import { ReliableChannel, type IDecodedMessage, type IWaku } from '@waku/sdk'
import { afterEach, describe, expect, it } from 'vitest'

import { Cleanup } from '../test/cleanup.ts'
import { codecs, connectLightNode, text } from '../test/light-node.ts'
import { RawClient } from '../test/raw-client.ts'
import { devnet, type DevnetNode } from './index.ts'
import { until } from './until.ts'

const TOPIC = '/devnet-test/1/chat/proto'
const WAIT_MS = 30_000

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

function bytes(said: string): Uint8Array {
  return new TextEncoder().encode(said)
}

function say(said: string): { payload: Uint8Array; timestamp: Date } {
  return { payload: bytes(said), timestamp: new Date() }
}

describe('starting', () => {
  it('ends with the reason of a signal that aborts, and leaves nothing running', async () => {
    const enough = new Error('enough')
    await expect(devnet({ signal: AbortSignal.abort(enough) })).rejects.toBe(enough)
    const { multiaddrs, close } = await devnet({ nodes: 1 })
    await close()
    const port = Number(/tcp\/(\d+)/.exec(multiaddrs[0]!)![1])
    const controller = new AbortController()
    const outcome = expect(devnet({ nodes: 2, port, signal: controller.signal })).rejects.toBe(enough)
    controller.abort(enough)
    await outcome
    // Its ports are free.
    const network = cleanup.add(await devnet({ nodes: 2, port, signal: new AbortController().signal }))
    expect(network.nodes.every(({ running }) => running)).toBe(true)
  })
})

describe('an unmodified light node of @waku/sdk', () => {
  it('sends by light push, through three nodes in a line, to a filter subscriber and to the stores', async () => {
    const network = cleanup.add(await devnet({ nodes: 3, topology: 'line', rateLimits: false }))
    const alice = await connectLightNode(network, cleanup, [0])
    const bob = await connectLightNode(network, cleanup, [2])
    const { encoder, decoder } = codecs(network, TOPIC)
    const received: string[] = []
    expect(await bob.filter.subscribe(decoder, (message) => void received.push(text(message)))).toBe(true)

    const expected: string[] = []
    for (let count = 0; count < 100; count++) {
      expected.push(`message ${count}`)
      const result = await alice.lightPush.send(encoder, say(`message ${count}`))
      expect(result.failures).toEqual([])
    }
    await until(() => received.length >= 100, WAIT_MS, '100 messages')
    expect(received).toEqual(expected)

    const kept: string[] = []
    await bob.store.queryWithOrderedCallback([decoder], (message) => void kept.push(text(message)))
    expect(kept.toSorted()).toEqual(expected.toSorted())
  })

  it('sends by light push v2 as well', async () => {
    const network = cleanup.add(await devnet({ nodes: 2 }))
    const alice = await connectLightNode(network, cleanup)
    const { encoder } = codecs(network, TOPIC)
    const result = await alice.lightPush.send(encoder, say('old'), { useLegacy: true })
    expect(result).toMatchObject({ failures: [], successes: [expect.anything()] })
  })

  it('works with static sharding', async () => {
    const network = cleanup.add(await devnet({ nodes: 2, shards: [0] }))
    const alice = await connectLightNode(network, cleanup, [0])
    const bob = await connectLightNode(network, cleanup, [1])
    const { encoder, decoder } = codecs(network, TOPIC)
    const received: string[] = []
    expect(await bob.filter.subscribe(decoder, (message) => void received.push(text(message)))).toBe(true)
    expect((await alice.lightPush.send(encoder, say('static'))).failures).toEqual([])
    await until(() => received.length === 1, WAIT_MS, 'the message')
    expect(received).toEqual(['static'])
  })

  it('delivers a message sent to two nodes once, when it has a timestamp', async () => {
    const network = cleanup.add(await devnet({ nodes: 2 }))
    const alice = await connectLightNode(network, cleanup, [0, 1])
    const bob = await connectLightNode(network, cleanup, [1])
    const { encoder, decoder } = codecs(network, TOPIC)
    const received: string[] = []
    await bob.filter.subscribe(decoder, (message) => void received.push(text(message)))
    const result = await alice.lightPush.send(encoder, say('once'))
    expect(result.successes.length).toBeGreaterThan(0)
    await alice.lightPush.send(encoder, say('last'))
    await until(() => received.includes('last'), WAIT_MS, 'the last message')
    expect(received).toEqual(['once', 'last'])
  })

  it('comes back after its node was restarted, and subscribes again by itself', async () => {
    const network = cleanup.add(await devnet({ nodes: 2, rateLimits: false }))
    const node = network.nodes[0] as DevnetNode
    const bob = await connectLightNode(network, cleanup, [0])
    const alice = await connectLightNode(network, cleanup, [1])
    const { encoder, decoder } = codecs(network, TOPIC)
    const received: string[] = []
    await bob.filter.subscribe(decoder, (message) => void received.push(text(message)))
    const { peerId, multiaddrs } = node
    await node.restart()
    expect(node.peerId).toBe(peerId)
    expect(node.multiaddrs).toEqual(multiaddrs)
    expect(node.stats().subscribers).toBe(0)
    await until(() => bob.libp2p.getConnections().length === 0, WAIT_MS, 'the light node to notice')
    await bob.dial(multiaddrs[0] as string)
    await until(() => node.stats().subscribers === 1, WAIT_MS, 'the subscription to be renewed')
    await alice.lightPush.send(encoder, say('after'))
    await until(() => received.length === 1, WAIT_MS, 'the message')
    expect(received).toEqual(['after'])
  })

  it('subscribes again when its subscription was forgotten', async () => {
    const network = cleanup.add(await devnet({ nodes: 2, rateLimits: false }))
    const node = network.nodes[0] as DevnetNode
    const bob = await connectLightNode(network, cleanup, [0])
    const { decoder } = codecs(network, TOPIC)
    await bob.filter.subscribe(decoder, () => {})
    expect(node.stats().subscribers).toBe(1)
    node.faults.forgetSubscriptions()
    expect(node.stats().subscribers).toBe(0)
    await until(() => node.stats().subscribers === 1, WAIT_MS, 'the subscription to be renewed')
  })

  it('is cut off when it is of another cluster', async () => {
    const network = cleanup.add(await devnet({ nodes: 2 }))
    const foreign = { ...network, networkConfig: { clusterId: 67, numShardsInCluster: 8 } }
    const alice = await connectLightNode(foreign, cleanup)
    await until(() => alice.libp2p.getConnections().length === 0, WAIT_MS, 'the node to hang up')
  })
})

describe('peer exchange', () => {
  it('leads a light node that knows one node to the others', async () => {
    const network = cleanup.add(await devnet({ nodes: 3 }))
    const alice = await connectLightNode(network, cleanup, [0], { peerExchange: true })
    await until(() => alice.libp2p.getPeers().length === 3, WAIT_MS, 'the light node to find the others')
    const found = alice.libp2p.getPeers().map(String)
    expect(found.toSorted()).toEqual(network.nodes.map(({ peerId }) => peerId).toSorted())
  })
})

describe('a network of nine nodes', () => {
  it('takes thirty peers at once, and carries a message to every store', async () => {
    const network = cleanup.add(await devnet({ nodes: 9, rateLimits: false }))
    const node = network.nodes[8] as DevnetNode
    const before = node.stats().connections
    const clients = await Promise.all(Array.from({ length: 30 }, () => RawClient.connect(node)))
    for (const client of clients) cleanup.add(client)
    await until(() => node.stats().connections === before + 30, WAIT_MS, 'thirty connections')
    const timestamp = BigInt(Date.now()) * 1_000_000n
    const message = { payload: bytes('to all'), contentTopic: TOPIC, timestamp }
    await clients[0]?.pushV3({ pubsubTopic: '/waku/2/rs/66/0', message })
    await until(() => network.nodes.every((one) => one.stats().stored === 1), WAIT_MS, 'the stores')
  })
})

describe("upstream's own ReliableChannel", () => {
  it('holds a conversation both ways, delivered and acknowledged', async () => {
    const network = cleanup.add(await devnet({ nodes: 2, rateLimits: false }))
    const { encoder, decoder } = codecs(network, TOPIC)
    const options = {
      syncMinIntervalMs: 500,
      processTaskMinElapseMs: 50,
      sweepInBufIntervalMs: 100,
      queryOnConnect: false,
    }
    const open = async (index: number, name: string): Promise<ReliableChannel<IDecodedMessage>> => {
      const node = await connectLightNode(network, cleanup, [index])
      const channel = await ReliableChannel.create(
        node as unknown as IWaku,
        'devnet-test',
        name,
        encoder,
        decoder,
        options,
      )
      cleanup.add({
        close: () => {
          channel.stop()
          // For what it still hears it would plan another sync, which then rejects with nobody there to catch it.
          Reflect.set(channel, 'restartSync', () => {})
        },
      })
      return channel
    }
    const [alice, bob] = [await open(0, 'alice'), await open(1, 'bob')]
    const heard: string[] = []
    const acknowledged: string[] = []
    for (const [name, channel] of Object.entries({ alice, bob })) {
      channel.addEventListener(
        'message-received',
        ({ detail }) => void heard.push(`${name} heard ${text(detail)}`),
      )
      channel.addEventListener('message-acknowledged', ({ detail }) => void acknowledged.push(detail))
    }
    const first = alice.send(bytes('hello bob'))
    await until(() => heard.includes('bob heard hello bob'), WAIT_MS, 'bob to hear')
    const second = bob.send(bytes('hello alice'))
    await until(() => heard.includes('alice heard hello alice'), WAIT_MS, 'alice to hear')
    await until(
      () => acknowledged.includes(first) && acknowledged.includes(second),
      WAIT_MS,
      'acknowledgement',
    )
  })
})
