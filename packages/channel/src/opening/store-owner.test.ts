import { describe, expect, it } from 'vitest'
import { memoryStore } from '@reliable-channels/store'
import { jsWaku, openChannel } from '../index.ts'
import { fakeTransport } from '../../test/fake-transport.ts'
import { hello, openFake, team } from '../../test/open-fake.ts'

const transport = fakeTransport()

describe('a store that has the channel of one member', () => {
  it('is refused to another, whose messages it does not hold, and to another wire profile', async () => {
    // F4
    const store = memoryStore()
    const alice = await openFake({ store })
    alice.channel.send(hello)
    await alice.pass()
    await alice.channel.close()
    await expect(openChannel({ ...team, senderId: 'bob', transport, store })).rejects.toMatchObject({
      code: 'ERR_STORE_OWNER',
      message: 'the store has channel "team" of "alice", not of "bob": give each member a store of its own',
    })
    await expect(openChannel({ ...team, profile: jsWaku, transport, store })).rejects.toMatchObject({
      code: 'ERR_STORE_OWNER',
    })
    await (await openChannel({ ...team, transport, store })).close()
    await (await openChannel({ ...team, channelId: 'other', senderId: 'bob', transport, store })).close()
  })

  it('is refused while the channel is open on it already, and has it again afterwards', async () => {
    // F4 F18
    const store = memoryStore()
    const first = await openChannel({ ...team, transport, store })
    await expect(openChannel({ ...team, transport, store })).rejects.toMatchObject({
      code: 'ERR_STORE_LOCKED',
    })
    await first.close()
    await (await openChannel({ ...team, transport, store })).close()
  })

  it('is adopted where an earlier version noted no owner', async () => {
    const disk = new Map([['channel/team/version', Uint8Array.of(1)]])
    await (await openChannel({ ...team, transport, store: memoryStore(disk) })).close()
    expect(disk.has('channel/team/owner')).toBe(true)
  })
})
