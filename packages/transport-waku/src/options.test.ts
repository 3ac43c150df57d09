import type { LightNode } from '@waku/sdk'
import { describe, expect, expectTypeOf, it } from 'vitest'

import { createWakuTransport } from './create-waku-transport.ts'
import type { Connection, WakuNode } from './waku-node.ts'
import { type WakuTransportOptions, resolveOptions } from './options.ts'
import { wakuTransport } from './waku-transport.ts'

describe('options', () => {
  it.each<[keyof WakuTransportOptions, unknown]>([
    ['shardId', -1],
    ['pushesPerSecond', 0],
    ['pushesPerSecond', Number.NaN],
    ['pushBurst', 0],
    ['maxConcurrentPushes', 33],
    ['queriesPerSecond', -1],
    ['requestTimeoutMs', 0],
    ['maxAttempts', 0],
    ['giveUpMs', 0],
    ['confirm', 'nobody'],
    ['confirmPeers', 9],
    ['confirmStoreMs', 0],
    ['maxAccepted', 0],
    ['maxQueued', 0],
    ['maxQueuedBytes', 0],
    ['filterPeers', 0],
    ['keepAliveMs', 300_000],
    ['maxRemembered', 0],
    ['storeCheckMs', -1],
    ['pushBurst', '5'],
    ['pushesPerSecond', '3'],
    ['catchUp', 'no'],
    ['random', 4],
    ['scheduler', null],
  ])('refuse %s: %s, and say which and what', (name, value) => {
    expect(() => resolveOptions({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'ERR_WAKU_OPTIONS', message: expect.stringContaining(`"${name}"`) }),
    )
  })

  it('have defaults that keep below the limits of the real node', () => {
    const { pushesPerSecond, pushBurst } = resolveOptions()
    expect(pushesPerSecond * 10 + pushBurst).toBeLessThanOrEqual(37)
  })

  it('of createWakuTransport need a network or bootstrap peers, and not both', async () => {
    const refused = { code: 'ERR_WAKU_OPTIONS' }
    await expect(createWakuTransport({})).rejects.toMatchObject(refused)
    await expect(createWakuTransport({ bootstrapPeers: [] })).rejects.toMatchObject(refused)
    for (const peer of ['localhost:61000', '/ip4/127.0.0.1/tcp/61000/ws']) {
      await expect(createWakuTransport({ bootstrapPeers: [peer] })).rejects.toThrow(
        `"bootstrapPeers" expected multiaddrs such as /dns4/node.example/tcp/443/wss/p2p/16Uiu2…, got "${peer}"`,
      )
    }
    await expect(
      createWakuTransport({ network: 'the-waku-network', bootstrapPeers: ['/x'] }),
    ).rejects.toMatchObject(refused)
    await expect(createWakuTransport({ network: 'other' as never })).rejects.toMatchObject(refused)
    await expect(createWakuTransport(undefined as never)).rejects.toThrow(
      '"options" expected an object with "network" or "bootstrapPeers", got undefined',
    )
    await expect(createWakuTransport({ bootstrapPeers: '/x' as never })).rejects.toThrow(
      '"bootstrapPeers" expected an array of multiaddrs, got "/x"',
    )
  })

  it('have a signal, whose reason is told before a node is started', async () => {
    const enough = new Error('enough')
    const options = { network: 'the-waku-network', signal: AbortSignal.abort(enough) } as const
    await expect(createWakuTransport(options)).rejects.toBe(enough)
  })

  it('of wakuTransport need a light node', () => {
    expect(() => wakuTransport(undefined as never)).toThrow(
      '"node" expected a light node as createLightNode() makes, got undefined',
    )
    expect(() => wakuTransport({} as never)).toThrow('"node.libp2p" expected an object, got undefined')
  })
})

describe('the light node', () => {
  it('has what the transport stands on, by its types', () => {
    expectTypeOf<LightNode>().toExtend<WakuNode>()
    expectTypeOf<WakuNode['filter']['subscribe']>().returns.toEqualTypeOf<Promise<boolean>>()
    expectTypeOf<Connection['newStream']>().parameter(1).extract<{ signal?: AbortSignal }>().not.toBeNever()
  })
})
