import { expect, it } from 'vitest'
import { simulatedNetwork } from '../simulated-network.ts'
import { virtualTime } from '../virtual-time.ts'
import { type TransportMood, faultyTransport, transportFaults } from './faulty-transport.ts'

const contentTopic = '/test/1/faults/proto'
const envelope = { contentTopic, payload: Uint8Array.of(1), ephemeral: false }

function world() {
  const time = virtualTime({ startMs: 0 })
  const network = simulatedNetwork({ scheduler: time, latencyMs: 10 })
  const faults = transportFaults()
  const transport = faultyTransport(network.peer('alice'), { faults, scheduler: time })
  const ended: string[] = []
  const watch = (name: string, work: Promise<unknown>): void =>
    void work.then(
      () => ended.push(`${name} at ${time.now()}`),
      (error: Error) => ended.push(`${name}: ${error.message}`),
    )
  const remembered = async (): Promise<number> => {
    let count = 0
    for await (const each of transport.history!({ contentTopic, sinceMs: 0 })) count += each.payload.length
    return count
  }
  return { time, network, faults, transport, ended, watch, remembered }
}

it('hands on calls and streams while it is well', async () => {
  const { time, transport, remembered } = world()
  const heard: string[] = []
  transport.messages$.subscribe(({ hash }) => heard.push(hash))
  const told: string[] = []
  transport.events$.subscribe(({ type }) => told.push(type))
  await transport.subscribe(contentTopic)
  await transport.send(envelope)
  await time.advance(100)
  expect(heard).toHaveLength(1)
  expect(told).toEqual(['message-propagated', 'message-sent'])
  const asked = remembered()
  await time.advance(100)
  expect(await asked).toBe(1)
})

it('fails as each mood says', async () => {
  const { time, faults, transport, ended, watch, remembered } = world()
  faults.change({ send: 'throws' })
  expect(() => transport.send(envelope)).toThrow('the client is broken')
  faults.change({ send: 'rejects', topics: 'rejects', memory: 'rejects' })
  watch('send', transport.send(envelope))
  watch('subscribe', transport.subscribe(contentTopic))
  watch('history', remembered())
  await time.advance(1)
  expect(ended.toSorted()).toEqual([
    'history: no store answers',
    'send: no peer takes it',
    'subscribe: the filter is full',
  ])
})

it('answers late while it is slow', async () => {
  const { time, faults, transport, ended, watch, remembered } = world()
  faults.change({ send: 'slow', topics: 'slow', memory: 'slow', slowMs: 500 })
  watch('send', transport.send(envelope))
  watch('subscribe', transport.subscribe(contentTopic))
  watch('history', remembered())
  await time.advance(1_000)
  expect(ended).toEqual(['send at 500', 'subscribe at 500', 'history at 520'])
})

it('does at last what hung, or never', async () => {
  for (const late of [true, false]) {
    const { time, network, faults, transport, ended, watch } = world()
    faults.change({ send: 'hangs' })
    watch('send', transport.send(envelope))
    await time.advance(1_000)
    expect(network.stats.sent).toBe(0)
    faults.change({}, late)
    await time.advance(1_000)
    expect(ended).toEqual(late ? ['send at 1000'] : [])
    expect(network.stats.sent).toBe(late ? 1 : 0)
  }
})

it('never tells what became of a message without an outcome, though it is sent', async () => {
  const { time, network, faults, transport } = world()
  const told: string[] = []
  transport.events$.subscribe(({ type }) => told.push(type))
  faults.change({ send: 'no-outcome' })
  await transport.send(envelope)
  await time.advance(1_000)
  expect([told, network.stats.sent]).toEqual([[], 1])
})

it('refuses moods that mean nothing', () => {
  const { faults } = world()
  for (const mood of [{ send: 'lies' }, { memory: 'throws' }, { sends: 'hangs' }, { slowMs: -1 }])
    expect(() => faults.change(mood as TransportMood)).toThrow()
})

it('refuses what it does not know, however little it is like what it knows', () => {
  const { faults, network, time } = world()
  expect(() => faults.change({ hangs: true } as TransportMood)).toThrow(
    "expected 'send', 'memory', 'topics' or 'slowMs', got \"hangs\"",
  )
  const options = { faults, scheduler: time, latency: 'high' }
  expect(() => faultyTransport(network.peer('bob'), options)).toThrow('got "latency"')
})
