import { describe, expect, it } from 'vitest'

import { FAKE_PUBSUB_TOPIC } from '../test/fake-services.ts'
import { inFakeTime } from '../test/fake-time.ts'
import { TOPIC, fakeTransport } from '../test/fake-transport.ts'
import { type WireMessage, wireMessageHash } from './core/message.ts'

const pass = inFakeTime(1_800_000_000_000)

const envelope = { contentTopic: TOPIC, ephemeral: false, payload: Uint8Array.of(1, 2, 3, 4) }

/** A transport whose message is with a service node that has not answered yet. */
async function pushing({ meta }: { meta?: Uint8Array<ArrayBuffer> } = {}) {
  const fake = fakeTransport()
  const { services, transport } = fake
  const node = services.add('one')
  await Promise.all([transport.subscribe(TOPIC), pass(100)])
  node.deliversNothing = true
  node.delayMs = 1000
  let pushed: WireMessage | undefined
  node.onPush = ({ message }) => void (pushed = message)
  const sent = { ...envelope, ...(meta && { meta }) }
  await transport.send(sent)
  await pass(10)
  const { timestampNs } = pushed!
  const back = (more: Partial<WireMessage> = {}): void =>
    services.deliver({
      ...envelope,
      payload: envelope.payload.slice(),
      ...(meta && { meta }),
      timestampNs: timestampNs!,
      ...more,
    })
  return { ...fake, node, sent, back, timestampNs: timestampNs! }
}

describe('an own message that comes back', () => {
  it('is handed on with the envelope that it was, the hash that it has and bytes of its own', async () => {
    const { back, messages, sent, events } = await pushing({ meta: Uint8Array.of(9) })
    const payload = Buffer.from(envelope.payload)
    back({ payload })
    payload.fill(0)
    await pass(2000)
    expect(messages).toHaveLength(1)
    expect(messages[0]!.echoOf).toBe(sent)
    expect(messages[0]!.payload).toEqual(envelope.payload)
    expect(messages[0]!.payload).not.toBe(sent.payload)
    expect(messages[0]!.payload.constructor).toBe(Uint8Array)
    const [event] = events.filter(({ type }) => type === 'message-sent')
    expect(event).toMatchObject({ hash: messages[0]!.hash })
  })

  // X5
  it('does not keep another from coming that has the same hash, since bytes were moved from one field to the next', async () => {
    const { services, transport, messages } = fakeTransport()
    services.add('one')
    await Promise.all([transport.subscribe(TOPIC), pass(100)])
    const payload = new TextEncoder().encode(`before${TOPIC}after`)
    const timestampNs = BigInt(Date.now()) * 1_000_000n
    const honest = { contentTopic: TOPIC, payload, ephemeral: false, meta: Uint8Array.of(7), timestampNs }
    const rest = new TextEncoder().encode(`after${TOPIC}`)
    const lie = { ...honest, payload: payload.slice(0, 6), meta: Uint8Array.of(...rest, 7) }
    expect(wireMessageHash(FAKE_PUBSUB_TOPIC, lie)).toBe(wireMessageHash(FAKE_PUBSUB_TOPIC, honest))
    for (const message of [lie, honest, lie, honest]) services.deliver(message)
    expect(messages.map((message) => message.payload)).toEqual([lie.payload, honest.payload])
  })

  it('is handed on once, whoever delivers it', async () => {
    const { back, messages } = await pushing()
    back()
    back()
    await pass(2000)
    back()
    expect(messages).toHaveLength(1)
  })

  it('is what it was when it has ended meanwhile, but no longer known', async () => {
    const { back, messages, events } = await pushing()
    await pass(2000)
    const [event] = events.filter(({ type }) => type === 'message-sent')
    back()
    expect(messages).toMatchObject([{ hash: (event as { hash: string }).hash }])
    expect(messages[0]!.echoOf).toBeUndefined()
  })

  it.each<[string, Partial<WireMessage>]>([
    ['payload', { payload: Uint8Array.of(1, 2, 3, 5) }],
    ['longer payload', { payload: Uint8Array.of(1, 2, 3, 4, 5) }],
    ['meta', { meta: Uint8Array.of(8) }],
    ['time', { timestampNs: 1_800_000_000_000_000_001n }],
  ])('is another one with another %s', async (_, more) => {
    const { back, messages, timestampNs } = await pushing({ meta: Uint8Array.of(9) })
    back(more)
    const other = { ...envelope, meta: Uint8Array.of(9), timestampNs, ...more }
    expect(messages[0]!.echoOf).toBeUndefined()
    expect(messages[0]!.hash).toBe(wireMessageHash(FAKE_PUBSUB_TOPIC, other))
    back()
    expect(messages).toHaveLength(2)
    expect(messages[1]!.echoOf).toBeDefined()
  })

  it('is not the envelope whose bytes have changed since', async () => {
    const { back, messages, sent, timestampNs } = await pushing()
    const payload = envelope.payload.slice()
    try {
      sent.payload[0] = 99
      back({ payload })
      expect(messages[0]!.echoOf).toBeUndefined()
      expect(messages[0]!.hash).toBe(
        wireMessageHash(FAKE_PUBSUB_TOPIC, { ...envelope, payload, timestampNs }),
      )
    } finally {
      sent.payload[0] = 1
    }
  })
})
