import { describe, expect, it, vi } from 'vitest'

import type { Libp2p } from '../waku-node.ts'
import { dialsOf } from './dials.ts'

const ADDRESS = '/ip4/127.0.0.1/tcp/9/ws/p2p/16Uiu2A'

/** A node whose dials end as `dial` says, with the signals that they were given. */
function fakeNode(dial: (signal: AbortSignal) => Promise<unknown>, dialTimeout: number | undefined = 20) {
  const signals: AbortSignal[] = []
  const connectionManager = {
    dialQueue: { dialTimeout },
    openConnection: (_: unknown, { signal }: { signal: AbortSignal }) => {
      signals.push(signal)
      return dial(signal)
    },
  }
  const dials = dialsOf({ components: { connectionManager } } as unknown as Libp2p)
  const dialled = (target: string, options?: object): Promise<unknown> =>
    (
      connectionManager as { openConnection(target: unknown, options?: object): Promise<unknown> }
    ).openConnection({ toString: () => target }, options)
  return { signals, dials, dialled }
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

// F20
describe('a dial', () => {
  it('ends by itself when nobody answers, whoever asked for it, and those that joined end with it', async () => {
    const { dialled, signals, dials } = fakeNode(untilAborted)
    const changes = vi.fn<() => void>()
    dials.changes$.subscribe(changes)
    // `@waku/sdk` gives no signal, and dials by peer id or by address.
    const first = dialled(ADDRESS)
    const second = dialled('16Uiu2A')
    await expect(first).rejects.toBeInstanceOf(Error)
    await expect(second).rejects.toBeInstanceOf(Error)
    expect(signals[0]).toBe(signals[1])
    expect(dials.lastFailure).toMatchObject({ error: { message: 'no answer within 20 ms' } })
    expect(changes).toHaveBeenCalledTimes(1)
    // The next one has its own time.
    const third = dialled(ADDRESS)
    expect(signals[2]!.aborted).toBe(false)
    await expect(third).rejects.toBeInstanceOf(Error)
  })

  it('that fails is told with its address and the reason of the address, and forgotten when one succeeds', async () => {
    let fails = true
    const { dialled, dials } = fakeNode(async () => {
      if (fails) throw new AggregateError([new Error('refused')], 'All multiaddr dials failed')
      return {}
    })
    await expect(dialled(ADDRESS)).rejects.toThrow('All multiaddr')
    expect(dials.lastFailure).toMatchObject({ target: ADDRESS, error: { message: 'refused' } })
    fails = false
    await dialled(ADDRESS)
    expect(dials.lastFailure).toBeUndefined()
  })

  it('that its caller calls off is no failure', async () => {
    const { dialled, dials } = fakeNode(untilAborted, 10_000)
    const caller = new AbortController()
    const dial = dialled(ADDRESS, { signal: caller.signal })
    caller.abort(new Error('never mind'))
    await expect(dial).rejects.toThrow('never mind')
    expect(dials.lastFailure).toBeUndefined()
  })
})
