import { type ChannelOptions, openChannel } from '@reliable-channels/channel'
import { type Codec, typed } from '@reliable-channels/messages'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { expect, it } from 'vitest'
import { MessageList } from './message-list.ts'

const text: Codec<string> = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
}

/** Alice's list, and Bob who talks with her. */
async function setUp(options: Partial<ChannelOptions> = {}) {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 1, scheduler })
  const [alice, bob] = await Promise.all(
    ['alice', 'bob'].map(async (senderId) => {
      const channel = {
        channelId: 'team',
        contentTopic: '/app/1/team/proto',
        senderId,
        scheduler,
        ...options,
      }
      return typed(await openChannel({ ...channel, transport: network.peer(senderId) }), text)
    }),
  )
  bob!.incoming$.subscribe()
  const list = new MessageList(alice!)
  return { scheduler, list, bob: bob!, end: list.start(0) }
}

it('an own message is on the list at once, and keeps its key and its place while it is sent and delivered', async () => {
  const { scheduler, list, bob, end } = await setUp()
  const told: unknown[] = []
  list.subscribe(() => told.push(...list.messages().map(({ key, value }) => `${key} ${String(value)}`)))
  const { requestId } = list.send('Lunch?')
  expect(list.messages()).toMatchObject([{ key: requestId, messageId: undefined, isOwn: true }])
  await scheduler.advance(5_000)
  bob.send('Yes!')
  await scheduler.advance(5_000)
  const [own, answer] = list.messages()
  expect(own).toMatchObject({ key: requestId, value: 'Lunch?', status: { state: 'delivered' } })
  expect(own!.messageId).toMatch(/^[0-9a-f]{64}$/)
  expect(answer).toMatchObject({ value: 'Yes!', senderId: 'bob', isOwn: false })
  // At no moment was it there under another key, or twice.
  expect(new Set(told)).toEqual(new Set([`${requestId} Lunch?`, `${answer!.key} Yes!`]))
  end()
})

it('what the channel refuses is thrown, and does not come on the list', async () => {
  const { list, end } = await setUp({ maxOpenRequests: 1 })
  list.send('Lunch?')
  expect(() => list.send('Lunch?')).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }) as Error)
  expect(list.messages()).toHaveLength(1)
  end()
})

it('of more than 1,000 messages the oldest go', async () => {
  const { scheduler, list, bob, end } = await setUp()
  for (let i = 0; i < 1_010; i++) {
    bob.send(`${i}`)
    if (i % 100 === 0) await scheduler.advance(10_000)
  }
  await scheduler.advance(10_000)
  const values = list.messages().map(({ value }) => value)
  expect(values).toHaveLength(1_000)
  expect([values[0], values.at(-1)]).toEqual(['10', '1009'])
  end()
})
