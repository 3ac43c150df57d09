import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { fakeTransport } from '../test/fake-transport.ts'
import { hello, openFake } from '../test/open-fake.ts'
import { encode, setUp } from '../test/restarting.ts'

describe('the stats of a channel', () => {
  it('are what was seen to happen', async () => {
    const net = setUp({ loss: 0.2, seed: 5 })
    const rateLimit = { epochMs: 10_000, messagesPerEpoch: 100 }
    const alice = await net.open('alice', memoryStore(), { segmentSizeBytes: 192, rateLimit })
    const bob = await net.open('bob', memoryStore(), { segmentSizeBytes: 192, rateLimit })
    const out = { content: 0, retransmission: 0, repair: 0, sync: 0, bytes: 0 }
    alice.channel.outgoing$.subscribe(({ kind, envelope }) => {
      out[kind]++
      out.bytes += envelope.payload.length
    })
    const sending: string[] = []
    alice.channel.sending$.subscribe(({ requestId }) => sending.push(requestId))
    const requests = [encode('one'), new Uint8Array(1_000), encode('three')].map((payload) =>
      alice.channel.send(payload),
    )
    bob.channel.send(encode('hello'))
    expect(sending).toEqual([])
    await net.pass(200_000)
    expect(sending).toEqual(requests.map(({ requestId }) => requestId))
    const stats = alice.channel.stats()
    expect(stats.messages).toEqual({
      taken: 3,
      sent: 3,
      sendFailed: 0,
      delivered: 3,
      deliveryFailed: 0,
      received: 1,
      lost: 0,
    })
    expect(stats.out).toMatchObject(out)
    expect(out.retransmission).toBeGreaterThan(0)
    const { content, retransmission, repair, sync } = out
    expect(stats.out.confirmed).toBe(content + retransmission + repair + sync)
    expect(bob.channel.stats().in.segments).toBe(content)
    expect(stats.sds.acknowledgements).toBe(content)
    expect(stats.quota.limit).toBe(100)
    expect(stats.drops).toEqual(alice.channel.drops)
    for (const [name, count] of Object.entries(stats.waiting)) expect([name, count]).toEqual([name, 0])
    const { received, sds } = {
      received: bob.channel.stats().messages.received,
      sds: bob.channel.stats().sds,
    }
    expect(received).toBe(3)
    const missed = bob.events.flatMap((event) =>
      event.type === 'diagnostic' && event.code === 'missing' ? event.detail.entries : [],
    )
    expect(sds.missing).toBe(missed.length)
  })

  it('tell what waits, and what failed', async () => {
    const transport = fakeTransport()
    const { channel, pass } = await openFake({
      transport,
      rateLimit: { epochMs: 10_000, messagesPerEpoch: 2 },
    })
    for (let i = 0; i < 3; i++) channel.send(hello)
    await pass()
    expect(channel.stats().waiting).toMatchObject({
      requests: 3,
      requestBytes: 15,
      rateLimit: 1,
      unacknowledged: 3,
    })
    expect(channel.stats().quota).toEqual({ limit: 2, used: 2, left: 0 })
    transport.fail('m0')
    transport.confirm('m1')
    await pass()
    expect(channel.stats()).toMatchObject({
      out: { content: 2, confirmed: 1, failed: 1 },
      messages: { taken: 3, sent: 1, sendFailed: 1 },
      waiting: { requests: 1 },
    })
    await channel.close()
    expect(channel.stats().messages.taken).toBe(3)
  })
})
