import { asyncScheduler } from 'rxjs'
import { describe, expect, it, vi } from 'vitest'

import { inFakeTime } from '../test/fake-time.ts'
import { fakeTransport, TOPIC } from '../test/fake-transport.ts'
import { stopNode } from './stop-node.ts'

const pass = inFakeTime()

const fine = (): undefined => undefined
const fails = (): never => {
  throw new Error('no')
}
const hangs = (): Promise<never> => new Promise(() => {})

// F3, F20: whoever is asked may never answer.
describe('an end', () => {
  it.each<[string, () => undefined, () => Promise<void>, number]>([
    ['a node that stops', fine, async () => {}, 0],
    ['a node that does not', fine, hangs, 5000],
    ['a node that fails to', fine, async () => fails(), 0],
    ['a filter that fails', fails, async () => {}, 0],
  ])('comes in time, with %s', async (_, unsubscribeAll, stop, withinMs) => {
    const calls = vi.fn<() => Promise<void>>(stop)
    const node = { filter: { unsubscribeAll }, stop: calls } as never
    let ended = false
    const stopping = stopNode(node, asyncScheduler).then(() => (ended = true))
    await pass(withinMs)
    expect(ended).toBe(true)
    await stopping
    expect(calls).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('of a transport comes in time though it is never heard whether it listens, and it is undone when it is', async () => {
    const { services, transport } = fakeTransport()
    const stop = vi.fn<() => void>()
    let listens: (stop: () => void) => void = () => {}
    services.listen = () => new Promise((resolve) => (listens = resolve))
    services.add('one')
    const subscribing = transport.subscribe(TOPIC)
    let ended = false
    void transport.close().then(() => (ended = true))
    await pass(1000)
    expect(ended).toBe(true)
    listens(stop)
    await subscribing
    expect(stop).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})
