import { simulatedNetwork } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { hello, team } from '../test/open-fake.ts'
import { setUpTabs } from '../test/tabs.ts'
import { ReliableChannelManager, openChannel } from './index.ts'

describe('using', () => {
  it('closes channel, manager, network and store at the end of the block, latest first', async () => {
    const ended: string[] = []
    let later: (() => Promise<unknown>)[] = []
    {
      using network = simulatedNetwork({ seed: 1 })
      await using store = memoryStore()
      using transport = network.peer('alice')
      await using manager = new ReliableChannelManager({ transport, store })
      const one = await manager.create({ ...team, channelId: 'one' })
      await using channel = await openChannel({ ...team, transport: network.peer('bob') })
      one.events$.subscribe({ complete: () => ended.push('manager') })
      channel.events$.subscribe({ complete: () => ended.push('channel') })
      transport.connection$.subscribe({ complete: () => ended.push('peer') })
      network.traffic$.subscribe({ complete: () => ended.push('network') })
      later = [
        async () => channel.send(hello),
        async () => one.send(hello),
        () =>
          transport.send({
            contentTopic: team.contentTopic,
            payload: new Uint8Array(hello),
            ephemeral: false,
          }),
        () => store.get('key'),
      ]
    }
    expect(ended).toEqual(['channel', 'manager', 'peer', 'network'])
    for (const each of later) await expect(each()).rejects.toThrow('closed')
  })

  it('closes a channel of tabs', async () => {
    const { open, pass } = setUpTabs()
    const { chat } = await open()
    const disposed = chat[Symbol.asyncDispose]()
    await pass(5_000)
    await disposed
    expect(() => chat.send(hello)).toThrow('closed')
  })
})
