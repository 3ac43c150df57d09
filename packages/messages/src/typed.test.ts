import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { members } from '../test/members.ts'
import { type TypedMessage, type UndecodableMessage, jsonCodec, typed } from './index.ts'

const codec = jsonCodec(z.object({ text: z.string(), replyTo: z.string().optional() }))
type Line = TypedMessage<{ text: string; replyTo?: string | undefined }>

describe('a typed channel', () => {
  it('gives values with author, time and an id by which a reply may name them, at both ends', async () => {
    const { open, scheduler, pass } = members({ loss: 0.2 })
    const alice = typed(await open('alice'), codec, { scheduler })
    const bob = typed(await open('bob'), codec, { scheduler })
    const [atAlice, atBob]: [Line[], Line[]] = [[], []]
    alice.incoming$.subscribe((message) => atAlice.push(message))
    bob.incoming$.subscribe((message) => {
      atBob.push(message)
      if (message.value.replyTo === undefined) bob.send({ text: 'hi', replyTo: message.messageId })
    })
    const question = alice.send({ text: 'hello' })
    const sentAt = scheduler.now()
    await pass(60_000)
    expect(atBob).toEqual([
      expect.objectContaining({ value: { text: 'hello' }, senderId: 'alice', sentAt, late: false }),
    ])
    expect(question).toMatchObject({ sentAt, messageId: atBob[0]!.messageId })
    expect(atAlice.map(({ value }) => value)).toEqual([{ text: 'hi', replyTo: question.messageId }])
    expect(question.status.state).toBe('delivered')
  })

  it('decodes each message once, however many listen', async () => {
    const { open, pass } = members()
    let decoded = 0
    const counting = { encode: (text: string) => new TextEncoder().encode(text), decode: () => ++decoded }
    const alice = typed(await open('alice'), counting)
    const bob = typed(await open('bob'), counting)
    const heard: number[] = []
    for (let i = 0; i < 3; i++) bob.incoming$.subscribe(({ value }) => heard.push(value))
    alice.send('a')
    await pass(1_000)
    expect([decoded, heard]).toEqual([1, [1, 1, 1]])
  })

  it.each([
    ['bytes that are no letter', (bytes: Uint8Array) => bytes.subarray(1), /none of a typed channel/],
    ['text that is no JSON', () => Uint8Array.of(8, 1, 18, 1, 0x7b), /no value: .*JSON/],
    ['a value that the schema refuses', () => Uint8Array.of(8, 1, 18, 2, 0x7b, 0x7d), /text: /],
    ['a letter without a time', () => Uint8Array.of(18, 2, 0x7b, 0x7d), /no time/],
    ['a time that no date has', () => Uint8Array.of(8, ...Array(9).fill(0xff), 1, 18, 0), /no time/],
    ['a letter without a value', () => Uint8Array.of(8, 1), /no value/],
  ])('reports %s, and goes on', async (_, damage, reason) => {
    const { open, pass } = members()
    const alice = await open('alice')
    const bob = typed(
      await open('bob', { consume: 'acknowledged', maxUnacknowledged: 1, store: memoryStore() }),
      codec,
    )
    const reports: UndecodableMessage[] = []
    const texts: string[] = []
    bob.undecodable$.subscribe((report) => reports.push(report))
    bob.incoming$.subscribe((message) => texts.push(message.value.text))
    alice.send(damage(new TextEncoder().encode('\x08{"text":"?"}')))
    typed(alice, codec).send({ text: 'well' })
    await pass(10_000)
    expect(reports).toEqual([
      {
        message: expect.objectContaining({ senderId: 'alice' }),
        error: expect.objectContaining({ code: 'ERR_INVALID_VALUE' }),
      },
    ])
    expect(reports[0]!.error.message).toMatch(reason)
    expect([bob.undecodable, texts]).toEqual([1, ['well']])
  })

  it('throws for what is no value before anything is sent', async () => {
    const { open } = members()
    const channel = await open('alice')
    const alice = typed(channel, codec)
    expect(() => alice.send({ text: 1 } as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_VALUE' }),
    )
    expect(() => alice.send(undefined as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_VALUE' }),
    )
    expect(channel.requests).toEqual([])
  })

  it('sends an empty value, which a channel of bytes would refuse', async () => {
    const { open, pass } = members()
    const none = { encode: () => new Uint8Array(0), decode: (bytes: Uint8Array) => bytes.length }
    const values: number[] = []
    const [alice, bob] = [typed(await open('alice'), none), typed(await open('bob'), none)]
    bob.incoming$.subscribe(({ value }) => values.push(value))
    alice.send(undefined)
    await pass(1_000)
    expect(values).toEqual([0])
  })

  it('says in one sentence what it was given instead of a channel or a codec', async () => {
    const channel = await members().open('alice')
    expect(() => typed(channel, { encode: () => new Uint8Array() } as never)).toThrow(
      '"codec.decode" expected a function',
    )
    expect(() => typed(undefined as never, codec)).toThrow('"channel" expected a channel')
    expect(() => typed(channel, codec, { sheduler: 1 } as never)).toThrow('scheduler')
    expect(() => jsonCodec({} as never)).toThrow('"schema" expected a Standard Schema')
  })

  it('ends what it tells with the channel', async () => {
    const channel = await members().open('alice')
    const alice = typed(channel, codec)
    const ended: string[] = []
    alice.incoming$.subscribe({ complete: () => ended.push('incoming') })
    alice.undecodable$.subscribe({ complete: () => ended.push('undecodable') })
    await channel.close()
    expect(ended.sort()).toEqual(['incoming', 'undecodable'])
  })

  it('is closed with the channel below, by itself or at the end of a block', async () => {
    const { open } = members()
    const alice = typed(await open('alice'), codec)
    const bob = typed(await open('bob'), codec)
    await alice.close()
    await bob[Symbol.asyncDispose]()
    for (const { channel } of [alice, bob]) expect(() => channel.send(Uint8Array.of(1))).toThrow('closed')
  })
})
