import { describe, expect, it } from 'vitest'

import { type TestNetwork, type Whereabouts, bytesOf, startNetwork, texts, until } from './network.ts'

/** Quick enough in noticing and repeating that a test need not wait for minutes. */
const QUICK: Whereabouts = { keepAliveMs: 500, requestTimeoutMs: 1500 }

/** Sends numbered messages, one every few milliseconds, until told to stop; returns what was sent. */
function chatter(send: (text: string) => void, everyMs = 30): { stop(): string[] } {
  const said: string[] = []
  const timer = setInterval(() => {
    const text = `message ${said.length}`
    said.push(text)
    send(text)
  }, everyMs)
  return {
    stop() {
      clearInterval(timer)
      return said
    },
  }
}

const subscribers = ({ devnet }: TestNetwork): number =>
  devnet.nodes.reduce((sum, node) => sum + node.stats().subscribers, 0)

describe('a channel over a network where', () => {
  it('a service node is down for a while loses nothing', async () => {
    await using network = await startNetwork()
    const [alice, bob] = await Promise.all([
      network.member('alice', { at: [0, 1], ...QUICK }),
      network.member('bob', { at: [1, 2], ...QUICK }),
    ])
    const heard = texts(bob)
    const talk = chatter((text) => alice.send(bytesOf(text)))
    await until(() => heard.length > 10, 'the first messages')
    await network.devnet.nodes[1]!.stop()
    await until(() => heard.length > 40, 'messages while a service node is down')
    await network.devnet.nodes[1]!.start()
    await until(() => heard.length > 70, 'messages after it came back')
    const said = talk.stop()
    await until(() => heard.length >= said.length, 'the rest')
    expect(heard).toEqual(said)
  })

  it('the only service node is down for a while loses nothing', async () => {
    await using network = await startNetwork()
    const [alice, bob] = await Promise.all([
      network.member('alice', { at: [0], ...QUICK }),
      network.member('bob', { at: [1], ...QUICK }),
    ])
    const heard = texts(bob)
    const talk = chatter((text) => alice.send(bytesOf(text)))
    await until(() => heard.length > 10, 'the first messages')
    await network.devnet.nodes[1]!.stop()
    const { messages } = network.devnet.nodes[0]!.stats()
    await until(() => network.devnet.nodes[0]!.stats().messages > messages + 10, 'messages while it is away')
    await network.devnet.nodes[1]!.start()
    await until(() => heard.length > 60, 'messages after it came back')
    const said = talk.stop()
    await until(() => heard.length >= said.length, 'the rest')
    expect(heard).toEqual(said)
  })

  // Trap 15.
  it('service nodes forget subscriptions loses nothing', async () => {
    await using network = await startNetwork()
    const [alice, bob] = await Promise.all([
      network.member('alice', { at: [0], ...QUICK }),
      network.member('bob', { at: [1, 2], ...QUICK }),
    ])
    const heard = texts(bob)
    const talk = chatter((text) => alice.send(bytesOf(text)))
    await until(() => heard.length > 10, 'the first messages')
    for (const node of network.devnet.nodes) node.faults.forgetSubscriptions()
    expect(subscribers(network)).toBe(0)
    await until(() => heard.length > 60, 'messages afterwards')
    const said = talk.stop()
    await until(() => heard.length >= said.length, 'the rest')
    expect(heard).toEqual(said)
  })

  // Traps 3, 4: no answer, ever.
  it('a service node falls silent loses nothing, and goes on over the other', async () => {
    await using network = await startNetwork()
    const [alice, bob] = await Promise.all([
      network.member('alice', { at: [0, 1], ...QUICK }),
      network.member('bob', { at: [1, 2], ...QUICK }),
    ])
    const heard = texts(bob)
    const talk = chatter((text) => alice.send(bytesOf(text)))
    await until(() => heard.length > 10, 'the first messages')
    network.devnet.nodes[1]!.faults.set({ silent: true })
    await until(() => heard.length > 80, 'messages over the others')
    const said = talk.stop()
    await until(() => heard.length >= said.length, 'the rest')
    expect(heard).toEqual(said)
  })

  it('a member comes late has it catch up from the store', async () => {
    await using network = await startNetwork()
    const alice = await network.member('alice', { at: [0] })
    const said = Array.from({ length: 60 }, (_, i) => `message ${i}`)
    await Promise.all(said.map((text) => alice.send(bytesOf(text)).sent()))
    const late = await network.member('late', { at: [2] }, { historyMs: 600_000 })
    const heard = texts(late)
    await until(() => heard.length >= said.length, 'the past')
    expect(heard).toEqual(said)
  })
})

describe('the node’s own rate limit', () => {
  // 37 light pushes in ten seconds, after which js-waku's connection would be dead for a minute.
  it('is kept by a burst of more messages than that at each of several service nodes, and none is lost', async () => {
    const nodes = [0, 1, 2, 3]
    const messages = 200
    await using network = await startNetwork({ nodes: nodes.length, rateLimits: {} })
    // However slow the machine is: 2.5 a second and a burst of 5 begin within ten seconds, 30 in all, and what a window
    // of the service node has besides was on its way when it began, at most 4.
    const pace = { pushesPerSecond: 2.5, pushBurst: 5, maxConcurrentPushes: 4 }
    const [alice, bob] = await Promise.all([
      network.member('alice', { at: nodes, ...pace }),
      network.member('bob', { at: [0, 1], ...pace }),
    ])
    await until(
      () =>
        network.devnet.nodes.every(
          (node) => node.stats().connections >= nodes.length + (node.index < 2 ? 1 : 0),
        ),
      'alice at all service nodes',
    )
    const limited: unknown[] = []
    for (const { events$ } of [alice, bob]) {
      events$.subscribe((event) => {
        if (event.type === 'diagnostic:message-error') limited.push(event)
      })
    }
    const heard = texts(bob)
    const said = Array.from({ length: messages }, (_, i) => `message ${i}`)
    for (const text of said) {
      await alice.ready()
      alice.send(bytesOf(text))
    }
    await until(() => heard.length >= messages, `${messages} messages`)
    expect(heard).toEqual(said)
    expect(limited).toEqual([])
  })
})
