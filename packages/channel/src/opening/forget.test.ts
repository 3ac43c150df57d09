import { describe, expect, it } from 'vitest'
import { type Store, memoryStore } from '@reliable-channels/store'
import { ReliableChannelManager, openChannel } from '../index.ts'
import { countedStore } from '../../test/counted-store.ts'
import { fakeLocks } from '../../test/fake-locks.ts'
import { fakeTransport } from '../../test/fake-transport.ts'
import { hello, team } from '../../test/open-fake.ts'

const transport = fakeTransport()
const below = (disk: Map<string, Uint8Array>, prefix: string): string[] =>
  [...disk.keys()].filter((key) => key.startsWith(prefix))

/** Leaves a channel of alice in a store. */
async function leave(store: Store, channelId = 'team'): Promise<void> {
  const channel = await openChannel({ ...team, channelId, transport, store })
  await channel.send(hello).accepted()
  await channel.close()
}

// X18
describe('a channel that is forgotten', () => {
  it('leaves nothing in the store, in one write, and takes nothing of others with it', async () => {
    const disk = new Map<string, Uint8Array>()
    const store = memoryStore(disk)
    await leave(store)
    await leave(store, 'team/2')
    const others = below(disk, 'channel/team%2F2/')
    expect(others.length).toBeGreaterThan(2)
    const counting = countedStore(disk)
    const manager = new ReliableChannelManager({ transport, store: counting.store })
    await manager.forget('team')
    expect([counting.writes.length, below(disk, 'channel/team/')]).toEqual([1, []])
    expect(below(disk, 'channel/team%2F2/')).toEqual(others)
    await manager.forget('team')
    await manager.forget('never there')
    expect(counting.writes).toHaveLength(1)
    await manager.closeAll()
  })

  it('takes with it what is damaged', async () => {
    const disk = new Map<string, Uint8Array>()
    const store = memoryStore(disk)
    await leave(store)
    for (const value of disk.values()) value[value.length - 1]! ^= 1
    const manager = new ReliableChannelManager({ transport, store })
    await manager.forget('team')
    expect([...disk.keys()]).toEqual([])
    await manager.closeAll()
  })

  it('may be opened anew, by somebody else too', async () => {
    const store = memoryStore()
    await leave(store)
    const manager = new ReliableChannelManager({ transport, store })
    await manager.forget('team')
    const channel = await manager.create({ ...team, senderId: 'bob' })
    expect(channel.requests).toEqual([])
    await manager.closeAll()
  })

  it('must not be open, here or at another manager that has the store', async () => {
    const disk = new Map<string, Uint8Array>()
    const store = memoryStore(disk)
    const [first, second, third] = [store, store, memoryStore(disk)].map(
      (each) => new ReliableChannelManager({ transport, store: each }),
    ) as [ReliableChannelManager, ReliableChannelManager, ReliableChannelManager]
    const opening = first.create(team)
    await expect(first.forget('team')).rejects.toMatchObject({ code: 'ERR_CHANNEL_EXISTS' })
    const channel = await opening
    await channel.send(hello).accepted()
    const before = below(disk, 'channel/team/')
    await expect(first.forget('team')).rejects.toMatchObject({ code: 'ERR_CHANNEL_EXISTS' })
    await expect(second.forget('team')).rejects.toMatchObject({ code: 'ERR_STORE_LOCKED' })
    await expect(third.forget('team')).rejects.toMatchObject({ code: 'ERR_STORE_LOCKED' })
    expect(below(disk, 'channel/team/')).toEqual(before)
    await channel.close()
    await third.forget('team')
    expect(below(disk, 'channel/team/')).toEqual([])
    await Promise.all([first, second, third].map((each) => each.closeAll()))
    await expect(first.forget('team')).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  })

  it('is not opened while it is being forgotten', async () => {
    const store = memoryStore()
    await leave(store)
    const manager = new ReliableChannelManager({ transport, store })
    const forgetting = manager.forget('team')
    await expect(manager.create(team)).rejects.toMatchObject({ code: 'ERR_STORE_LOCKED' })
    await forgetting
    await (await manager.create(team)).close()
    await manager.closeAll()
  })

  it('is left alone by a node whose name another one holds', async () => {
    const disk = new Map<string, Uint8Array>()
    const exclusive = { name: 'app', locks: fakeLocks() }
    const node = (): ReliableChannelManager =>
      new ReliableChannelManager({ transport, store: memoryStore(disk), exclusive })
    const [first, second] = [node(), node()]
    await (await first.create(team)).send(hello).accepted()
    const before = below(disk, 'channel/')
    await expect(second.forget('team')).rejects.toMatchObject({ code: 'ERR_STORE_LOCKED' })
    expect(below(disk, 'channel/')).toEqual(before)
    await first.closeAll()
    await second.forget('team')
    expect(below(disk, 'channel/')).toEqual([])
    await second.closeAll()
  })
})
