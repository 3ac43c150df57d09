import { memoryStore } from '@reliable-channels/store'
import type { Observable } from 'rxjs'
import { describe, expect, it, vi } from 'vitest'
import { team } from '../../test/open-fake.ts'
import { encode } from '../../test/restarting.ts'
import { setUpTabs, roles, three } from '../../test/tabs.ts'
import { type ReliableChannel, openChannel } from '../index.ts'

describe('tabs with one channel', () => {
  it('have it run in one of them, and all see the same messages and send', async () => {
    const { bob, tabs, first, second, third, pass } = await three()
    expect(roles(...tabs)).toEqual(['leader', 'follower', 'follower'])
    expect(tabs.map(({ counts }) => counts.opened)).toEqual([1, 0, 0])
    const elsewhere: string[] = []
    first.chat.sentElsewhere$.subscribe(({ requestId }) => elsewhere.push(requestId))
    third.chat.sentElsewhere$.subscribe(({ requestId }) => elsewhere.push(requestId))
    const states: string[] = []
    const request = second.chat.send(encode('from the second'))
    request.status$.subscribe(({ state }) => states.push(state))
    bob.channel.send(encode('hello, Alice'))
    await pass(5_000)
    expect(bob.received).toEqual(['from the second'])
    expect(tabs.map(({ received }) => received)).toEqual([
      ['hello, Alice'],
      ['hello, Alice'],
      ['hello, Alice'],
    ])
    expect(states).toEqual(['queued', 'sending', 'sent', 'delivered'])
    expect(await request.delivered()).toEqual({ deliveredTo: ['bob'] })
    await Promise.all([request.accepted(), request.sent(), request.wrapped()])
    expect(elsewhere).toEqual([request.requestId, request.requestId])
    const types = third.events.map(({ type }) => type)
    expect(types).toContain('reliable:message:delivered')
    expect(types).toContain('reliable:message:received')
    for (const { chat } of tabs)
      expect([chat.channelId, chat.senderId, chat.requests]).toEqual(['team', 'alice', []])
  })

  it('wait in any of them for members of whom nobody has heard, who are reminded', async () => {
    const setting = setUpTabs()
    const { net, pass } = setting
    const all = { receipts: 'all' } as const
    await net.open('bob', memoryStore(), all)
    const carol = await net.open('carol', memoryStore(), all)
    const tabs = [await setting.open(all), await setting.open(all)] as const
    const request = tabs[1].chat.send(encode('hello'))
    let isAll = false
    void request.deliveredToAll(['bob', 'carol']).then(() => (isAll = true))
    await net.scheduler.run({ until: () => carol.received.length === 1, maxMs: 5_000 })
    // What she says of it does not come.
    net.network.partition([['bob', 'alice, tab 1, 1'], ['carol']])
    await pass(900)
    net.network.heal()
    await pass(3_000)
    expect(isAll).toBe(true)
  })

  it('have the whole API of a channel in each of them', async () => {
    const { bob, second, pass } = await three()
    const { chat } = second
    const latest: Record<string, unknown> = {}
    for (const name of ['connection$', 'health$', 'members$', 'quota$'] as const) {
      const value$: Observable<unknown> = chat[name]
      value$.subscribe((value) => (latest[name] = value))
    }
    const outgoing: string[] = []
    chat.outgoing$.subscribe(({ messageId }) => outgoing.push(messageId))
    bob.channel.send(encode('hello'))
    const request = chat.send(encode('hi'))
    const receipts: (readonly string[])[] = []
    request.receipts$.subscribe((names) => receipts.push(names))
    await pass(5_000)
    expect(latest).toMatchObject({
      connection$: { state: 'connected' },
      health$: { state: 'synced', missing: 0 },
      members$: [{ senderId: 'bob', state: 'level' }],
      quota$: { limit: Infinity },
    })
    expect(receipts.at(-1)).toEqual(['bob'])
    expect(outgoing).toContain(request.messageId)
    expect(chat.drops.unheard).toBe(0)
    const page = chat.history({ limit: 5 })
    const ready = chat.ready(10)
    await pass(100)
    await ready
    expect((await page).messages.map(({ messageId }) => messageId)).toContain(request.messageId)
    const aborted = AbortSignal.abort(new Error('enough'))
    await expect(chat.history({ signal: aborted })).rejects.toThrow('enough')
    const again: unknown[] = []
    chat.health$.subscribe((health) => again.push(health))
    expect(again).toEqual([latest['health$']])
  })

  it('tell a state once, also when another takes the lead', async () => {
    const { first, second, bob, pass } = await three()
    const { chat } = second
    const told: Record<string, unknown[]> = {}
    for (const name of ['health$', 'members$', 'quota$'] as const) {
      const value$: Observable<unknown> = chat[name]
      const values: unknown[] = (told[name] = [])
      value$.subscribe((value) => values.push(value))
    }
    bob.channel.send(encode('hello'))
    await pass(5_000)
    first.kill()
    await pass(10_000)
    bob.channel.send(encode('hello again'))
    await pass(5_000)
    expect(chat.role).toBe('leader')
    // The channel that the new leader opens asks the network's memory first.
    expect(told['health$']).toMatchObject([
      { state: 'synced' },
      { state: 'catching-up' },
      { state: 'synced' },
    ])
    for (const values of Object.values(told))
      values.forEach((value, i) => expect(value).not.toEqual(values[i + 1]))
  })

  it('refuse what a channel refuses, each in its way', async () => {
    const { second, pass } = await three()
    const { chat } = second
    expect(() => chat.send(new Uint8Array())).toThrow('empty payload')
    expect(() => chat.send('text' as never)).toThrow('Uint8Array')
    expect(() => chat.send(encode('x'), { priority: 'high' as never })).toThrow('priority')
    const tooLarge = chat.send(new Uint8Array(27_000_000))
    const outcome = expect(tooLarge.accepted()).rejects.toMatchObject({ code: 'ERR_PAYLOAD_TOO_LARGE' })
    await pass(100)
    await outcome
    await second.chat.close()
    expect(() => chat.send(encode('x'))).toThrow('the channel is closed')
    await expect(chat.history()).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  })
})

