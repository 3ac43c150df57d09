import { describe, expect, it } from 'vitest'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'
import { type ChannelOptions, ReliableChannelManager, openChannel } from '../index.ts'
import { dropped } from '../../test/dropped.ts'

const team = { channelId: 'team', contentTopic: '/app/1/team/proto' }
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = ({ payload }: { payload: Uint8Array }): string => new TextDecoder().decode(payload)

/** Alice, and a bob who does not listen yet. */
async function setUp(options: Partial<ChannelOptions> & { disk?: Map<string, Uint8Array> } = {}) {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 1, scheduler })
  const { disk = new Map<string, Uint8Array>(), ...channelOptions } = options
  const alice = await openChannel({ ...team, senderId: 'alice', transport: network.peer('alice'), scheduler })
  const bob = await openChannel({
    ...team,
    senderId: 'bob',
    transport: network.peer('bob'),
    store: memoryStore(disk),
    scheduler,
    ...channelOptions,
  })
  return {
    alice,
    bob,
    disk,
    scheduler,
    network,
    async say(...texts: string[]) {
      for (const each of texts) alice.send(encode(each))
      await scheduler.run({ maxMs: 3_000 })
    },
    async close() {
      const closed = Promise.all([alice.close(), bob.close()])
      await scheduler.run({ maxMs: 1_000 })
      await closed
    },
  }
}

describe('who listens late', () => {
  it('has what came before, in order, and so has whoever subscribes in the same turn', async () => {
    const { bob, scheduler, say, close } = await setUp()
    await say('1', '2')
    const [first, second, events]: [string[], string[], string[]] = [[], [], []]
    bob.incoming$.subscribe((message) => first.push(text(message)))
    bob.incoming$.subscribe((message) => second.push(text(message)))
    bob.events$.subscribe((event) => {
      if (event.type === 'reliable:message:received') events.push(text(event))
    })
    await scheduler.run({ maxMs: 0 })
    await say('3')
    expect(first).toEqual(['1', '2', '3'])
    expect(second).toEqual(['1', '2', '3'])
    expect(events).toEqual(['1', '2', '3'])
    await close()
  })

  it('has it after a restart when nobody ever listened, and not as redelivered', async () => {
    const { bob, disk, network, scheduler, say, close } = await setUp()
    await say('1', '2')
    const closed = bob.close()
    await scheduler.run({ maxMs: 1_000 })
    await closed
    const transport = network.peer('bob again')
    const again = await openChannel({
      ...team,
      senderId: 'bob',
      transport,
      store: memoryStore(disk),
      scheduler,
    })
    await scheduler.run({ maxMs: 1_000 })
    const seen: string[] = []
    again.incoming$.subscribe((message) => seen.push(text(message) + (message.redelivered ? '!' : '')))
    await scheduler.run({ maxMs: 1_000 })
    expect(seen).toEqual(['1', '2'])
    const ended = again.close()
    await scheduler.run({ maxMs: 1_000 })
    await ended
    await close()
  })

  it('is not who watches the events: they consume nothing', async () => {
    // F14
    const { bob, scheduler, say, close } = await setUp()
    const watched: string[] = []
    bob.events$.subscribe(({ type }) => watched.push(type))
    await say('1', '2')
    expect(watched).toEqual([])
    const seen: string[] = []
    bob.incoming$.subscribe((message) => seen.push(text(message)))
    await scheduler.run({ maxMs: 0 })
    await say('3')
    expect(seen).toEqual(['1', '2', '3'])
    expect(watched.filter((type) => type === 'reliable:message:received')).toHaveLength(3)
    await close()
  })

  it('has the latest of more than are kept; the others are counted and told', async () => {
    const { bob, disk, scheduler, say, close } = await setUp({ maxUnacknowledged: 3 })
    await say('1', '2', '3', '4', '5')
    expect(dropped(bob)).toEqual({ unheard: 2 })
    expect([...disk.keys()].filter((key) => key.includes('/inbox/m'))).toHaveLength(3)
    const seen: string[] = []
    bob.incoming$.subscribe((message) => seen.push(text(message)))
    await scheduler.run({ maxMs: 0 })
    expect(seen).toEqual(['3', '4', '5'])
    await close()
  })

  it('loses nothing that is to be acknowledged: when too much waits, no more is taken in', async () => {
    const { bob, scheduler, say, close } = await setUp({ consume: 'acknowledged', maxUnacknowledged: 1 })
    await say(...Array.from({ length: 12 }, (_, i) => String(i)))
    expect(bob.drops.unheard).toBe(0)
    expect(bob.drops['inbox-full']).toBeGreaterThan(0)
    const seen: string[] = []
    bob.incoming$.subscribe((message) => {
      seen.push(text(message))
      void message.ack()
    })
    await scheduler.run({ maxMs: 120_000 })
    expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => String(i)))
    await close()
  })

  it('counts who listens to the manager, before the channel is made or after', async () => {
    for (const late of [false, true]) {
      const scheduler = virtualTime()
      const network = simulatedNetwork({ seed: 1, scheduler })
      const alice = await openChannel({
        ...team,
        senderId: 'alice',
        transport: network.peer('alice'),
        scheduler,
      })
      const manager = new ReliableChannelManager({ transport: network.peer('bob'), scheduler })
      const seen: string[] = []
      const listen = (): void => void manager.incoming$.subscribe((message) => seen.push(text(message)))
      if (!late) listen()
      await manager.create({ ...team, senderId: 'bob' })
      alice.send(encode('hello'))
      await scheduler.run({ maxMs: 1_000 })
      expect(seen).toEqual(late ? [] : ['hello'])
      if (late) listen()
      await scheduler.run({ maxMs: 0 })
      expect(seen).toEqual(['hello'])
      const closed = Promise.all([alice.close(), manager.closeAll()])
      await scheduler.run({ maxMs: 1_000 })
      await closed
    }
  })
})
