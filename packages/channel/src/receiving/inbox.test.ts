import { describe, expect, it } from 'vitest'
import { memoryStore } from '@reliable-channels/store'
import type { ChannelMessageReceivedEvent } from '../index.ts'
import { decode, dump, encode, setUp } from '../../test/restarting.ts'

/** Handlers that note `text`, flagged `text!`. */
function notes() {
  const seen: string[] = []
  const messages: ChannelMessageReceivedEvent[] = []
  const note = (message: ChannelMessageReceivedEvent): void => {
    messages.push(message)
    seen.push(decode(message.payload) + (message.redelivered ? '!' : ''))
  }
  return { seen, messages, note }
}

describe('automatic consumption', () => {
  it('gives again, flagged, the one message whose handler was running when the process died', async () => {
    for (const at of [1, 2, 3, 4]) {
      const { open, pass } = setUp()
      const disk = memoryStore()
      const { seen, note } = notes()
      const alice = await open('alice', memoryStore())
      const bob = await open('bob', disk, {
        handler: (message, { kill }) => {
          note(message)
          if (seen.length === at) kill()
        },
      })
      for (const text of ['1', '2', '3', '4']) alice.channel.send(encode(text))
      await pass(10_000)
      expect(seen).toHaveLength(at)
      const again = await open('bob', disk, { handler: note })
      await pass(60_000)
      const all = ['1', '2', '3', '4']
      const killedAt = String(at)
      expect(seen).toEqual([...all.slice(0, at), `${killedAt}!`, ...all.slice(at)])
      bob.kill()
      again.kill()
      alice.kill()
    }
  })

  it('loses nothing between the write and the handler', async () => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    const medium = {
      ...disk,
      get: (key: string) => disk.get(key),
      entries: (prefix: string) => disk.entries(prefix),
      close: () => disk.close(),
      async write(changes: Parameters<typeof disk.write>[0]) {
        await disk.write(changes)
        // Stored, and the process dies before it learns of it.
        if (changes.some(({ key, value }) => key.includes('/inbox/m') && value !== undefined)) bob.kill()
      },
    }
    const alice = await open('alice', memoryStore())
    const bob = await open('bob', medium)
    alice.channel.send(encode('kept'))
    await pass(3_000)
    expect(bob.received).toEqual([])
    const again = await open('bob', disk)
    await pass(0)
    expect(again.received).toEqual(['kept'])
    await pass(60_000)
    expect(again.received).toEqual(['kept'])
    again.kill()
    alice.kill()
  })

  it('gives nothing again after a close in the handler', async () => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    const alice = await open('alice', memoryStore())
    let closing: Promise<void> | undefined
    const bob = await open('bob', disk, {
      handler: () => (closing ??= bob.channel.close()) as unknown as void,
    })
    for (const text of ['1', '2']) alice.channel.send(encode(text))
    await pass(100)
    await closing
    expect(bob.received).toEqual(['1'])
    bob.kill()
    const { seen, note } = notes()
    const again = await open('bob', disk, { handler: note })
    await pass(60_000)
    expect(seen.map((text) => text.replace('!', ''))).toEqual(['2'])
    again.kill()
    alice.kill()
  })

  it('leaves nothing in the store once all is handled', async () => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    const alice = await open('alice', memoryStore())
    const bob = await open('bob', disk)
    for (let i = 0; i < 20; i++) alice.channel.send(encode(`${i}`))
    await pass(10_000)
    expect(bob.received).toHaveLength(20)
    expect([...(await dump(disk, 'channel/team/inbox/')).keys()]).toEqual(['channel/team/inbox/horizon'])
    expect((await dump(disk, 'channel/team/sealed/')).size).toBe(0)
    bob.kill()
    alice.kill()
  })
})

