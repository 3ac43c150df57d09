import { VirtualTimeScheduler } from 'rxjs'
import { describe, expect, it } from 'vitest'

import { keepDialling } from './keep-dialling.ts'

const PEER = '16Uiu2HAm'
const ADDRESS = `/dns4/node.example/tcp/443/wss/p2p/${PEER}`

/** A node that is connected for so long after each dial, ms; `undefined` where the dial fails. */
function setUp(connectedMs: number | undefined) {
  const scheduler = new VirtualTimeScheduler()
  const dials: number[] = []
  let until = -1
  const node = {
    dial: async () => {
      dials.push(scheduler.now())
      if (connectedMs === undefined) throw new Error('nobody there')
      until = scheduler.now() + connectedMs
    },
    libp2p: {
      getConnections: () =>
        scheduler.now() < until
          ? [{ remotePeer: { toString: () => PEER }, remoteAddr: { toString: () => '' } }]
          : [],
    },
  }
  const dialling = keepDialling(node as never, [ADDRESS], scheduler, () => 0.5)
  const pass = async (ms: number): Promise<void> => {
    scheduler.maxFrames = scheduler.frame + ms
    for (let i = 0; i < 200; i++) {
      await Promise.resolve()
      scheduler.flush()
    }
  }
  return { dials, dialling, pass, scheduler }
}

describe('dialling', () => {
  it('is left alone while there is a connection, and done at once when there is none', async () => {
    const { dials, pass } = setUp(10_500)
    await pass(35_000)
    expect(dials).toEqual([0, 11_000, 22_000, 33_000])
  })

  it.each([
    ['nobody is there', undefined],
    ['whoever is there hangs up at once', 500],
  ])('is done less often each time in a row when %s', async (_, connectedMs) => {
    const { dials, pass } = setUp(connectedMs)
    await pass(100_000)
    expect(dials).toEqual([0, 1000, 3000, 7000, 15_000, 31_000, 61_000, 91_000])
  })

  it('ends when it is stopped', async () => {
    const { dials, dialling, pass, scheduler } = setUp(undefined)
    dialling.stop()
    await pass(100_000)
    expect(dials).toEqual([0])
    expect(scheduler.actions).toHaveLength(0)
  })
})
