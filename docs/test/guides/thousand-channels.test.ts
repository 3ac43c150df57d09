import { expect, it } from 'vitest'
import { group } from './group.ts'

it('a channel in which nobody has said anything sends nothing for a day', async () => {
  const { open, scheduler, network, close } = group()
  await open('alice')
  await open('bob')
  await scheduler.advance(86_400_000)
  expect(network.stats.sent).toBe(0)
  await close()
})
