import { openChannel } from '@reliable-channels/channel'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { expect, it } from 'vitest'
import { exceeded } from './limits.ts'

it('a channel that keeps its limits exceeds none, and one beyond them is told which', async () => {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 1, scheduler })
  const channel = await openChannel({
    channelId: 'a',
    contentTopic: '/a/1/a/proto',
    senderId: 'alice',
    scheduler,
    transport: network.peer('alice'),
  })
  const stats = channel.stats()
  expect(exceeded(stats)).toEqual([])
  const waiting = { ...stats.waiting, requests: 1_001, missing: 20_001, incompleteBytes: 2 ** 25 + 1 }
  const quota = { limit: 20, used: 21, left: 0 }
  expect(exceeded({ ...stats, waiting, quota })).toEqual([
    '1001 where maxOpenRequests is 1000',
    '20001 where maxMissing is 20000',
    '33554433 where maxBufferedBytes is 33554432',
    '21 sent in an epoch where the quota is 20',
  ])
  await Promise.all([channel.close(), scheduler.advance(60_000)])
  network.close()
})
