import { memoryStore } from '@reliable-channels/store'
import type { Transport, TransportMessage } from '@reliable-channels/transport'
import { Subject, merge } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { decode, encode } from '../../test/restarting.ts'
import { setUpTabs, roles, three } from '../../test/tabs.ts'

describe('the tab that leads', () => {
  it('closes, and the next one leads at once; what was under way goes on', async () => {
    const { bob, first, second, third, pass, net } = await three()
    net.network.partition([['bob'], []])
    const request = third.chat.send(encode('before'))
    await pass(500)
    await request.accepted()
    const closing = first.chat.close()
    await pass(2_500)
    await closing
    expect([first.counts, second.counts.opened]).toEqual([{ opened: 1, closed: 1 }, 1])
    expect(roles(second, third)).toEqual(['leader', 'follower'])
    net.network.heal()
    await pass(30_000)
    expect(bob.received).toEqual(['before'])
    expect(request.status).toMatchObject({ state: 'delivered', deliveredTo: ['bob'] })
  })

  it('is killed, with messages of all tabs in every state, and each is delivered once', async () => {
    for (let delay = 0; delay < 24; delay++) {
      const { bob, tabs, second, third, first, pass } = await three()
      const requests = [first, second, third].map(({ chat }, i) => chat.send(encode(`early ${i}`)))
      await pass(delay)
      const late = [second, third].map(({ chat }, i) => chat.send(encode(`late ${i}`)))
      first.kill()
      await pass(4_000)
      expect(roles(second, third), `killed after ${delay} ms`).toEqual(['leader', 'follower'])
      bob.channel.send(encode('after'))
      await pass(60_000)
      const expected = ['early 1', 'early 2', 'late 0', 'late 1']
      const got = bob.received.filter((text) => text !== 'early 0')
      expect(got.toSorted(), `killed after ${delay} ms`).toEqual(expected)
      for (const request of [requests[1]!, requests[2]!, ...late])
        expect(request.status.state, `killed after ${delay} ms`).toBe('delivered')
      expect(tabs.slice(1).map(({ received }) => received)).toEqual([['after'], ['after']])
    }
  })

  it('freezes with its lock, and another takes the lead within 5 s; when it wakes, it follows', async () => {
    const { bob, first, second, third, net, pass } = await three()
    first.freeze()
    const startedAt = net.scheduler.now()
    const request = second.chat.send(encode('asked of a frozen tab'))
    let acceptedAt = Infinity
    void request.accepted().then(() => (acceptedAt = net.scheduler.now()))
    await pass(5_000)
    expect(acceptedAt - startedAt).toBeLessThan(5_000)
    const leaders = [second, third].filter(({ chat }) => chat.role === 'leader')
    expect(leaders).toHaveLength(1)
    bob.channel.send(encode('while it sleeps'))
    await pass(60_000)
    first.thaw()
    const own = first.chat.send(encode('of the one that wakes'))
    await pass(10_000)
    expect(roles(first)).toEqual(['follower'])
    expect(first.counts).toEqual({ opened: 1, closed: 1 })
    expect(own.status.state).toBe('delivered')
    bob.channel.send(encode('to all'))
    await pass(5_000)
    expect(bob.received).toEqual(['asked of a frozen tab', 'of the one that wakes'])
    expect(first.received).toContain('to all')
    for (const { received } of [second, third]) expect(received).toEqual(['while it sleeps', 'to all'])
  })

  it('whose timers rest in the background keeps the lead, since it answers', async () => {
    const { bob, first, second, tabs, pass } = await three()
    first.tab.rest()
    const request = second.chat.send(encode('asked of a tab in the background'))
    await pass(60_000)
    expect(roles(...tabs)).toEqual(['leader', 'follower', 'follower'])
    expect(second.counts.opened).toBe(0)
    first.tab.thaw()
    await pass(5_000)
    expect(request.status.state).toBe('delivered')
    expect(bob.received).toHaveLength(1)
  })

  it('loses the channel, since its transport has died, and another leads', async () => {
    const setting = setUpTabs()
    const bob = await setting.net.open('bob', memoryStore())
    const messages$ = new Subject<TransportMessage>()
    const peer = setting.net.network.peer('one that dies')
    const transport: Transport = {
      events$: peer.events$,
      messages$: merge(peer.messages$, messages$),
      connection$: peer.connection$,
      maxMessageBytes: peer.maxMessageBytes,
      send: (envelope) => peer.send(envelope),
      subscribe: (topic) => peer.subscribe(topic),
      unsubscribe: (topic) => peer.unsubscribe(topic),
    }
    const first = await setting.open({ transport })
    const second = await setting.open()
    messages$.error(new Error('the socket is gone'))
    const request = first.chat.send(encode('over another transport'))
    await setting.pass(5_000)
    expect(roles(first, second)).toEqual(['follower', 'leader'])
    expect(request.status.state).toBe('delivered')
    expect(bob.received).toEqual(['over another transport'])
  })

  it('is asked again only for what is tracked: of an ephemeral message it is said that nobody knows', async () => {
    const { first, second, third, pass, bob } = await three()
    first.freeze()
    const asked = second.chat.send(encode('is typing'), { ephemeral: true })
    const outcome = expect(asked.sent()).rejects.toMatchObject({ code: 'ERR_SEND_FAILED', certain: false })
    await pass(6_000)
    await outcome
    expect(roles(second, third)).toContain('leader')
    expect(bob.received).toEqual([])
  })

  it('changes while messages wait to be acknowledged: those that were not come again', async () => {
    const setting = setUpTabs()
    const bob = await setting.net.open('bob', memoryStore())
    const options = { consume: 'acknowledged' } as const
    const first = await setting.open(options)
    const second = await setting.open(options)
    const acks: {
      readonly text: string
      readonly redelivered: boolean
      readonly ack: () => Promise<void>
    }[] = []
    second.chat.incoming$.subscribe(({ payload, redelivered, ack }) =>
      acks.push({ text: decode(payload), redelivered, ack }),
    )
    for (const text of ['one', 'two', 'three']) bob.channel.send(encode(text))
    await setting.pass(3_000)
    const acknowledged = acks[0]!.ack()
    await setting.pass(500)
    await acknowledged
    first.kill()
    const late = acks[1]!.ack()
    await setting.pass(5_000)
    await late
    expect(acks.map(({ text, redelivered }) => [text, redelivered])).toEqual([
      ['one', false],
      ['two', false],
      ['three', false],
      ['two', true],
      ['three', true],
    ])
    const last = acks[4]!.ack()
    await setting.pass(500)
    await last
    second.kill()
    const third = await setting.open(options)
    await setting.pass(5_000)
    expect(third.received).toEqual([])
  })
})
