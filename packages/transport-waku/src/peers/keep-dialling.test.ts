import { asyncScheduler } from 'rxjs'
import { describe, expect, it, vi } from 'vitest'
import { keepDialling } from './keep-dialling.ts'
import { inFakeTime } from '../../test/fake-time.ts'

const PEER = '16Uiu2HAm'
const ADDRESS = `/dns4/node.example/tcp/443/wss/p2p/${PEER}`

/** A node that is connected for so long after each dial, ms; `undefined` where the dial fails. */
function setUp(connectedMs: number | undefined | 'never ends') {
  const start = Date.now()
  const now = (): number => Date.now() - start
  const dials: number[] = []
  let until = -1
  const node = {
    dial: async () => {
      dials.push(now())
      if (connectedMs === undefined) throw new Error('nobody there')
      if (connectedMs === 'never ends') return new Promise<void>(() => {})
      until = now() + connectedMs
    },
    libp2p: {
      getConnections: () =>
        now() < until ? [{ remotePeer: { toString: () => PEER }, remoteAddr: { toString: () => '' } }] : [],
    },
  }
  const dialling = keepDialling(node as never, [ADDRESS], asyncScheduler, () => 0.5)
  return { dials, dialling }
}

const pass = inFakeTime()

describe('dialling', () => {
  it('is left alone while there is a connection, and done at once when there is none', async () => {
    const { dials } = setUp(10_500)
    await pass(35_000)
    expect(dials).toEqual([0, 11_000, 22_000, 33_000])
  })

  it.each([
    ['nobody is there', undefined],
    ['whoever is there hangs up at once', 500],
  ])('is done less often each time in a row when %s', async (_, connectedMs) => {
    const { dials } = setUp(connectedMs)
    await pass(100_000)
    expect(dials).toEqual([0, 1000, 3000, 7000, 15_000, 31_000, 47_000, 63_000, 79_000, 95_000])
  })

  // F20: dead sockets, which are taken and never answered.
  it('is done again within 40 s when a dial never ends', async () => {
    const { dials } = setUp('never ends')
    await pass(400_000)
    const gaps = dials.slice(1).map((at, i) => at - dials[i]!)
    expect(dials.length).toBeGreaterThan(10)
    // The longest wait, by chance, is a quarter longer than here.
    expect(Math.max(...gaps) + 16_000 / 4).toBeLessThanOrEqual(40_000)
  })

  it('ends when it is stopped', async () => {
    for (const whatHappens of [undefined, 'never ends'] as const) {
      const { dials, dialling } = setUp(whatHappens)
      dialling.stop()
      await pass(100_000)
      expect(dials).toEqual([0])
      expect(vi.getTimerCount()).toBe(0)
    }
  })
})