describe('a message of a tab', () => {
  it('is taken back while no tab leads, and else goes on', async () => {
    const setting = setUpTabs()
    const bob = await setting.net.open('bob', memoryStore())
    const first = await setting.open()
    const second = await setting.open({}, { open: () => new Promise<never>(() => {}), limitMs: 5_000 })
    const third = await setting.open()
    const asked = second.chat.send(encode('asked'))
    expect(asked.cancel()).toBe('too-late')
    await setting.pass(3_000)
    expect(asked.status.state).toBe('delivered')
    first.kill()
    await setting.pass(1_000)
    expect(roles(second, third)).toEqual(['waiting', 'waiting'])
    const connection: string[] = []
    second.chat.connection$.subscribe(({ state }) => connection.push(state))
    const early = second.chat.send(encode('early'))
    expect(early.cancel()).toBe('cancelled')
    const kept = second.chat.send(encode('kept'))
    await setting.pass(15_000)
    expect(roles(second, third)).toEqual(['follower', 'leader'])
    expect(bob.received).toEqual(['asked', 'kept'])
    expect([early.status.state, kept.status.state]).toEqual(['cancelled', 'delivered'])
    expect(connection).toEqual(['connecting', 'connected'])
  })

  it('is taken back by a signal while the rate limit holds it', async () => {
    const setting = setUpTabs()
    const rateLimit = { epochMs: 60_000, messagesPerEpoch: 1 }
    const bob = await setting.net.open('bob', memoryStore())
    await setting.open({ rateLimit })
    const { chat } = await setting.open({ rateLimit })
    const controller = new AbortController()
    chat.send(encode('first'))
    const second = chat.send(encode('second'), { signal: controller.signal })
    await setting.pass(500)
    expect(second.status.state).toBe('queued')
    controller.abort()
    await setting.pass(120_000)
    expect(second.status.state).toBe('cancelled')
    expect(bob.received).toEqual(['first'])
  })

  it('finds a queue that is full, and waits until it is ready', async () => {
    const setting = setUpTabs()
    await setting.net.open('bob', memoryStore())
    const first = await setting.open()
    const { chat } = await setting.open()
    first.freeze()
    for (let i = 0; i < 1_000; i++) chat.send(encode(`message ${i}`))
    expect(() => chat.send(encode('one too many'))).toThrow(
      expect.objectContaining({ code: 'ERR_QUEUE_FULL' }),
    )
    const enough = chat.ready(1, { signal: AbortSignal.abort(new Error('enough')) })
    await expect(enough).rejects.toThrow('enough')
    let isReady = false
    const ready = chat.ready(1).then(() => (isReady = true))
    await setting.pass(1_000)
    expect(isReady).toBe(false)
    await setting.pass(60_000)
    await ready
    await setting.pass(120_000)
    expect(chat.requests).toEqual([])
  })

  it('ends with the tab that closes', async () => {
    const { first, second } = await three()
    first.freeze()
    const request = second.chat.send(encode('never mind'))
    const accepted = expect(request.accepted()).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
    await second.chat.close()
    await accepted
  })
})

