import { expect, it } from 'vitest'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { type ChannelEvent, openChannel } from './index.ts'

it('tells that somebody has the same name, but nothing of the own echo', async () => {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 1, scheduler })
  const open = async (peer: string) => {
    const channel = await openChannel({
      channelId: 'team',
      contentTopic: '/app/1/team/proto',
      senderId: 'alice',
      transport: network.peer(peer),
      scheduler,
    })
    const events: ChannelEvent[] = []
    channel.events$.subscribe((event) => events.push(event))
    return {
      channel,
      events,
      codes: () => events.flatMap((event) => (event.type === 'diagnostic' ? [event.code] : [])),
    }
  }
  const [one, other] = [await open('one'), await open('other')]
  one.channel.send(new TextEncoder().encode('hello'))
  // Less than until it is sent again: nobody else is there to acknowledge it.
  await scheduler.run({ maxMs: 900 })
  expect(one.codes()).toEqual([])
  expect(other.codes()).toEqual(['own-message'])
  expect(other.events.map(({ type }) => type)).toEqual(['diagnostic'])
  const closed = Promise.all([one.channel.close(), other.channel.close()])
  await scheduler.run({ maxMs: 1_000 })
  await closed
})
