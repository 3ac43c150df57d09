import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { openFake } from '../../test/open-fake.ts'
import { encode, setUp } from '../../test/restarting.ts'
import { jsWaku, logosDelivery } from '../profiles.ts'

const LARGE = new Uint8Array(1_000).fill(7)

describe('the id of a message', () => {
  it.each([
    ['one segment', encode('hello'), {}],
    ['several segments', LARGE, { segmentSizeBytes: 192 }],
    ['one segment and its parity', encode('hello'), { parityRate: 1 }],
    ['several segments, lost ones rebuilt', LARGE, { segmentSizeBytes: 256, parityRate: 1 }],
    ['no segments, as js-waku sends it', encode('hello'), { profile: jsWaku }],
    ['the dialect of nim', encode('hello'), { profile: logosDelivery }],
  ])('is the same for its author and for all who receive it: %s', async (_, payload, options) => {
    const { scheduler, open } = setUp({ loss: 0.3 })
    const [alice, bob, carol] = [
      await open('alice', memoryStore(), options),
      await open('bob', memoryStore(), options),
      await open('carol', memoryStore(), options),
    ]
    const ids: string[] = []
    for (const { channel } of [bob, carol])
      channel.incoming$.subscribe(({ messageId }) => ids.push(messageId))
    const request = alice.channel.send(payload)
    expect(request.messageId).toBeUndefined()
    const messageId = await request.wrapped()
    expect(messageId).toMatch(/^[0-9a-f]{64}$/)
    expect(request.messageId).toBe(messageId)
    await scheduler.run({ until: () => ids.length === 2, maxMs: 600_000 })
    expect(ids).toEqual([messageId, messageId])
  })

  it('is known after a restart, at both ends', async () => {
    const { pass, open, network } = setUp()
    const disks = [memoryStore(), memoryStore()] as const
    const options = { segmentSizeBytes: 192 }
    const alice = await open('alice', disks[0], options)
    const bob = await open('bob', disks[1], { ...options, handler: (__, member) => member.kill() })
    network.partition([['alice'], ['bob']])
    const sent = [LARGE, encode('hello'), encode('are you there?'), encode('?')].map((each) =>
      alice.channel.send(each),
    )
    const messageIds = await Promise.all(sent.map((each) => each.wrapped()))
    await Promise.all(sent.map((each) => each.accepted()))
    alice.kill()
    network.heal()
    const back = await open('alice', disks[0], options)
    expect(new Set(back.channel.requests.map(({ messageId }) => messageId))).toEqual(new Set(messageIds))
    await pass(60_000)
    expect(bob.received).toHaveLength(1)
    const ids: string[] = []
    const again = await open('bob', disks[1], options)
    again.channel.incoming$.subscribe(({ messageId }) => ids.push(messageId))
    await pass(60_000)
    expect(ids).toEqual(messageIds)
  })

  it('is never known of what is never wrapped', async () => {
    const { channel } = await openFake()
    const request = channel.send(encode('hello'))
    const id = request.wrapped()
    request.cancel()
    await expect(id).rejects.toMatchObject({ code: 'ERR_SEND_FAILED' })
    const late = channel.send(encode('hello'))
    const lateId = late.wrapped()
    await channel.close()
    await expect(lateId).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  })
})
