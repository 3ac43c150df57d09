import { memoryStore } from '@reliable-channels/store'
import { expect, it } from 'vitest'
import { simulatedNetwork } from '../simulated-network.ts'
import { virtualTime } from '../virtual-time.ts'
import { simulatedProcess } from './simulated-process.ts'

const contentTopic = '/test/1/process/proto'
const envelope = { contentTopic, payload: Uint8Array.of(1), ephemeral: false }

async function world() {
  const time = virtualTime({ startMs: 0 })
  const network = simulatedNetwork({ scheduler: time, latencyMs: 10 })
  const process = simulatedProcess(time)
  const transport = process.transport(network.peer('bob'))
  /** What happened in the process. */
  const log: string[] = []
  transport.messages$.subscribe(() => log.push('message'))
  await transport.subscribe(contentTopic)
  return { time, alice: network.peer('alice'), process, transport, log }
}

it('hears and does nothing while it stands still, and then all of it', async () => {
  for (const timersFirst of [true, false]) {
    const { time, alice, process, log } = await world()
    process.clock.schedule(() => log.push('timer'), 500)
    process.freeze()
    await alice.send(envelope)
    await time.advance(1_000)
    expect(log).toEqual([])
    process.thaw({ timersFirst })
    await time.advance(1)
    expect(log).toEqual(timersFirst ? ['timer', 'message'] : ['message', 'timer'])
  }
})

it('goes on with its timers where they stood, if the time that it stood still does not count', async () => {
  const { time, process, log } = await world()
  process.clock.schedule(() => log.push(`timer at ${time.now()}`), 500)
  await time.advance(100)
  process.freeze()
  await time.advance(1_000)
  process.thaw({ counted: false })
  await time.advance(1_000)
  expect(log).toEqual(['timer at 1500'])
})

it('hears nothing after its end, and writes nothing', async () => {
  const { time, alice, process, transport, log } = await world()
  const medium = new Map<string, Uint8Array>()
  const store = process.store(memoryStore(medium))
  process.clock.schedule(() => log.push('timer'), 5)
  process.end()
  void store.write([{ key: 'a', value: Uint8Array.of(1) }]).then(() => log.push('written'))
  void transport.send(envelope).then(() => log.push('sent'))
  await alice.send(envelope)
  await time.advance(1_000)
  expect([log, medium.size, process.hasEnded]).toEqual([[], 0, true])
})

it('hears of no failure after its end: everything 508703', async () => {
  const { process, log } = await world()
  const failing = async (): Promise<never> => {
    await Promise.resolve()
    throw new Error('closed')
  }
  const failingOnes = () => ({ [Symbol.asyncIterator]: () => ({ next: failing }) })
  const store = process.store({ ...memoryStore(), get: failing, write: failing, entries: failingOnes })
  const peer = simulatedNetwork({ scheduler: virtualTime() }).peer('carol')
  const transport = process.transport({
    ...peer,
    subscribe: failing,
    history: failingOnes,
  })
  const first = (of: AsyncIterable<unknown>): Promise<unknown> => of[Symbol.asyncIterator]().next()
  const calls = [
    store.get('a'),
    store.write([]),
    first(store.entries('')),
    transport.subscribe(contentTopic),
    first(transport.history!({ contentTopic, sinceMs: 0 })),
  ]
  for (const call of calls)
    call.then(
      () => log.push('done'),
      () => log.push('failed'),
    )
  process.end()
  for (let i = 0; i < 20; i++) await Promise.resolve()
  expect(log).toEqual([])
})

it('counts what it has not let go of', async () => {
  const { process, transport } = await world()
  const subscription = transport.events$.subscribe()
  const timer = process.clock.schedule(() => {}, 1_000)
  expect([process.listeners, process.clock.waiting]).toEqual([2, 1])
  subscription.unsubscribe()
  timer.unsubscribe()
  expect([process.listeners, process.clock.waiting]).toEqual([1, 0])
})
