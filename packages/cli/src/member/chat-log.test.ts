import { faultyStore, storeFaults, virtualTime } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { type ChatEntry, ChatLog } from './chat-log.ts'

const said = (id: string, change: Partial<ChatEntry> = {}): ChatEntry => ({
  id,
  from: 'alice',
  isOwn: false,
  sentAt: 1,
  kind: 'text',
  text: `text of ${id}`,
  ...change,
})

describe('ChatLog', () => {
  it('has the messages in the order in which they came, also after a restart, each as it was last', async () => {
    const store = memoryStore()
    const log = await ChatLog.open(store, 'lobby')
    for (const id of ['c', 'a', 'b']) await log.put(said(id))
    await log.put(said('a', { deliveredTo: ['bob'] }))
    for (const one of [log, await ChatLog.open(store, 'lobby')]) {
      expect(one.latest(10).map(({ id }) => id)).toEqual(['c', 'a', 'b'])
      expect(one.latest(2).map(({ id }) => id)).toEqual(['a', 'b'])
      expect(one.latest(0)).toEqual([])
      expect(one.get('a')?.deliveredTo).toEqual(['bob'])
      expect(one.get('x')).toBeUndefined()
    }
  })

  it('is not waited for without end where the store does not answer', async () => {
    // F3
    const scheduler = virtualTime()
    const faults = storeFaults()
    const store = faultyStore(memoryStore(), { faults, scheduler })
    const log = await ChatLog.open(store, 'lobby', scheduler)
    faults.change({ kind: 'hangs' })
    const answers = [log.put(said('a')), ChatLog.open(store, 'lobby', scheduler)].map((answer) =>
      answer.then(
        () => 'stored',
        (error: Error) => error.message,
      ),
    )
    await scheduler.advance(30_000)
    expect(await Promise.all(answers)).toEqual(
      Array.from({ length: 2 }, () => 'the log of the chat did not answer within 30000 ms'),
    )
  })

  it('goes on where it left off, apart from other channels', async () => {
    const store = memoryStore()
    await (await ChatLog.open(store, 'lobby')).put(said('a'))
    const again = await ChatLog.open(store, 'lobby')
    await again.put(said('b'))
    await (await ChatLog.open(store, 'lobby/2')).put(said('other'))
    const third = await ChatLog.open(store, 'lobby')
    expect(third.latest(10).map(({ id }) => id)).toEqual(['a', 'b'])
  })

  it('forgets the oldest of more than ten thousand, in the store too', async () => {
    const medium = new Map<string, Uint8Array>()
    const log = await ChatLog.open(memoryStore(medium), 'lobby')
    for (let i = 0; i < 10_003; i++) await log.put(said(String(i)))
    expect(log.latest(20_000).length).toBe(10_000)
    expect(medium.size).toBe(10_000)
    expect(log.latest(20_000)[0]!.id).toBe('3')
  })

  it('passes over what is no message', async () => {
    const medium = new Map<string, Uint8Array>()
    const store = memoryStore(medium)
    await (await ChatLog.open(store, 'lobby')).put(said('a'))
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
    await store.write(
      ['null', '{}', '{"id":1}', 'x'].map((text, i) => ({ key: `rc/log/lobby/9${i}`, value: bytes(text) })),
    )
    expect((await ChatLog.open(store, 'lobby')).latest(10).map(({ id }) => id)).toEqual(['a'])
  })

  it('works without a store', async () => {
    const log = await ChatLog.open(undefined, 'lobby')
    await log.put(said('a'))
    expect(log.latest(1)).toEqual([said('a')])
  })
})