describe('acknowledged consumption', () => {
  const acknowledged = { consume: 'acknowledged' } as const

  it('gives again, flagged and in order, what was not acknowledged before a restart', async () => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    const { seen, messages, note } = notes()
    const alice = await open('alice', memoryStore())
    const bob = await open('bob', disk, { ...acknowledged, handler: note })
    for (const text of ['1', '2', '3', '4']) alice.channel.send(encode(text))
    await pass(5_000)
    expect(seen).toEqual(['1', '2', '3', '4'])
    await Promise.all([messages[0]!.ack(), messages[2]!.ack(), messages[2]!.ack()])
    bob.kill()
    await expect(messages[1]!.ack()).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
    const later = notes()
    const again = await open('bob', disk, { ...acknowledged, handler: later.note })
    alice.channel.send(encode('5'))
    await pass(60_000)
    expect(later.seen).toEqual(['2!', '4!', '5'])
    await Promise.all(later.messages.map((message) => message.ack()))
    again.kill()
    const last = await open('bob', disk, { ...acknowledged, handler: later.note })
    await pass(60_000)
    expect(later.seen).toHaveLength(3)
    last.kill()
    alice.kill()
  })

  it('hands out no more than allowed until some are acknowledged, says so, and turns away what is far too much', async () => {
    const { open, pass } = setUp()
    const alice = await open('alice', memoryStore())
    const { seen, messages, note } = notes()
    const bob = await open('bob', memoryStore(), { ...acknowledged, maxUnacknowledged: 2, handler: note })
    for (let i = 0; i < 30; i++) alice.channel.send(encode(`${i}`))
    await pass(200)
    expect(seen).toEqual(['0', '1'])
    const limits = (): number =>
      bob.events.filter((event) => event.type === 'diagnostic' && event.code === 'unacknowledged-limit')
        .length
    expect(limits()).toBe(1)
    expect(bob.channel.drops['inbox-full']).toBeGreaterThan(0)
    // Whoever acknowledges gets all of it in the end.
    for (let acked = 0; acked < 30;) {
      for (; acked < messages.length; acked++) void messages[acked]!.ack()
      await pass(2_000)
    }
    expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => `${i}`))
    bob.kill()
    alice.kill()
  })

  it('resolves an acknowledgement only when it is stored', async () => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    let failing = false
    const store = {
      get: (key: string) => disk.get(key),
      entries: (prefix: string) => disk.entries(prefix),
      close: () => disk.close(),
      write: (changes: Parameters<typeof disk.write>[0]) =>
        failing ? Promise.reject(new Error('disk full')) : disk.write(changes),
    }
    const { messages, note } = notes()
    const alice = await open('alice', memoryStore())
    const bob = await open('bob', store, { ...acknowledged, handler: note })
    alice.channel.send(encode('1'))
    await pass(1_000)
    failing = true
    let acked = false
    void messages[0]!.ack().then(() => (acked = true))
    await pass(20_000)
    expect(acked).toBe(false)
    failing = false
    await pass(20_000)
    expect(acked).toBe(true)
    bob.kill()
    alice.kill()
  })

  it('works within one process without a store', async () => {
    const { open, pass } = setUp()
    const alice = await open('alice', memoryStore())
    const { seen, messages, note } = notes()
    const { channel, kill } = await open('bob', memoryStore(), {
      ...acknowledged,
      store: undefined as never,
      maxUnacknowledged: 1,
      handler: note,
    })
    alice.channel.send(encode('1'))
    alice.channel.send(encode('2'))
    await pass(1_000)
    expect(seen).toEqual(['1'])
    await messages[0]!.ack()
    expect(seen).toEqual(['1', '2'])
    await channel.close()
    kill()
    alice.kill()
  })

  it('wants to be spelt right', async () => {
    const { open } = setUp()
    await expect(open('bob', memoryStore(), { consume: 'acked' as never })).rejects.toThrow(
      `"consume" expected 'automatic' or 'acknowledged', got "acked"`,
    )
    await expect(open('bob', memoryStore(), { maxUnacknowledged: 0 })).rejects.toThrow('"maxUnacknowledged"')
  })
})
