import { describe, expect, it } from 'vitest'
import { firstValueFrom, take, toArray } from 'rxjs'
import { virtualTime } from '@reliable-channels/simulator'
import { type ChannelEvent, ReliableChannelManager } from './index.ts'
import { fakeTransport } from '../test/fake-transport.ts'

const team = { channelId: 'team', contentTopic: '/app/1/team/proto', senderId: 'alice' }
const hello = new TextEncoder().encode('hello')

function setUp() {
  const transport = fakeTransport()
  const scheduler = virtualTime()
  const manager = new ReliableChannelManager({ transport, scheduler })
  const events: ChannelEvent[] = []
  manager.events$.subscribe((event) => events.push(event))
  return { transport, scheduler, manager, events }
}

describe('ReliableChannelManager', () => {
  it('creates a channel and gives its id and names back', async () => {
    // MGR-01 MGR-18 MGR-25
    const { manager } = setUp()
    const channel = await manager.create(team)
    expect(channel).toMatchObject(team)
    expect(manager.exists('team')).toBe(true)
    expect(manager.get('team')).toBe(channel)
    expect(manager.channelIds).toEqual(['team'])
    await manager.closeAll()
    expect(manager.exists('team')).toBe(false)
  })

  it('refuses a second channel of the same id, also while the first is being opened', async () => {
    // MGR-02
    const { manager, events } = setUp()
    const first = manager.create(team)
    await expect(manager.create(team)).rejects.toThrow(/^channel already exists: team$/)
    await first
    await expect(manager.create(team)).rejects.toMatchObject({ code: 'ERR_CHANNEL_EXISTS' })
    expect(events).toEqual([])
    await manager.closeAll()
  })

  it('refuses to send on an unknown channel', () => {
    // MGR-03
    const { manager, events } = setUp()
    expect(() => manager.send('nobody', hello)).toThrow(/^unknown channel: nobody$/)
    expect(events).toEqual([])
  })

  it('closes once, and says so of a channel that is not open', async () => {
    // MGR-04 MGR-05
    const { manager, events } = setUp()
    await manager.create(team)
    await expect(manager.close('x7f3')).rejects.toThrow(/^unknown channel: x7f3$/)
    await manager.close('team')
    await expect(manager.close('team')).rejects.toThrow(/^unknown channel: team$/)
    expect(events).toEqual([])
  })

  it('forgets a channel that was closed by itself', async () => {
    // MGR-27
    const { manager } = setUp()
    const channel = await manager.create(team)
    await channel.close()
    expect(manager.exists('team')).toBe(false)
    await manager.create(team)
    await manager.closeAll()
  })

  it('subscribes the content topic, and opens nothing when that fails', async () => {
    // MGR-07
    const { manager, transport, events } = setUp()
    transport.onSubscribe = () => Promise.reject(new Error('no filter peer'))
    await expect(manager.create(team)).rejects.toThrow(
      /^failed to subscribe to content topic: no filter peer$/,
    )
    expect(transport.calls).toEqual(['subscribe /app/1/team/proto'])
    expect(transport.messages$.observed).toBe(false)
    expect(transport.events$.observed).toBe(false)
    expect(manager.exists('team')).toBe(false)
    transport.onSubscribe = () => Promise.resolve()
    await manager.create(team)
    expect(events).toEqual([])
    await manager.closeAll()
  })

  it('ends its share of the topic after the channel has stopped, and closes even if that fails', async () => {
    // MGR-08
    const { manager, transport } = setUp()
    await manager.create(team)
    await manager.create({ ...team, channelId: 'other' })
    let observedAtUnsubscribe: boolean | undefined
    transport.onUnsubscribe = () => {
      observedAtUnsubscribe = transport.messages$.observed
      return Promise.reject(new Error('gone'))
    }
    await manager.close('team')
    expect(observedAtUnsubscribe).toBe(true) // by the other channel alone
    await manager.close('other')
    expect(observedAtUnsubscribe).toBe(false)
    expect(transport.calls.filter((call) => call.startsWith('unsubscribe'))).toHaveLength(2)
  })

  it('wants a transport and a handler that can be called', () => {
    // MGR-10
    expect(() => new ReliableChannelManager({ transport: undefined as never })).toThrow(
      'messaging client is required',
    )
    expect(
      () => new ReliableChannelManager({ transport: fakeTransport(), sendHandler: null as never }),
    ).toThrow('sendHandler is required')
  })

  it('hands envelopes to the transport, or to the handler of the manager or of the channel', async () => {
    // MGR-11
    const { scheduler } = setUp()
    const transport = fakeTransport()
    const seen: string[] = []
    const manager = new ReliableChannelManager({
      transport,
      scheduler,
      sendHandler: (envelope) => {
        seen.push(`manager ${envelope.contentTopic}`)
        return 'canned-1'
      },
    })
    await manager.create(team)
    await manager.create({
      ...team,
      channelId: 'own',
      sendHandler: (envelope) => {
        seen.push(`channel ${envelope.contentTopic}`)
        return Promise.resolve('canned-2')
      },
    })
    const first = manager.send('team', hello)
    const second = manager.send('own', hello)
    await scheduler.run({ maxMs: 100 })
    expect(seen).toEqual(['manager /app/1/team/proto', 'channel /app/1/team/proto'])
    transport.confirm('canned-1', 'canned-2')
    await Promise.all([first.sent(), second.sent()])
    expect(transport.sent).toEqual([])
    await manager.closeAll()
  })

  it('carries the events of all channels, in which each keeps to its own', async () => {
    // MGR-13
    const { manager, transport, scheduler } = setUp()
    await manager.create(team)
    await manager.create({ ...team, channelId: 'other' })
    const two = firstValueFrom(manager.events$.pipe(take(2), toArray()))
    const a = manager.send('team', hello)
    const b = manager.send('other', hello)
    await scheduler.run({ maxMs: 100 })
    transport.confirm('m1', 'm0')
    expect(
      (await two).map((event) => ('requestId' in event ? [event.channelId, event.requestId] : [])),
    ).toEqual([
      ['other', b.requestId],
      ['team', a.requestId],
    ])
    await manager.closeAll()
  })

  it('leaves nothing of a closed channel listening', async () => {
    // MGR-14
    const { manager, transport, scheduler, events } = setUp()
    await manager.create(team)
    const handle = manager.send('team', hello)
    await scheduler.run({ maxMs: 100 })
    await manager.close('team')
    expect(transport.messages$.observed).toBe(false)
    expect(transport.events$.observed).toBe(false)
    transport.confirm('m0')
    await expect(handle.sent()).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
    expect(events).toEqual([])
    expect(await scheduler.run()).toBe(false)
    expect(transport.sent).toHaveLength(1)
  })
})
