import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { devnet, runDevnet } from '@reliable-channels/waku-devnet'
import { describe, expect, it } from 'vitest'
import { DEVNET, addressProblem, addressesIn, joinDefaults, joinQuery } from './join-options.ts'

const NODE = '/ip4/127.0.0.1/tcp/61000/ws/p2p/16Uiu2HAmTest'

describe('what is asked before a channel is joined', () => {
  it('comes back from the address of the page, but for the passphrase', () => {
    const options = {
      name: 'alice',
      channelId: 'hike',
      addresses: [NODE],
      clusterId: 66,
      shards: 4,
      passphrase: 'secret',
    }
    expect(joinQuery(options)).not.toContain('secret')
    expect(joinDefaults(joinQuery(options), () => 0)).toEqual({ ...options, passphrase: '' })
  })

  it('begins with the addresses that a devnet has by itself', async () => {
    // On free ports: others may be running.
    await using network = await devnet()
    const idOf = (address: string): string | undefined => address.split('/p2p/')[1]
    const nodes = network.nodes.map(({ peerId }) => peerId)
    const { addresses, clusterId, shards } = joinDefaults('', () => 0)
    expect(addresses.map(idOf)).toEqual(nodes)
    const help = new PassThrough()
    await runDevnet(['--help'], {
      stdin: help,
      stdout: help,
      stderr: help,
      signal: new AbortController().signal,
    })
    help.end()
    const first = Number(/first port.*default (\d+)/.exec(await text(help))?.[1])
    // Each node has a port for WebSockets, and the next one for TCP.
    expect(addresses.map((address) => address.replace(/p2p.*/, ''))).toEqual(
      [0, 2, 4].map((port) => `/ip4/127.0.0.1/tcp/${first + port}/ws/`),
    )
    expect({ clusterId, numShardsInCluster: shards }).toEqual(network.networkConfig)
    expect(addressProblem(DEVNET.addresses, false)).toBeUndefined()
  })

  it('takes addresses as people paste them', () => {
    expect(addressesIn(`  "${NODE}",\n${NODE}\n`)).toEqual([NODE, NODE])
  })

  it.each([
    [[], 'the devnet prints some'],
    [['127.0.0.1:61000'], 'begins with a slash'],
    [['/ip4/127.0.0.1/tcp/61000/p2p/16Uiu2HAmTest'], 'take the address with /ws/'],
  ])('says what is wrong with %j', (addresses, text) => {
    expect(addressProblem(addresses, false)).toContain(text)
  })

  it('knows what a page from https can reach', () => {
    expect(addressProblem([NODE], true)).toBeUndefined()
    expect(addressProblem([NODE.replace('127.0.0.1', '10.0.0.1')], true)).toContain('/wss/')
  })
})
