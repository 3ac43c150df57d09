import { virtualTime } from '@reliable-channels/simulator'
import { expect, it } from 'vitest'
import type { EventRouter } from '../opening/event-router.ts'
import { createDispatcher } from './dispatch.ts'

it('follows nothing any more once it is closed, so that nobody has to look for it among what others follow', async () => {
  const scheduler = virtualTime()
  const followed = new Set<string>()
  let left = 0
  const events: EventRouter = {
    join: () => ({
      follow: (requestId) => void followed.add(requestId),
      forget: (requestId) => void followed.delete(requestId),
      expect: () => undefined,
      leave() {
        left = followed.size
      },
    }),
  }
  const told: string[] = []
  let calls = 0
  const { take, close } = createDispatcher(
    {
      // The third never returns.
      send: () => (++calls === 3 ? new Promise<string>(() => undefined) : Promise.resolve(`m${calls}`)),
      events,
      timeoutMs: 1_000,
      scheduler,
      died: () => undefined,
    },
    ({ type }) => told.push(type),
  )
  const frame = {
    envelope: { contentTopic: '/a/1/b/proto', payload: new Uint8Array(1), ephemeral: false },
    priority: 'normal',
  } as const
  take(frame)
  await scheduler.advance(2_000)
  take(frame)
  take(frame)
  await scheduler.advance(10)
  expect(told).toEqual(['accepted', 'failed', 'accepted'])
  expect([...followed]).toEqual(['m1', 'm2'])
  close()
  expect([left, followed.size]).toEqual([0, 0])
})
