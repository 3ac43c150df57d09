import { readFileSync } from 'node:fs'

import { jsWaku, logosDelivery, logosDeliveryRaw, openChannel } from '@reliable-channels/channel'
import type { TransportMessage } from '@reliable-channels/transport'
import {
  ReliableChannel as JsWakuChannel,
  type IDecodedMessage,
  type LightNode,
  createDecoder,
  createEncoder,
  createLightNode,
  utils,
} from '@waku/sdk'
import { describe, expect, it } from 'vitest'

import { type TestNetwork, bytesOf, startNetwork, texts, until } from './network.ts'

interface Capture {
  readonly from: string
  readonly channelId: string
  readonly contentTopic: string
  readonly meta: string
  readonly metaHex: string
  readonly ephemeral: boolean
  readonly applicationHex: string
  readonly payloadHex: string
}

const { captures } = JSON.parse(
  readFileSync(new URL('vectors/logos-delivery-captures.json', import.meta.url), 'utf8'),
) as { captures: readonly Capture[] }

const fromHex = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(hex, 'hex'))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Field numbers of a protobuf message, in order. */
function fieldNumbers(bytes: Uint8Array): number[] {
  const fields: number[] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    fields.push(tag >> 3)
    if ((tag & 7) === 0) varint()
    else {
      const length = varint()
      at += length
    }
  }
  return fields
}

describe('logosDeliveryRaw', () => {
  it('reads every message captured from real nodes, and sends the same fields in the same order', async () => {
    await using network = await startNetwork({ nodes: 2 })
    const [sender, listener, transport] = await Promise.all([
      network.transport({ at: [0] }),
      network.transport({ at: [1] }),
      network.transport({ at: [1] }),
    ])
    const byChannel = Map.groupBy(captures, ({ channelId }) => channelId)
    for (const [channelId, sent] of byChannel) {
      const { contentTopic } = sent[0]!
      const channel = await openChannel({
        transport,
        channelId,
        contentTopic,
        senderId: 'us',
        profile: logosDeliveryRaw,
      })
      network.closing(channel)
      const received: string[] = []
      channel.incoming$.subscribe(({ payload }) => received.push(toHex(payload)))
      for (const { payloadHex, metaHex, ephemeral } of sent) {
        await sender.send({ contentTopic, ephemeral, payload: fromHex(payloadHex), meta: fromHex(metaHex) })
      }
      await until(() => received.length >= sent.length, `${sent.length} messages of ${channelId}`)
      expect(received.toSorted()).toEqual(sent.map(({ applicationHex }) => applicationHex).toSorted())

      const ours: TransportMessage[] = []
      await listener.subscribe(contentTopic)
      listener.messages$.subscribe((message) => ours.push(message))
      channel.send(bytesOf('hello from us'))
      await until(
        () => ours.some(({ payload }) => toHex(payload).includes(toHex(bytesOf('hello from us')))),
        'our message',
      )
      const one = ours.find(({ payload }) => toHex(payload).includes(toHex(bytesOf('hello from us'))))!
      expect(toHex(one.meta!)).toBe(sent[0]!.metaHex)
      // Once per field, however many history entries there are.
      expect([...new Set(fieldNumbers(one.payload))]).toEqual([
        ...new Set(fieldNumbers(fromHex(sent.at(-1)!.payloadHex))),
      ])
    }
  })
})

describe('jsWaku', () => {
  it('holds a conversation with ReliableChannel of @waku/sdk: delivered and acknowledged both ways, and repaired', async () => {
    let taken = 0
    await using network = await startNetwork({ nodes: 2, onMessage: () => void taken++ })
    const channelId = 'room'
    const contentTopic = '/waku-test/1/js-waku/proto'
    const ours = await network.member('ours', { at: [0] }, { channelId, contentTopic, profile: jsWaku })
    const theirs = await openTheirs(network, channelId, contentTopic)
    const theyHeard: string[] = []
    const acknowledged: string[] = []
    theirs.addEventListener('message-received', ({ detail }) => {
      theyHeard.push(new TextDecoder().decode(detail.payload))
    })
    theirs.addEventListener('message-acknowledged', ({ detail }) => acknowledged.push(detail))
    const theySent: string[] = []
    theirs.addEventListener('message-sent', ({ detail }) => theySent.push(detail))
    const weHeard: string[] = []
    ours.incoming$.subscribe(({ senderId, payload }) =>
      weHeard.push(`${senderId}: ${new TextDecoder().decode(payload)}`),
    )

    const question = ours.send(bytesOf('how are you?'))
    await until(() => theyHeard.includes('how are you?'), 'our message')
    const answerId = theirs.send(bytesOf('fine, and you?'))
    await until(() => weHeard.length > 0, 'their message')
    expect(weHeard).toEqual(['theirs: fine, and you?'])
    expect((await question.delivered()).deliveredTo).toEqual(['theirs'])
    await until(() => acknowledged.includes(answerId), 'their message to be acknowledged')

    // Theirs is lost on the way to us, then ours on the way to them.
    const ourNode = network.devnet.nodes[0]!
    ourNode.faults.set({ dropFilterPush: 1 })
    const lostId = theirs.send(bytesOf('lost on the way'))
    await until(() => theySent.includes(lostId), 'the message to be on its way')
    await until(() => ourNode.stats().messages === taken, 'the message to be dropped by our service node')
    ourNode.faults.clear()
    await until(() => weHeard.includes('theirs: lost on the way'), 'the lost message')
    ourNode.faults.set({ dropLightPush: 1 })
    const lost = ours.send(bytesOf('lost as well'))
    await lost.sent()
    ourNode.faults.clear()
    await until(() => theyHeard.includes('lost as well'), 'our lost message')
    await lost.delivered()
    expect(weHeard).toEqual(['theirs: fine, and you?', 'theirs: lost on the way'])
  })
})

