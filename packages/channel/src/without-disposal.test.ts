import { afterEach, describe, expect, it, vi } from 'vitest'
import { hello, team } from '../test/open-fake.ts'

/** As in browsers that know of `using` nothing yet. */
const PresentSymbol = Symbol
const { dispose: _, asyncDispose: __, ...known } = Object.getOwnPropertyDescriptors(PresentSymbol)
const OldSymbol = Object.defineProperties((description?: string) => PresentSymbol(description), known)

describe('where Symbol.dispose and Symbol.asyncDispose are missing', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  it('a channel on a store delivers, and is closed by close()', async () => {
    vi.resetModules()
    vi.stubGlobal('Symbol', OldSymbol)
    const { openChannel } = await import('./index.ts')
    const { simulatedNetwork, virtualTime } = await import('@reliable-channels/simulator')
    const { checkedStore, memoryStore } = await import('@reliable-channels/store')
    const scheduler = virtualTime()
    const network = simulatedNetwork({ seed: 1, scheduler })
    const store = checkedStore(memoryStore())
    const [alice, bob] = await Promise.all(
      ['alice', 'bob'].map((senderId) =>
        openChannel({
          ...team,
          senderId,
          transport: network.peer(senderId),
          scheduler,
          ...(senderId === 'bob' && { store }),
        }),
      ),
    )
    const received: string[] = []
    bob!.incoming$.subscribe(({ senderId, payload }) =>
      received.push(`${senderId}: ${new TextDecoder().decode(payload)}`),
    )
    const { status$ } = alice!.send(hello)
    const states: string[] = []
    status$.subscribe(({ state }) => states.push(state))
    await scheduler.run({ maxMs: 10_000 })
    expect(received).toEqual(['alice: hello'])
    expect(states.at(-1)).toBe('delivered')
    const closing = Promise.all([alice!.close(), bob!.close()])
    await scheduler.run({ maxMs: 5_000 })
    await closing
    expect(() => bob!.send(hello)).toThrow('closed')
    await store.close()
    network.close()
  })
})
