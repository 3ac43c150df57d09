import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { hello, openFake } from '../../test/open-fake.ts'
import { encode, setUp } from '../../test/restarting.ts'

const requestId = '00112233445566778899'

describe('a message that is sent again under the id of its request', () => {
  it('is sent once while it is open, and the handle is that of the first', async () => {
    const { channel, transport, pass } = await openFake()
    const first = channel.send(hello, { requestId })
    expect(channel.send(hello, { requestId })).toBe(first)
    await pass()
    expect(channel.send(hello, { requestId })).toBe(first)
    await pass()
    expect(transport.sent).toHaveLength(1)
    expect(first.requestId).toBe(requestId)
    expect(channel.requests).toEqual([first])
  })

  it('is sent once when it is over, also after a restart, and the handle tells how it ended', async () => {
    const net = setUp()
    const disk = memoryStore()
    const bob = await net.open('bob', memoryStore())
    const alice = await net.open('alice', disk)
    const first = alice.channel.send(encode('once'), { requestId })
    const unnamed = alice.channel.send(encode('unnamed'))
    await net.pass(5_000)
    expect(first.status).toMatchObject({ state: 'delivered', deliveredTo: ['bob'] })
    const over = alice.channel.send(encode('once'), { requestId })
    expect(over.status).toEqual(first.status)
    alice.kill()
    const back = await net.open('alice', disk)
    const again = back.channel.send(encode('once'), { requestId })
    await again.accepted()
    await again.sent()
    expect(await again.delivered()).toEqual({ deliveredTo: ['bob'] })
    expect(again.messageId).toBe(first.messageId)
    expect(back.channel.request(unnamed.requestId)).toBeUndefined()
    await net.pass(60_000)
    expect(bob.received).toEqual(['once', 'unnamed'])
  })

  it('is sent once when the process ended before anybody had it', async () => {
    const net = setUp()
    const disk = memoryStore()
    const bob = await net.open('bob', memoryStore())
    net.network.partition([['alice'], ['bob']])
    const alice = await net.open('alice', disk)
    await alice.channel.send(encode('once'), { requestId }).accepted()
    alice.kill()
    net.network.heal()
    const back = await net.open('alice', disk)
    const again = back.channel.send(encode('once'), { requestId })
    await net.pass(60_000)
    expect(again.status.state).toBe('delivered')
    expect(bob.received).toEqual(['once'])
  })

  it('is sent anew once it was taken back', async () => {
    const { channel, transport, pass } = await openFake()
    channel.send(hello, { requestId }).cancel()
    const second = channel.send(hello, { requestId })
    await pass()
    expect(second.status.state).toBe('sending')
    expect(transport.sent).toHaveLength(1)
  })

  it('has an id of twenty digits, or is refused', async () => {
    const { channel } = await openFake()
    for (const wrong of ['', 'AA112233445566778899', '0011223344556677889', 5 as never])
      expect(() => channel.send(hello, { requestId: wrong })).toThrow('twenty lower-case hexadecimal digits')
  })
})
