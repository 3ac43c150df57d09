import { describe, expect, it } from 'vitest'
import { fakeTransport } from '../../test/fake-transport.ts'
import { status } from '../../test/fake-services.ts'
import { inFakeTime } from '../../test/fake-time.ts'

const pass = inFakeTime()

/** Whether the real node takes one more light push of one peer: 37 in ten seconds, and five a second of all, saved up. */
function realNodeRule(): (now: number) => boolean {
  let left = 37
  let windowAt = -Infinity
  let shared = 5
  let sharedAt = Date.now()
  return (now) => {
    if (now - windowAt >= 10_000) {
      left = 37
      windowAt = now
    }
    shared = Math.min(50, shared + (now - sharedAt) / 200)
    sharedAt = now
    if (left === 0) return false
    left--
    if (shared < 1) return false
    shared--
    return true
  }
}

describe('pacing', () => {
  // The real node takes 37 light pushes of one peer in ten seconds.
  it('stays below the limit of each service node: a burst of five, then three a second', async () => {
    const { services, send, events } = fakeTransport()
    const node = services.add('one')
    for (let i = 0; i < 100; i++) await send(`${i}`)
    await pass(100)
    expect(node.pushes).toHaveLength(5)
    await pass(40_000)
    expect(node.pushes).toHaveLength(100)
    for (const { atMs } of node.pushes) {
      const inWindow = node.pushes.filter((other) => other.atMs >= atMs && other.atMs < atMs + 10_000)
      expect(inWindow.length).toBeLessThanOrEqual(37)
    }
    expect(events.filter(({ type }) => type === 'message-sent')).toHaveLength(100)
  })

  it('spreads messages over service nodes, which makes it faster by as many', async () => {
    const { services, send } = fakeTransport()
    const nodes = ['one', 'two', 'three'].map((name) => services.add(name))
    for (let i = 0; i < 60; i++) await send(`${i}`)
    await pass(5100)
    expect(nodes.map(({ pushes }) => pushes.length)).toEqual([20, 20, 20])
  })

  it('sends in the order of the requests', async () => {
    const { services, send, events } = fakeTransport()
    services.add('one')
    const ids: string[] = []
    for (let i = 0; i < 20; i++) ids.push(await send(`${i}`))
    await pass(10_000)
    expect(events.filter(({ type }) => type === 'message-sent').map(({ requestId }) => requestId)).toEqual(
      ids,
    )
  })

  // At 64 libp2p opens no more streams.
  it('never has more than 32 pushes under way', async () => {
    const { services, send, events } = fakeTransport({ pushesPerSecond: Infinity, pushBurst: 1000 })
    services.add('one').delayMs = 100
    services.add('two').delayMs = 100
    for (let i = 0; i < 200; i++) await send(`${i}`)
    await pass(5000)
    expect(services.mostUnderWay).toBe(32)
    expect(events.filter(({ type }) => type === 'message-sent')).toHaveLength(200)
  })

  it.each([
    ['answers at once', () => 10],
    ['is slow', () => 900],
    ['answers nothing for 4.9 s, then at once', (ms: number) => Math.max(4_900 - ms, 10)],
    ['stalls for 4.9 s of every ten', (ms: number) => Math.max(4_900 - (ms % 10_000), 10)],
    ['stalls for a minute', (ms: number) => Math.max(60_000 - ms, 10)],
  ])('is never told 429 by a service node that has just started and %s', async (_, delayAt) => {
    const { services, send, diagnosed } = fakeTransport({ maxAttempts: 1000 })
    const node = services.add('one')
    const admit = realNodeRule()
    const start = Date.now()
    node.onPush = async () => {
      // What the sender does not wait for any longer arrives all the same.
      await new Promise((resolve) => setTimeout(resolve, delayAt(Date.now() - start)))
      return admit(Date.now()) ? undefined : status(429)
    }
    for (let i = 0; i < 150; i++) await send(`${i}`)
    await pass(240_000)
    expect(diagnosed('rate-limited')).toEqual([])
    expect(node.pushes.length).toBeGreaterThanOrEqual(150)
  })

  it('has two pushes to one service node under way at most, and more at a faster pace', async () => {
    for (const [pushesPerSecond, most] of [
      [3, 2],
      [10, 5],
    ] as const) {
      const { services, send } = fakeTransport({ pushesPerSecond, pushBurst: 20 })
      services.add('one').delayMs = 400
      for (let i = 0; i < 50; i++) await send(`${i}`)
      await pass(60_000)
      expect([services.mostUnderWay, services.nodes.get('one')!.pushes.length]).toEqual([most, 50])
    }
  })

  it('does not give up a message that was tried for long because its service node is busy', async () => {
    const { services, send, outcomes } = fakeTransport({ giveUpMs: 4_000, maxAttempts: 20 })
    const node = services.add('one')
    node.delayMs = 600
    node.onPush = () => (node.pushes.length <= 12 ? status(503) : undefined)
    const ids: string[] = []
    for (let i = 0; i < 12; i++) ids.push(await send(`${i}`))
    await pass(60_000)
    expect(ids.map((id) => outcomes(id).map(({ type }) => type))).toEqual(ids.map(() => ['message-sent']))
  })

  it('leaves a service node alone for ten seconds that says 429, and counts no attempt', async () => {
    const { services, send, outcomes, diagnosed } = fakeTransport({ maxAttempts: 1 })
    const node = services.add('one')
    node.onPush = () => (node.pushes.length === 1 ? status(429) : undefined)
    const id = await send('x')
    await pass(9900)
    expect([node.pushes.length, outcomes(id).length]).toEqual([1, 0])
    await pass(1000)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
    expect(diagnosed('rate-limited')).toMatchObject([{ peer: 'one', pauseMs: 10_000 }])
  })
})