/** The shares that the service nodes drop, by the seed of the network, in both directions. */
const LOSSY = { dropFilterPush: 0.3, dropLightPush: 0.1 }

describe('over service nodes that drop three of ten pushes to members, and one of ten from them', () => {
  const questions = Array.from({ length: 10 }, (_, i) => `question ${i}`)
  const answers = Array.from({ length: 10 }, (_, i) => `answer ${i}`)

  it('ours and ReliableChannel of @waku/sdk have all of each other, acknowledged both ways', async () => {
    await using network = await startNetwork({ nodes: 2, seed: 5 })
    const channelId = 'lossy'
    const contentTopic = '/waku-test/1/js-waku-lossy/proto'
    const ours = await network.member('ours', { at: [0] }, { channelId, contentTopic, profile: jsWaku })
    const theirs = await openTheirs(network, channelId, contentTopic)
    const weHeard = texts(ours)
    // Own ones that we repair are told as well, and some twice.
    const theyHeard = new Set<string>()
    theirs.addEventListener('message-received', ({ detail: { payload } }) =>
      theyHeard.add(new TextDecoder().decode(payload)),
    )
    const acknowledged = new Set<string>()
    theirs.addEventListener('message-acknowledged', ({ detail }) => acknowledged.add(detail))
    for (const { faults } of network.devnet.nodes) faults.set(LOSSY)

    const asked = questions.map((text) => ours.send(bytesOf(text)))
    const answered = answers.map((text) => theirs.send(bytesOf(text)))
    await until(() => questions.every((text) => theyHeard.has(text)), 'all of ours')
    await until(() => weHeard.length >= answers.length, 'all of theirs')
    expect(weHeard.toSorted()).toEqual(answers)
    for (const one of asked) expect((await one.delivered()).deliveredTo).toEqual(['theirs'])
    await until(() => answered.every((id) => acknowledged.has(id)), 'theirs to be acknowledged')
  })

  it.each([
    ['logosDelivery', logosDelivery],
    ['logosDeliveryRaw', logosDeliveryRaw],
  ])(
    'two members on the wire of the reference, %s, have all of each other, acknowledged both ways',
    async (_, profile) => {
      await using network = await startNetwork({ nodes: 2, seed: 6 })
      const [alice, bob] = await Promise.all([
        network.member('alice', { at: [0] }, { profile }),
        network.member('bob', { at: [1] }, { profile }),
      ])
      const [aliceHeard, bobHeard] = [texts(alice), texts(bob)]
      for (const { faults } of network.devnet.nodes) faults.set(LOSSY)
      const asked = questions.map((text) => alice.send(bytesOf(text)))
      const answered = answers.map((text) => bob.send(bytesOf(text)))
      await until(() => bobHeard.length >= questions.length, "alice's messages")
      await until(() => aliceHeard.length >= answers.length, "bob's messages")
      expect([aliceHeard, bobHeard]).toEqual([answers, questions])
      for (const one of asked) expect((await one.delivered()).deliveredTo).toEqual(['bob'])
      for (const one of answered) expect((await one.delivered()).deliveredTo).toEqual(['alice'])
    },
  )
})

/** `ReliableChannel` of `@waku/sdk` on an unmodified light node; closed with the network. */
async function openTheirs(
  network: TestNetwork,
  channelId: string,
  contentTopic: string,
): Promise<JsWakuChannel<IDecodedMessage>> {
  const node = await lightNode(network)
  const routingInfo = utils.createRoutingInfo(network.devnet.networkConfig, { contentTopic })
  const theirs = await JsWakuChannel.create(
    node as never,
    channelId,
    'theirs',
    createEncoder({ contentTopic, routingInfo }),
    createDecoder(contentTopic, routingInfo),
    {
      syncMinIntervalMs: 500,
      retryIntervalMs: 1000,
      sweepInBufIntervalMs: 300,
    },
  )
  network.closing({
    close: async () => {
      theirs.stop()
      // A call that is still under way would start its sync anew, for good, and nobody catches that it is stopped.
      Object.assign(theirs, { restartSync() {} })
      node.filter.unsubscribeAll()
      await node.stop()
    },
  })
  return theirs
}

/** An unmodified light node. */
async function lightNode(network: TestNetwork): Promise<LightNode> {
  const node = await createLightNode({
    networkConfig: network.devnet.networkConfig as never,
    defaultBootstrap: false,
    lightPush: { autoRetry: false },
    libp2p: { filterMultiaddrs: false, hideWebSocketInfo: true },
  })
  const identified = new Promise((resolve) => {
    node.libp2p.addEventListener('peer:identify', resolve, { once: true })
  })
  await node.dial(network.devnet.nodes[1]!.multiaddrs[0]!)
  await identified
  return node
}
