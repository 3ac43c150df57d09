import { describe, expect, it } from 'vitest'
import { dropped } from '../../test/dropped.ts'
import { hello, openFake } from '../../test/open-fake.ts'

const rateLimit = { epochMs: 60_000, messagesPerEpoch: 5 }

describe('a message that may be done without', () => {
  it('is sent while the quota is far, and dropped from four fifths of it on, so that others have the rest', async () => {
    const { channel, transport, pass, told } = await openFake({ rateLimit })
    const quota: string[] = []
    channel.quota$.subscribe(({ state }) => quota.push(state))
    for (let i = 0; i < 4; i++) channel.send(hello, { optional: true })
    await pass()
    expect(transport.sent).toHaveLength(4)
    expect(quota.at(-1)).toBe('approached')
    const before = told().length
    const optional = channel.send(hello, { optional: true })
    const typing = channel.send(hello, { ephemeral: true })
    const kept = channel.send(hello, { ephemeral: true, optional: false })
    expect(told()).toHaveLength(before)
    await expect(optional.sent()).rejects.toMatchObject({ code: 'ERR_SEND_FAILED', certain: true })
    await expect(typing.wrapped()).rejects.toThrow('it may be done without, and the quota is approached')
    expect(optional.status).toMatchObject({ state: 'send-failed', certain: true })
    await pass()
    expect(transport.sent).toHaveLength(5)
    transport.confirm('m4')
    await kept.sent()
    expect(quota.at(-1)).toBe('exhausted')
    const last = channel.send(hello, { optional: true })
    await expect(last.delivered()).rejects.toThrow('the quota is exhausted')
    expect(dropped(channel)).toEqual({ 'quota-approached': 3 })
    expect(channel.stats().messages).toMatchObject({ taken: 8, sendFailed: 3 })
    expect(channel.requests.map(({ requestId }) => requestId)).not.toContain(last.requestId)
    const events = told().filter((line) => line.endsWith('the quota is approached'))
    expect(events).toHaveLength(2)
  })

  it('is sent again in the next epoch, and without a rate limit always', async () => {
    const { channel, transport, pass } = await openFake({ rateLimit })
    for (let i = 0; i < 5; i++) channel.send(hello)
    await pass()
    const early = channel.send(hello, { optional: true })
    await expect(early.sent()).rejects.toThrow('exhausted')
    await pass(60_000)
    const before = transport.sent.length
    channel.send(hello, { optional: true })
    await pass()
    expect(transport.sent.length).toBe(before + 1)
    const free = await openFake()
    for (let i = 0; i < 100; i++) free.channel.send(hello, { optional: true })
    await free.pass()
    expect(free.transport.sent).toHaveLength(100)
  })

  it('says so by yes or no', async () => {
    const { channel } = await openFake()
    expect(() => channel.send(hello, { optional: 'yes' as never })).toThrow(
      '"optional" expected true or false',
    )
  })
})
