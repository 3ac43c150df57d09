import { describe, expect, it } from 'vitest'
import { xchacha } from '@reliable-channels/encryption'
import { decodeMessage, dialectOf } from '@reliable-channels/sds/core'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import {
  type ChannelOptions,
  MARKER,
  type Profile,
  jsWaku,
  lean,
  lip,
  logosDelivery,
  logosDeliveryRaw,
  openChannel,
} from './index.ts'
import { openFake, team } from '../test/open-fake.ts'
import { seededBytes } from '../test/seeded-bytes.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const key = new Uint8Array(32).fill(9)

/** Alice and bob, each with options of their own, exchange a message each way; tells what they received. */
async function conversation(
  aliceOptions: Partial<ChannelOptions>,
  bobOptions: Partial<ChannelOptions>,
  payload = 'hello',
) {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 5, loss: 0.2, scheduler })
  const received: string[] = []
  const diagnostics: string[] = []
  const open = async (senderId: string, options: Partial<ChannelOptions>) => {
    const randomBytes = seededBytes(5, senderId)
    const transport = network.peer(senderId)
    const channel = await openChannel({ ...team, senderId, transport, scheduler, randomBytes, ...options })
    channel.incoming$.subscribe((message) => received.push(`${message.senderId}: ${text(message.payload)}`))
    channel.events$.subscribe((event) => {
      if (event.type === 'diagnostic:message-error') diagnostics.push(event.error)
    })
    return channel
  }
  const alice = await open('alice', aliceOptions)
  const bob = await open('bob', bobOptions)
  const sent = alice.send(new TextEncoder().encode(payload))
  await scheduler.run({ maxMs: 30_000 })
  bob.send(new TextEncoder().encode(`${payload}!`))
  await scheduler.run({ maxMs: 60_000 })
  const { state } = sent.status
  await Promise.all([alice.close(), bob.close()])
  return { received, diagnostics, state }
}

const marked: readonly Profile[] = [lip, logosDelivery]

describe('profiles', () => {
  for (const a of marked) {
    for (const b of marked) {
      it(`${a.name} speaks with ${b.name}: every dialect is understood`, async () => {
        const { received, state } = await conversation(
          { profile: a, segmentSizeBytes: 192 },
          { profile: b, segmentSizeBytes: 192 },
          'x'.repeat(150),
        )
        expect(received).toEqual([`alice: ${'x'.repeat(150)}`, `bob: ${'x'.repeat(150)}!`])
        expect(state).toBe('delivered')
      })
    }
  }

  for (const profile of [logosDeliveryRaw, jsWaku]) {
    it(`${profile.name} sends the payload as the content`, async () => {
      const { channel, transport, pass } = await openFake({ profile })
      channel.send(new TextEncoder().encode('as it is'))
      await pass(0)
      const { payload, meta } = transport.sent[0]!
      expect(text(decodeMessage(payload).message!.content!)).toBe('as it is')
      expect(dialectOf(payload)).toBe(profile.sds)
      expect(meta && text(meta)).toBe(profile.marker)
      await channel.close()
      expect((await conversation({ profile }, { profile })).received).toEqual(['alice: hello', 'bob: hello!'])
    })
  }

  it('lean has a message of 100 bytes in 1.5 kB, with a marker of its own', async () => {
    const { channel, transport, pass } = await openFake({ profile: lean })
    for (let i = 0; i < 4; i++) {
      channel.send(new Uint8Array(100).fill(i + 1))
      await pass(0)
    }
    const { payload, meta } = transport.sent.at(-1)!
    expect(payload.length).toBeLessThanOrEqual(1_500)
    expect(text(meta!)).not.toBe(MARKER)
  })

  it('lean delivers both ways through loss, over several segments, and to nobody of another profile', async () => {
    const payload = 'x'.repeat(400)
    const among = await conversation(
      { profile: lean, segmentSizeBytes: 192 },
      { profile: lean, segmentSizeBytes: 192 },
      payload,
    )
    expect(among.received).toEqual([`alice: ${payload}`, `bob: ${payload}!`])
    expect(among.state).toBe('delivered')
    const apart = await conversation({ profile: lean }, { profile: lip })
    expect(apart.received).toEqual([])
  })

  it('has the marker that all generations of the reference share, except for js-waku', () => {
    // WIR-06 WIR-07
    expect([lip, logosDelivery, logosDeliveryRaw].map(({ marker }) => marker)).toEqual([
      MARKER,
      MARKER,
      MARKER,
    ])
    expect(MARKER).toBe('RELIABLE-CHANNEL-API/1')
    expect(jsWaku.marker).toBeUndefined()
  })
})

describe('placement', () => {
  it('of the envelope hides everything', async () => {
    const { channel, transport, pass } = await openFake({ cipher: xchacha({ key }) })
    channel.send(new TextEncoder().encode('secret'))
    await pass(0)
    expect(decodeMessage(transport.sent[0]!.payload).message?.channelId).not.toBe('team')
    await channel.close()
  })

  it('of the content leaves what SDS needs in clear', async () => {
    const { channel, transport, pass } = await openFake({ cipher: xchacha({ key }), placement: 'content' })
    channel.send(new TextEncoder().encode('secret'))
    await pass(0)
    const { message } = decodeMessage(transport.sent[0]!.payload)
    expect(message).toMatchObject({ channelId: 'team', senderId: 'alice' })
    expect(text(message!.content!)).not.toContain('secret')
    await channel.close()
  })

  for (const placement of ['envelope', 'content'] as const) {
    it(`of the ${placement} delivers both ways, over several segments`, async () => {
      const options = { cipher: xchacha({ key }), placement, segmentSizeBytes: 192 }
      const { received, state } = await conversation(options, options, 'y'.repeat(200))
      expect(received).toEqual([`alice: ${'y'.repeat(200)}`, `bob: ${'y'.repeat(200)}!`])
      expect(state).toBe('delivered')
    })
  }

  it('that differs between members is reported, and delivers nothing', async () => {
    const cipher = xchacha({ key })
    const { received, diagnostics } = await conversation(
      { cipher, placement: 'content' },
      { cipher, placement: 'envelope' },
    )
    expect(received).toEqual([])
    expect(diagnostics.some((error) => error.startsWith('decryption failed: '))).toBe(true)
    expect(diagnostics.some((error) => error.startsWith('SDS handleIncoming failed: '))).toBe(true)
  })

  it('of the content fails a whole message when a part of it cannot be sealed', async () => {
    // ENC-09
    let calls = 0
    const { channel, transport, pass, told } = await openFake({
      placement: 'content',
      segmentSizeBytes: 192,
      cipher: {
        id: 'flaky',
        overheadBytes: 1,
        seal(plain) {
          if (calls++ === 2) throw new Error('no key')
          return Uint8Array.of(1, ...plain)
        },
        open: (sealed) => sealed.subarray(1),
      },
    })
    const handle = channel.send(new Uint8Array(200))
    await pass(0)
    await expect(handle.sent()).rejects.toThrow('encryption failed: no key')
    expect(told()).toEqual([
      'diagnostic:message-error encryption failed: no key',
      'reliable:message:send-error encryption failed: no key',
    ])
    expect(transport.sent).toEqual([])
    await channel.close()
  })
})
