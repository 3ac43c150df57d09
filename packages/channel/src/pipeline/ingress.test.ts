import { describe, expect, it } from 'vitest'
import { hello, openFake } from '../../test/open-fake.ts'
import { dropped } from '../../test/dropped.ts'

const garbage = new Uint8Array(40).fill(0xff)

describe('what the transport says is an echo', () => {
  it('is not looked at when it is of this channel', async () => {
    const { channel, transport, events, pass } = await openFake()
    channel.send(hello)
    await pass()
    const envelope = transport.sent[0]!
    transport.messages$.next({ ...envelope, payload: garbage, hash: 'aa', echoOf: envelope })
    await pass()
    expect(events).toEqual([])
    expect(dropped(channel)).toEqual({})
    await channel.close()
  })

  it('is taken like any other message when it is of somebody else on the same transport', async () => {
    const alice = await openFake()
    const { transport } = alice
    const bob = await openFake({ senderId: 'bob', transport, scheduler: alice.scheduler })
    alice.channel.send(hello)
    await alice.pass()
    const envelope = transport.sent[0]!
    transport.messages$.next({ ...envelope, hash: 'aa', echoOf: envelope })
    await alice.pass()
    expect(bob.events.map(({ type }) => type)).toEqual(['reliable:message:received'])
    expect(alice.events.map(({ type }) => type)).toEqual([])
    await Promise.all([alice.channel.close(), bob.channel.close()])
  })

  it('is looked at when it is not the very envelope', async () => {
    const { channel, transport, events, pass } = await openFake()
    channel.send(hello)
    await pass()
    const envelope = transport.sent[0]!
    transport.messages$.next({ ...envelope, payload: garbage, hash: 'aa', echoOf: { ...envelope } })
    await pass()
    expect(events).toMatchObject([{ type: 'diagnostic:message-error' }])
    await channel.close()
  })
})
