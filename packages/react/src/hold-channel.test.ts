import { openChannel } from '@reliable-channels/channel'
import { type Codec, type TypedChannel, typed } from '@reliable-channels/messages'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { expect, it } from 'vitest'
import type { ProvidedChannel } from './context.ts'
import { holdChannel, overInTime } from './hold-channel.ts'

const text: Codec<string> = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
}

const NOT_CLOSED =
  'the channel before has not been opened and closed within 60 s: the next is opened all the same'

/** A channel, and what is told of holding it. */
async function setUp() {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 1, scheduler })
  const channel = await openChannel({
    channelId: 'team',
    contentTopic: '/app/1/team/proto',
    senderId: 'alice',
    transport: network.peer('alice'),
    scheduler,
  })
  const told: string[] = []
  const left = new AbortController()
  const failed = (error: unknown): void => void told.push((error as Error).message)
  const hold = (
    open: () => Promise<TypedChannel<string>>,
    closed: () => void | Promise<void>,
    provide: (provided: ProvidedChannel) => void = ({ status }) => told.push(status),
  ): Promise<void> =>
    holdChannel({
      open,
      closed,
      past: 1,
      left: left.signal,
      provide,
      failed,
    })
  const over = (turn: Promise<void>): void =>
    void overInTime(turn, left.signal, failed, scheduler).then(() => told.push('over'))
  return { scheduler, told, left, hold, over, chat: typed(channel, text) }
}

it('what opening a channel throws is handed on as it is', async () => {
  const { hold } = await setUp()
  const refused = new Error('the store is that of another')
  const provided: unknown[] = []
  await hold(
    () => Promise.reject(refused),
    () => {},
    (channel) => provided.push(channel),
  )
  expect(provided).toMatchObject([{ status: 'failed', error: refused }])
})

it('a channel that never opens keeps the next one a minute, and is closed when it opens after all', async () => {
  // F3
  const { scheduler, told, left, hold, over, chat } = await setUp()
  const opening = Promise.withResolvers<TypedChannel<string>>()
  over(
    hold(
      () => opening.promise,
      () => void told.push('closed'),
    ),
  )
  await scheduler.advance(3_600_000)
  expect(told).toEqual([])
  left.abort()
  await scheduler.advance(59_999)
  expect(told).toEqual([])
  await scheduler.advance(1)
  expect(told).toEqual([NOT_CLOSED, 'over'])
  opening.resolve(chat)
  await scheduler.advance(10_000)
  expect(told).toEqual([NOT_CLOSED, 'over', 'closed'])
  expect(() => chat.send('late')).toThrow('closed')
})

it('what was opened for a channel is closed, also where the channel does not close well, and no longer than a minute', async () => {
  // F3 F8
  const { scheduler, told, left, hold, over, chat } = await setUp()
  const { close } = chat.channel
  chat.channel.close = async () => {
    await close.call(chat.channel)
    throw new Error('the disk is full')
  }
  const turn = hold(
    () => Promise.resolve(chat),
    () => {
      told.push('closes')
      return new Promise(() => {})
    },
  )
  over(turn)
  await scheduler.advance(1_000)
  left.abort()
  await scheduler.advance(60_000)
  expect(told).toEqual(['open', 'the disk is full', 'closes', NOT_CLOSED, 'over'])
})
