import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { stopWithin } from './stop-within.ts'

// F20
describe('stopping a node', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('waits for libp2p, and leaves no timer', async () => {
    const stopped = Promise.withResolvers<void>()
    let isOver = false
    const stopping = stopWithin({
      stop: () => stopped.promise,
      getConnections: () => [],
      getMultiaddrs: () => ['here'],
    }).then(() => (isOver = true))
    await vi.advanceTimersByTimeAsync(9_000)
    expect(isOver).toBe(false)
    stopped.resolve()
    await stopping
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends after ten seconds when libp2p never does, and cuts what is still connected', async () => {
    const abort = vi.fn<(error: Error) => void>()
    const hanging = {
      stop: () => new Promise<void>(() => {}),
      getConnections: () => [{ abort }, { abort }],
      getMultiaddrs: () => [],
    }
    let isOver = false
    const stopping = stopWithin(hanging).then(() => (isOver = true))
    await vi.advanceTimersByTimeAsync(9_999)
    expect(isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await stopping
    expect(abort).toHaveBeenCalledTimes(2)
  })

  it('ends when nobody has been able to reach the node for half a second, though a server never says that it is closed', async () => {
    const addresses = ['here']
    const hanging = {
      stop: () => new Promise<void>(() => {}),
      getConnections: () => [],
      getMultiaddrs: () => addresses,
    }
    let isOver = false
    const stopping = stopWithin(hanging).then(() => (isOver = true))
    await vi.advanceTimersByTimeAsync(2_000)
    addresses.pop()
    await vi.advanceTimersByTimeAsync(450)
    expect(isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(50)
    await stopping
    expect(vi.getTimerCount()).toBe(0)
  })

  it('fails as libp2p does', async () => {
    const failing = {
      stop: () => Promise.reject(new Error('no')),
      getConnections: () => [],
      getMultiaddrs: () => [],
    }
    await expect(stopWithin(failing)).rejects.toThrow('no')
  })
})
