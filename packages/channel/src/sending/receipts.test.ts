import { type Store, memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { openFake } from '../../test/open-fake.ts'
import { type MemberOptions, type Restarting, dump, encode, setUp } from '../../test/restarting.ts'

const NAMES = ['bob', 'carol', 'dave', 'erin']
const hello = encode('hello')

/** Alice, and so many others. */
async function group(
  { open }: Restarting,
  others: readonly string[],
  options: MemberOptions = {},
  disk?: Store,
) {
  const alice = await open('alice', disk ?? memoryStore(), options)
  const members = await Promise.all(others.map((name) => open(name, memoryStore(), options)))
  return { alice, members }
}

describe('receipts', () => {
  it('are the same after a restart, whatever comes again from the network’s memory', async () => {
    // F10
    const net = setUp()
    const disk = memoryStore()
    const { alice, members } = await group(net, ['bob', 'carol'], { receipts: 'all' }, disk)
    for (const { channel } of members) {
      channel.send(hello)
      await net.pass(1_000)
    }
    const { requestId } = alice.channel.send(encode('and you'))
    await net.pass(5_000)
    await Promise.all([alice.channel.close(), net.pass(5_000)])
    const back = await net.open('alice', disk, { receipts: 'all' })
    const names: (readonly string[])[] = []
    back.channel.receipts(requestId).subscribe((each) => names.push(each.toSorted()))
    await net.pass(5_000)
    expect(names).toEqual([['bob', 'carol']])
  })

  it('grow after the first acknowledgement, until all are known to have the message', async () => {
    const net = setUp()
    const { alice } = await group(net, NAMES, { receipts: 'all' })
    // Who is not known speaks later.
    await alice.channel.send(encode('who is there?')).accepted()
    await net.pass(60_000)
    const request = alice.channel.send(hello)
    const grown: (readonly string[])[] = []
    request.receipts$.subscribe((names) => grown.push(names))
    const startedAt = net.scheduler.now()
    await net.scheduler.run({ until: () => grown.at(-1)!.length === NAMES.length, maxMs: 10_000 })
    expect(grown.at(-1)!.toSorted()).toEqual(NAMES)
    expect(grown.map((names) => names.length)).toEqual([0, 1, 2, 3, 4])
    expect(net.scheduler.now() - startedAt).toBeLessThan(2_000)
    expect(request.status.state).toBe('delivered')
    const told = alice.events.filter(({ type }) => type === 'reliable:message:receipt')
    expect(told.slice(-4)).toEqual(
      grown.slice(1).map((members) => ({
        type: 'reliable:message:receipt',
        channelId: 'team',
        requestId: request.requestId,
        messageId: request.messageId,
        member: members.at(-1),
        members,
      })),
    )
  })

  it('of all take one small message of each member, and of the first one of one or two', async () => {
    const syncs = async (receipts: 'first' | 'all') => {
      const net = setUp()
      const { alice, members } = await group(net, NAMES, { receipts })
      await alice.channel.send(encode('who is there?')).accepted()
      await net.pass(60_000)
      let count = 0
      for (const { channel } of members) channel.outgoing$.subscribe(({ kind }) => kind === 'sync' && count++)
      alice.channel.send(hello)
      await net.pass(3_000)
      return count
    }
    expect(await syncs('all')).toBe(NAMES.length)
    expect(await syncs('first')).toBeLessThanOrEqual(2)
  })

  it('come with what the others say next, where one acknowledgement is enough', async () => {
    const net = setUp()
    const { alice, members } = await group(net, NAMES.slice(0, 2))
    const request = alice.channel.send(hello)
    await net.pass(5_000)
    for (const { channel } of members) channel.send(encode('hi'))
    await net.pass(5_000)
    let names: readonly string[] = []
    alice.channel.receipts(request.requestId).subscribe((latest) => (names = latest))
    expect(names.toSorted()).toEqual(['bob', 'carol'])
  })

  it('name only who has every part of a message', async () => {
    const net = setUp({ loss: 0.2 })
    const options = { receipts: 'all', segmentSizeBytes: 192 } as const
    const { alice, members } = await group(net, NAMES.slice(0, 2), options)
    const request = alice.channel.send(new Uint8Array(1_000))
    const segments: string[] = []
    alice.channel.outgoing$.subscribe(({ kind, messageId }) => kind === 'content' && segments.push(messageId))
    let names: readonly string[] = []
    request.receipts$.subscribe((latest) => (names = latest))
    await net.scheduler.run({ until: () => names.length === 2, maxMs: 600_000 })
    expect(names.toSorted()).toEqual(['bob', 'carol'])
    expect(segments.length).toBeGreaterThan(5)
    expect(members.map(({ received }) => received.length)).toEqual([1, 1])
  })

  it('tell when all that are asked for have it, oneself included', async () => {
    const net = setUp()
    const { alice } = await group(net, NAMES.slice(0, 2), { receipts: 'all' })
    const request = alice.channel.send(hello)
    let isAll = false
    void request.deliveredToAll(['alice', 'bob', 'carol']).then(() => (isAll = true))
    const never = request.deliveredToAll(['nobody'], { signal: AbortSignal.abort(new Error('enough')) })
    await expect(never).rejects.toThrow('enough')
    const open = request.deliveredToAll(['nobody'])
    await net.pass(10_000)
    expect(isAll).toBe(true)
    await alice.channel.close()
    await expect(open).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  })

  it('of messages that nobody tracks, or that were taken back, are not waited for', async () => {
    const { channel } = await openFake()
    await expect(channel.send(hello, { ephemeral: true }).deliveredToAll([])).rejects.toMatchObject({
      code: 'ERR_UNTRACKED',
    })
    const request = channel.send(hello)
    const waiting = request.deliveredToAll(['bob'])
    request.cancel()
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_SEND_FAILED' })
  })

  it('survive a restart, and go on growing after it', async () => {
    const net = setUp()
    const disk = memoryStore()
    const { alice } = await group(net, NAMES.slice(0, 2), { receipts: 'all' }, disk)
    net.network.partition([['alice', 'bob'], ['carol']])
    const request = alice.channel.send(hello)
    await net.pass(5_000)
    expect(request.status).toMatchObject({ state: 'delivered', deliveredTo: ['bob'] })
    alice.kill()
    const back = await net.open('alice', disk, { receipts: 'all' })
    const grown: (readonly string[])[] = []
    back.channel.receipts(request.messageId!).subscribe((names) => grown.push(names))
    expect(grown).toEqual([['bob']])
    net.network.heal()
    await net.pass(120_000)
    expect(grown).toEqual([['bob'], ['bob', 'carol']])
  })

  it('and room are waited for until a signal says otherwise', async () => {
    const { channel } = await openFake({ maxOpenRequests: 1 })
    await channel.ready()
    channel.send(hello)
    const controller = new AbortController()
    const waiting = channel.ready(1, controller)
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })

  it.each([
    ['first', false],
    ['all', true],
  ] as const)('of %s are stored: %s', async (receipts, areStored) => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    const alice = await open('alice', disk, { receipts })
    await open('bob', memoryStore(), { receipts })
    alice.channel.send(encode('hello'))
    await pass(30_000)
    const keys = [...(await dump(disk)).keys()]
    expect(keys.length).toBeGreaterThan(0)
    expect(keys.some((key) => key.includes('/receipts/'))).toBe(areStored)
  })

  it('are refused by another name', async () => {
    await expect(openFake({ receipts: 'each' as never })).rejects.toThrow(
      `"receipts" expected 'first' or 'all'`,
    )
  })
})
