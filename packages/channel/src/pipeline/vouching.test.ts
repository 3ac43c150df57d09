import { type Cipher, createKeyRing, openFrame, sealFrame, xchacha } from '@reliable-channels/encryption'
import { createMemberRing, publicKeyOf, signed } from '@reliable-channels/encryption/signing'
import { type SdsMessage, decodeMessage, encodeMessage } from '@reliable-channels/sds/core'
import { segmentPayload } from '@reliable-channels/segmentation/core'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import type { Transport, TransportMessage } from '@reliable-channels/transport'
import { describe, expect, it } from 'vitest'
import { seededBytes } from '../../test/seeded-bytes.ts'
import type { ChannelEvent } from '../events.ts'
import { openChannel } from '../open-channel.ts'
import type { ChannelOptions } from '../options.ts'

const topic = { channelId: 'team', contentTopic: '/app/1/team/proto' }
const meta = new TextEncoder().encode('RELIABLE-CHANNEL-API/1')
const key = new Uint8Array(32).fill(7)
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** A network with members, and somebody who hears all and may send what he likes. */
function stage() {
  const time = virtualTime()
  const network = simulatedNetwork({ seed: 1, scheduler: time, latencyMs: 50 })
  const mallory = network.peer('mallory')
  const heard: TransportMessage[] = []
  mallory.messages$.subscribe((message) => heard.push(message))
  void mallory.subscribe(topic.contentTopic)
  const open = async (senderId: string, options: Partial<ChannelOptions>) => {
    // Without a memory of the network: members help each other.
    const peer = network.peer(senderId)
    const transport: Transport = {
      send: (envelope) => peer.send(envelope),
      subscribe: (contentTopic) => peer.subscribe(contentTopic),
      unsubscribe: (contentTopic) => peer.unsubscribe(contentTopic),
      messages$: peer.messages$,
      events$: peer.events$,
      connection$: peer.connection$,
      maxMessageBytes: peer.maxMessageBytes,
    }
    const randomBytes = seededBytes(1, senderId)
    const channel = await openChannel({
      ...topic,
      senderId,
      scheduler: time,
      randomBytes,
      transport,
      ...options,
    })
    const received: string[] = []
    const events: ChannelEvent[] = []
    channel.incoming$.subscribe(({ senderId: by, payload }) =>
      received.push(`${by}: ${new TextDecoder().decode(payload)}`),
    )
    channel.events$.subscribe((event) => events.push(event))
    return { channel, received, events, peer }
  }
  const say = (payload: Uint8Array<ArrayBuffer>): void =>
    void mallory.send({ contentTopic: topic.contentTopic, ephemeral: true, meta, payload })
  const message = (fields: Partial<SdsMessage>): Uint8Array<ArrayBuffer> =>
    encodeMessage(
      {
        senderId: 'mallory',
        messageId: 'id',
        channelId: topic.channelId,
        lamport: time.now(),
        causalHistory: [],
        repairRequest: [],
        ...fields,
      },
      'lip',
    )
  return { time, network, heard, open, say, message }
}

// X2
describe('with sealed contents', () => {
  const sealed = (ring = createKeyRing({ keys: [key] })) =>
    ({ cipher: xchacha({ keyRing: ring }), placement: 'content' }) as const

  it('nobody without the key takes the place of a message, or is acknowledged', async () => {
    const { time, network, heard, open, say } = stage()
    const alice = await open('alice', sealed())
    const bob = await open('bob', sealed())
    network.partition([['alice', 'mallory'], ['bob']])
    const sent = alice.channel.send(bytes('the real one'))
    await time.advance(200)
    network.heal()
    const original = decodeMessage(heard[0]!.payload).message!
    say(encodeMessage({ ...original, content: bytes('made up by somebody') }, 'lip'))
    await time.advance(100)
    expect(bob.received).toEqual([])
    expect(bob.channel.drops.undecryptable).toBe(1)
    await time.advance(60_000)
    expect(bob.received).toEqual(['alice: the real one'])
    expect(sent.status.deliveredTo).toEqual(['bob'])
  })

  it('a message whose key comes later comes then, and is not acknowledged before', async () => {
    const { time, open } = stage()
    const ring = createKeyRing({ keys: [new Uint8Array(32).fill(1)] })
    const alice = await open('alice', sealed())
    const bob = await open('bob', sealed(ring))
    const sent = alice.channel.send(bytes('hello'))
    await time.advance(3_000)
    expect(bob.received).toEqual([])
    expect(sent.status.deliveredTo).toEqual([])
    ring.accept(key)
    await time.advance(60_000)
    expect(bob.received).toEqual(['alice: hello'])
    expect(sent.status.deliveredTo).toEqual(['bob'])
  })
})

