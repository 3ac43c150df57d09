import { xchacha } from '@reliable-channels/encryption'
import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { openFake } from '../../test/open-fake.ts'
import { decode, encode, setUp } from '../../test/restarting.ts'
import type { HistoryMessage, HistoryOptions, HistoryPage } from './history.ts'

/** All pages of so many messages, oldest first. */
async function paged(
  channel: { history: (options: HistoryOptions) => Promise<HistoryPage> },
  limit: number,
): Promise<HistoryMessage[]> {
  const all: HistoryMessage[] = []
  let before: string | undefined
  do {
    const page: HistoryPage = await channel.history({ before, limit })
    expect(page.messages.length).toBeLessThanOrEqual(limit)
    expect(page.before === undefined || page.messages.length === limit).toBe(true)
    all.unshift(...page.messages)
    ;({ before } = page)
  } while (before !== undefined)
  return all
}
const texts = (messages: readonly HistoryMessage[]): string[] =>
  messages.map(({ senderId, payload }) => `${senderId}: ${decode(payload).slice(0, 3)}`)

describe('the history of a channel', () => {
  it.each([
    ['plain', {}],
    ['with parity', { parityRate: 1 }],
    ['with sealed messages', { cipher: xchacha({ key: new Uint8Array(32) }) }],
    ['with sealed contents', { cipher: xchacha({ key: new Uint8Array(32) }), placement: 'content' as const }],
  ])(
    'has what everybody said, small and large, page by page, also after a restart: %s',
    async (_, options) => {
      const net = setUp()
      const disk = memoryStore()
      const settings = { segmentSizeBytes: 256, ...options }
      const alice = await net.open('alice', memoryStore(), settings)
      let bob = await net.open('bob', disk, settings)
      const ids: (string | undefined)[] = []
      const said: string[] = []
      for (let i = 10; i < 31; i++) {
        const [name, { channel }] = i % 3 === 0 ? (['bob', bob] as const) : (['alice', alice] as const)
        const request = channel.send(encode(`${i} ${'.'.repeat(i % 5 === 0 ? 2_000 : 5)}`))
        said.push(`${name}: ${i} `)
        await net.pass(1_000)
        ids.push(request.messageId)
      }
      for (const limit of [4, 100]) {
        const all = await paged(bob.channel, limit)
        expect(texts(all)).toEqual(said)
        expect(all.map(({ messageId }) => messageId)).toEqual(ids)
        expect(texts(await paged(alice.channel, limit))).toEqual(said)
      }
      const [{ sentAboutAt }] = (await bob.channel.history({ limit: 1 })).messages as [HistoryMessage]
      expect(Math.abs(sentAboutAt - net.scheduler.now())).toBeLessThan(5_000)
      await bob.channel.close()
      bob = await net.open('bob', disk, settings)
      expect(texts(await paged(bob.channel, 8))).toEqual(said)
    },
  )

  it('leaves out a message of which a part is forgotten', async () => {
    const { channel, pass } = await openFake({ segmentSizeBytes: 256, sds: { maxHistory: 3 } })
    channel.send(new Uint8Array(500))
    channel.send(encode('1'))
    await pass(100)
    channel.send(encode('2'))
    await pass(100)
    expect(texts((await channel.history()).messages)).toEqual(['alice: 1', 'alice: 2'])
  })

  it('is empty before what is not known, and for whoever begins', async () => {
    const { channel, pass } = await openFake()
    expect(await channel.history()).toEqual({ messages: [], before: undefined })
    channel.send(encode('1'))
    await pass(100)
    expect(await channel.history({ before: 'made up' })).toEqual({ messages: [], before: undefined })
    await expect(channel.history({ limit: 0 })).rejects.toThrow('"limit" expected an integer from 1')
    await expect(channel.history({ befor: 'x' } as never)).rejects.toThrow('before')
  })

  it('is not waited for longer than a signal says', async () => {
    const { channel } = await openFake()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(channel.history({ signal })).rejects.toThrow('enough')
  })
})