describe('tabs that cannot open the channel', () => {
  it('say why, where none leads yet, and let the next one try', async () => {
    const { open } = setUpTabs()
    await expect(open({}, { open: () => Promise.reject(new Error('no network')) })).rejects.toThrow(
      'no network',
    )
    const { chat } = await open()
    expect(chat.role).toBe('leader')
  })

  it('let another lead', async () => {
    const { open, pass, net } = setUpTabs()
    await net.open('bob', memoryStore())
    const first = await open()
    const broken = await open({}, { open: () => Promise.reject(new Error('no network')) })
    const third = await open()
    first.kill()
    const request = broken.chat.send(encode('by the third'))
    await pass(10_000)
    expect(roles(broken, third)).toEqual(['follower', 'leader'])
    expect(request.status.state).toBe('delivered')
  })

  it('are told to hand on what they are given', async () => {
    const { open, net } = setUpTabs()
    const forgetful = (): Promise<ReliableChannel> =>
      openChannel({ ...team, transport: net.network.peer('x'), scheduler: net.scheduler })
    await expect(open({}, { open: forgetful })).rejects.toThrow('must hand its argument on')
  })

  it('are told when they do not agree on the channel', async () => {
    const { open, pass } = setUpTabs()
    const first = await open()
    const other = await open({ senderId: 'bob', store: memoryStore() })
    const errors: unknown[] = []
    other.chat.health$.subscribe({ complete: () => errors.push('health is over') })
    other.chat.incoming$.subscribe({ error: ({ message }: Error) => errors.push(message) })
    first.kill()
    await pass(5_000)
    expect(errors).toEqual([
      'tabs named "team" have different channels: "team" of "alice" here, "team" of "bob" there',
      'health is over',
    ])
    expect(() => other.chat.send(encode('x'))).toThrow('the channel is closed')
  })

  it('wait until a signal says otherwise', async () => {
    const { open } = setUpTabs()
    const never = { open: () => new Promise<never>(() => {}), signal: AbortSignal.abort(new Error('enough')) }
    await expect(open({}, never)).rejects.toThrow('enough')
    await expect(open({}, { name: '' })).rejects.toThrow('"name" expected a non-empty string')
    vi.stubGlobal('navigator', {})
    const lockless = open({}, { locks: undefined as never })
    vi.unstubAllGlobals()
    await expect(lockless).rejects.toMatchObject({ code: 'ERR_LOCKS_UNAVAILABLE' })
  })
})