// X6
it.each(['envelope', 'content'] as const)(
  'no frame waits for the key that another names, which takes long to be fetched: %s',
  async (placement) => {
    const { time, open, say, message } = stage()
    const keyRing = createKeyRing({ keys: [key], onUnknownKey: () => new Promise(() => {}) })
    const alice = await open('alice', { cipher: xchacha({ key }), placement })
    const bob = await open('bob', { cipher: xchacha({ keyRing }), placement })
    for (let i = 0; i < 200; i++) {
      const madeUp = bytes(`\u0001${String.fromCharCode(1 + (i % 100))}abc\u0000${'x'.repeat(60)}`)
      say(placement === 'envelope' ? madeUp : message({ messageId: `${i}`, content: madeUp }))
    }
    await time.advance(200)
    alice.channel.send(bytes('hello'))
    await time.advance(500)
    expect(bob.received).toEqual(['alice: hello'])
  },
)

describe('with a cipher that signs', () => {
  const secrets = { alice: 1, bob: 2, carol: 3, mallory: 4 } as const
  const secretOf = (name: keyof typeof secrets): Uint8Array => new Uint8Array(32).fill(secrets[name])
  const membersOf = () =>
    createMemberRing(
      Object.fromEntries(
        (['alice', 'bob', 'carol', 'mallory'] as const).map((name) => [name, publicKeyOf(secretOf(name))]),
      ),
    )
  const cipherOf = (name: keyof typeof secrets, members = membersOf()): Cipher =>
    signed(xchacha({ key }), { secretKey: secretOf(name), members })
  const sealedBy = async (cipher: Cipher, payload: Uint8Array, kind: 'content' | 'sync' = 'content') =>
    new Uint8Array(await sealFrame(cipher, payload, { ...topic, kind }))
  const segment = segmentPayload(bytes('I owe mallory a thousand'))[0]!.payload

  it('all goes on as with any other', async () => {
    const { time, open } = stage()
    const alice = await open('alice', { cipher: cipherOf('alice') })
    const bob = await open('bob', { cipher: cipherOf('bob') })
    const sent = alice.channel.send(bytes('hello'))
    await time.advance(5_000)
    expect(bob.received).toEqual(['alice: hello'])
    expect(sent.status.deliveredTo).toEqual(['bob'])
    expect(alice.channel.drops.undecryptable + bob.channel.drops.undecryptable).toBe(0)
  })

  it('a member cannot speak in the name of another, which is told', async () => {
    const { time, open, say, message } = stage()
    const bob = await open('bob', { cipher: cipherOf('bob') })
    const asAlice = message({ senderId: 'alice', content: segment })
    say(await sealedBy(cipherOf('mallory'), asAlice))
    say(await sealedBy(xchacha({ key }), asAlice))
    await time.advance(5_000)
    expect(bob.received).toEqual([])
    const told = bob.events.flatMap((event) =>
      event.type === 'diagnostic:message-error' ? [event.error] : [],
    )
    expect(told.join()).toContain('signed by mallory, in the name of alice')
    expect(bob.channel.drops.undecryptable).toBe(2)
    say(await sealedBy(cipherOf('mallory'), message({ content: segment })))
    await time.advance(5_000)
    expect(bob.received).toEqual(['mallory: I owe mallory a thousand'])
  })

  it('a member cannot acknowledge in the name of another', async () => {
    const { time, network, open, say, heard, message } = stage()
    const alice = await open('alice', { cipher: cipherOf('alice') })
    const bob = await open('bob', { cipher: cipherOf('bob') })
    network.partition([['alice', 'mallory'], ['bob']])
    const sent = alice.channel.send(bytes('hello'))
    await time.advance(200)
    const opened = await openFrame(cipherOf('mallory'), heard[0]!.payload, topic)
    const { messageId } = decodeMessage(opened).message!
    const lie = message({ senderId: 'bob', causalHistory: [{ messageId, senderId: 'alice' }] })
    say(await sealedBy(cipherOf('mallory'), lie, 'sync'))
    await time.advance(5_000)
    expect(sent.status.deliveredTo).toEqual([])
    expect(alice.channel.drops.undecryptable).toBe(1)
    expect(bob.received).toEqual([])
  })

  it('what others give for an author who has left is what he has signed', async () => {
    const { time, network, open } = stage()
    const alice = await open('alice', { cipher: cipherOf('alice') })
    const carol = await open('carol', { cipher: cipherOf('carol') })
    const bob = await open('bob', { cipher: cipherOf('bob') })
    network.partition([['alice', 'carol', 'mallory'], ['bob']])
    alice.channel.send(bytes('one'))
    await time.advance(3_000)
    await Promise.all([alice.channel.close(), time.advance(60_000)])
    network.heal()
    carol.channel.send(bytes('two'))
    await time.advance(600_000)
    expect(carol.received).toEqual(['alice: one'])
    expect(bob.received).toEqual(['alice: one', 'carol: two'])
    expect(bob.channel.drops.undecryptable).toBe(0)
  })

  it('whoever was revoked is not heard any more', async () => {
    const { time, open } = stage()
    const members = membersOf()
    const alice = await open('alice', { cipher: cipherOf('alice') })
    const bob = await open('bob', { cipher: cipherOf('bob', members) })
    alice.channel.send(bytes('one'))
    await time.advance(3_000)
    members.revoke(members.keys.find(({ senderId }) => senderId === 'alice')!.publicKeyId)
    alice.channel.send(bytes('two'))
    await time.advance(60_000)
    expect(bob.received).toEqual(['alice: one'])
  })
})
