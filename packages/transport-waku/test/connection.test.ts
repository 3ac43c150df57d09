import type { ConnectionProblem, ConnectionState } from '@reliable-channels/transport'
import { type Devnet, devnet } from '@reliable-channels/waku-devnet'
import { describe, expect, it } from 'vitest'

import { type OwnedWakuTransport, createWakuTransport } from '../src/index.ts'
import { gateTo } from './dead-sockets.ts'
import { connected, join, until } from './pair.ts'

const TOPIC = '/transport-waku/1/connection/proto'

/** All that a transport said of its connection. */
function record(transport: OwnedWakuTransport): {
  readonly states: ConnectionState[]
  readonly problems: (ConnectionProblem | undefined)[]
} {
  const recorded = { states: [] as ConnectionState[], problems: [] as (ConnectionProblem | undefined)[] }
  transport.connection$.subscribe((state) => recorded.states.push(state))
  transport.connectionProblem$.subscribe((problem) => recorded.problems.push(problem))
  return recorded
}

const envelope = { contentTopic: TOPIC, payload: Uint8Array.of(1), ephemeral: false }

/** The address of a service node, at another port. */
function addressAt(net: Devnet, port: number): string {
  return net.nodes[0]!.multiaddrs[0]!.replace(/\/tcp\/\d+\//, `/tcp/${port}/`)
}

describe.concurrent('a connection over a devnet', () => {
  // N5
  it('that does not come about because nobody listens says so at once, and so does the message that waits', async () => {
    await using net = await devnet({ nodes: 1, rateLimits: false })
    const gate = await gateTo(1)
    const { port } = gate
    await gate[Symbol.asyncDispose]()
    const address = addressAt(net, port)
    await using transport = await createWakuTransport({
      bootstrapPeers: [address],
      networkConfig: net.networkConfig,
      giveUpMs: 1000,
    })
    const { states, problems } = record(transport)
    const errors: { error: string; cause?: unknown }[] = []
    transport.events$.subscribe((event) => event.type === 'message-error' && errors.push(event))
    await transport.send(envelope)
    await until(() => problems.at(-1)?.message.includes(`at ${address}`) === true, 'the reason')
    expect(problems.at(-1)).toMatchObject({
      reason: 'unreachable',
      cause: expect.any(Error),
    })
    await until(() => errors.length === 1, 'the end of the message')
    expect(errors[0]!.error).toContain(
      `no service node was reachable for 1000 ms: nobody can be reached at ${address}`,
    )
    expect(errors[0]!.cause).toMatchObject({ cause: expect.any(Error) })
    expect(states).toEqual(['connecting'])
  })

  // N5
  it('to another cluster says so, and never claims to be connected', async () => {
    await using net = await devnet({ nodes: 1, rateLimits: false, clusterId: 67 })
    await using transport = await createWakuTransport({
      bootstrapPeers: net.multiaddrs,
      networkConfig: { clusterId: 66, numShardsInCluster: 8 },
    })
    const { states, problems } = record(transport)
    await until(() => problems.at(-1)?.reason === 'other-network', 'the reason')
    expect(problems.at(-1)!.message).toContain('this node is of cluster 66; set "networkConfig"')
    // It dials again and again, and is hung up on.
    const connections = new Set<unknown>()
    transport.node.libp2p.addEventListener('connection:open', ({ detail }) => connections.add(detail.id))
    await until(() => connections.size >= 2, 'two more connections')
    expect(states).toEqual(['connecting'])
    expect(problems.at(-1)).toMatchObject({ reason: 'other-network' })
  })

  it('that comes about has no problem any more', async () => {
    await using net = await devnet({ nodes: 1, rateLimits: false })
    await using transport = await join(net, { nodes: [0] })
    await connected(transport)
    const { states, problems } = record(transport)
    expect([states, problems]).toEqual([['connected'], [undefined]])
    await net.nodes[0]!.stop()
    await until(() => states.at(-1) === 'connecting', 'the loss')
    await until(() => problems.at(-1)?.reason === 'unreachable', 'the reason')
    await net.nodes[0]!.start()
    await until(() => states.at(-1) === 'connected', 'the new connection')
    expect(problems.at(-1)).toBeUndefined()
  })

  // F20: new connections are taken and never answered, and dials of `@waku/sdk` join those of the transport.
  it('comes back within 40 s when sockets that were dead answer again', async () => {
    await using net = await devnet({ nodes: 1, rateLimits: false })
    const port = Number(/\/tcp\/(\d+)\//.exec(net.nodes[0]!.multiaddrs[0]!)![1])
    await using gate = await gateTo(port)
    await using transport = await createWakuTransport({
      bootstrapPeers: [addressAt(net, gate.port)],
      networkConfig: net.networkConfig,
    })
    const { states, problems } = record(transport)
    await connected(transport)
    // The service node itself goes too, so that its own address, which it has told, leads nowhere.
    gate.die()
    await net.nodes[0]!.stop()
    await until(() => states.at(-1) === 'connecting', 'the loss')
    // Somebody else's dials, without a signal, would take the time limit away.
    void transport.node.dial(addressAt(net, gate.port)).catch(() => {})
    await until(() => /no answer within/.test(problems.at(-1)?.message ?? ''), 'the time limit')
    await net.nodes[0]!.start()
    gate.live()
    await until(() => states.at(-1) === 'connected', 'the connection', 40_000)
  }, 90_000)
})
