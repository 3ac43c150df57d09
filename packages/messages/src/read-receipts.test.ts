import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { members } from '../test/members.ts'
import { type TypedMessage, readReceipts, typed } from './index.ts'
import { ReadMarks } from './read-marks.ts'

const text = {
  encode: (value: string) => new TextEncoder().encode(value),
  decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
}

/** Members with read receipts, who read nothing by themselves. */
function group(conditions = {}) {
  const net = members(conditions)
  const open = async (name: string, options = {}) => {
    const channel = await net.open(name, options)
    const chat = typed(channel, text, { scheduler: net.scheduler })
    const receipts = await readReceipts(chat, { scheduler: net.scheduler })
    const came: TypedMessage<string>[] = []
    chat.incoming$.subscribe((message) => came.push(message))
    let contents = 0
    channel.outgoing$.subscribe(({ kind }) => kind === 'content' && contents++)
    return { channel, chat, receipts, came, contents: () => contents }
  }
  return { ...net, open }
}

describe('read receipts', () => {
  it('ride along with what the reader says next, and cost no message then', async () => {
    const { open, pass } = group()
    const [alice, bob] = [await open('alice'), await open('bob')]
    const sent = alice.chat.send('hello')
    await pass(1_000)
    bob.receipts.read(bob.came[0]!)
    const readers: (readonly string[])[] = []
    alice.receipts.readBy$(sent.messageId!).subscribe((names) => readers.push(names))
    bob.chat.send('hi')
    await pass(10_000)
    expect(readers).toEqual([[], ['bob']])
    expect(bob.contents()).toBe(1)
    expect(alice.came.map(({ value }) => value)).toEqual(['hi'])
  })

  it('come in one small message of their own when nothing is said, for all that was read meanwhile', async () => {
    // The clock is finer than a ms when the last message comes.
    const { open, pass, scheduler } = group({ loss: 0.2, seed: 4 })
    const [alice, bob, carol] = [await open('alice'), await open('bob'), await open('carol')]
    const sent = ['1', '2', '3'].map((value) => alice.chat.send(value))
    const other = bob.chat.send('4')
    await scheduler.run({ until: () => carol.came.length === 4, maxMs: 60_000 })
    for (const message of carol.came) carol.receipts.read(message)
    await pass(60_000)
    const readBy = ({ messageId }: { messageId: string | undefined }) => alice.receipts.readBy(messageId!)
    expect([...sent, other].map(readBy)).toEqual([['carol'], ['carol'], ['carol'], ['carol']])
    expect(bob.receipts.readBy(other.messageId!)).toEqual(['carol'])
    expect(carol.contents()).toBe(1)
    expect(alice.came.map(({ value }) => value)).toEqual(['4'])
  })

  it('wait while the queue is full, and say so where they can never be told', async () => {
    const { open, pass } = group()
    const [alice, bob] = [await open('alice'), await open('bob')]
    const sent = alice.chat.send('1')
    alice.chat.send('2')
    await pass(1_000)
    const send = bob.channel.send.bind(bob.channel)
    /** Stands in for a channel whose sending fails. */
    const failWith = (error: Error | undefined): void => {
      Object.defineProperty(bob.channel, 'send', {
        configurable: true,
        value: (...given: Parameters<typeof send>) => {
          if (error !== undefined) throw error
          return send(...given)
        },
      })
    }
    failWith(Object.assign(new Error('full'), { code: 'ERR_QUEUE_FULL' }))
    bob.receipts.read(bob.came[0]!)
    await pass(10_000)
    failWith(undefined)
    await pass(10_000)
    expect(alice.receipts.readBy(sent.messageId!)).toEqual(['bob'])
    const errors: unknown[] = []
    bob.receipts.readBy$(sent.messageId!).subscribe({ error: (error) => errors.push(error) })
    const broken = new Error('broken')
    failWith(broken)
    bob.receipts.read(bob.came[1]!)
    await pass(10_000)
    expect(errors).toEqual([broken])
    expect(() => bob.receipts.read(bob.came[1]!)).toThrow(broken)
  })

  it('are known again after a restart, and go on', async () => {
    const { open, pass, scheduler } = group()
    const disk = memoryStore()
    const [alice, bob] = [await open('alice', { store: disk }), await open('bob')]
    const sent = [alice.chat.send('1'), alice.chat.send('2')]
    await pass(1_000)
    bob.receipts.read(bob.came[0]!)
    await pass(10_000)
    const ids = sent.map(({ messageId }) => messageId!)
    await alice.channel.close()
    const back = await open('alice', { store: disk })
    expect(ids.map((id) => back.receipts.readBy(id))).toEqual([['bob'], []])
    bob.receipts.read(bob.came[1]!)
    await scheduler.run({ until: () => back.receipts.readBy(ids[1]!).length > 0, maxMs: 60_000 })
    expect(ids.map((id) => back.receipts.readBy(id))).toEqual([['bob'], ['bob']])
  })

  it('are not told twice, nor of own messages, nor after closing', async () => {
    const { open, pass } = group()
    const [alice, bob] = [await open('alice'), await open('bob')]
    alice.chat.send('1')
    await pass(1_000)
    const [message] = bob.came as [TypedMessage<string>]
    bob.receipts.read(message)
    await pass(10_000)
    bob.receipts.read(message)
    bob.receipts.read({ messageId: 'x', senderId: 'bob' })
    await pass(10_000)
    expect(bob.contents()).toBe(1)
    alice.chat.send('2')
    await pass(1_000)
    bob.receipts[Symbol.dispose]()
    bob.receipts.read(bob.came[1]!)
    await pass(10_000)
    expect(bob.contents()).toBe(1)
  })
})

describe('marks of what was read', () => {
  it('are kept of a thousand messages', () => {
    const marks = new ReadMarks()
    for (let i = 0; i < 1_500; i++) marks.add(`m${i}`, i < 200 ? 'bob' : 'alice')
    expect(marks.mark('carol', 'm1400')).toBe('alice')
    expect(['m100', 'm499', 'm500', 'm1400', 'm1401'].map((id) => marks.readersOf(id))).toEqual([
      [],
      [],
      ['carol'],
      ['carol'],
      [],
    ])
    expect([marks.mark('carol', 'm600'), marks.mark('carol', 'm100'), marks.mark('alice', 'm1499')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})
