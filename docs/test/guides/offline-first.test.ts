import { expect, it } from 'vitest'
import { bytesOf, group, textOf } from './group.ts'

it('who comes back is catching up while the memory is asked, and misses what only members have', async () => {
  const { open, scheduler, network, close } = group({ memoryLoss: 1 })
  const link = network.peer('bob')
  const [alice, bob] = [await open('alice'), await open('bob', { transport: link })]
  const received: string[] = []
  bob.incoming$.subscribe(({ payload }) => received.push(textOf(payload)))
  const health: string[] = []
  bob.health$.subscribe(({ state }) => health.push(state))
  alice.send(bytesOf('one'))
  await scheduler.advance(5_000)
  link.disconnect()
  alice.send(bytesOf('two'))
  await scheduler.advance(60_000)
  link.connect()
  await scheduler.advance(60_000)
  expect(received).toEqual(['one', 'two'])
  expect(health).toEqual(['synced', 'offline', 'catching-up', 'synced', 'missing', 'synced'])
  await close()
})
