import { type Devnet, devnet } from '@reliable-channels/waku-devnet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ran, runInProcess } from './run-in-process.ts'

let network: Devnet
beforeEach(async () => {
  network = await devnet({ nodes: 2 })
})
afterEach(() => network.close())

const there = (): string[] => [
  ...network.multiaddrs.flatMap((address) => ['--waku', address]),
  '--cluster',
  '66',
]
const doctor = (...args: string[]): Promise<Ran> =>
  runInProcess(['doctor', '--listen', '1s', ...there(), ...args])

/** `key failed`, of each check. */
const verdicts = ({ events }: Ran): string[] =>
  events.flatMap(({ event, check, verdict }) =>
    event === 'finding' ? [`${String(check)} ${String(verdict)}`] : [],
  )
const messageOf = ({ events }: Ran, check: string): unknown =>
  events.find((one) => one['check'] === check)?.['message']

describe('rc doctor', () => {
  it('tells a key that is right from one that is wrong, and from none, by what somebody has said', async () => {
    const said = await runInProcess(
      ['chat', 'lobby', '--name', 'alice', '--passphrase=one', ...there()],
      'hello\n',
    )
    expect([said.code, said.errors]).toEqual([0, ''])
    const right = await doctor('lobby', '--passphrase=one')
    expect(verdicts(right)).toEqual([
      'network ok',
      'sending ok',
      'receiving ok',
      'memory ok',
      'clock ok',
      'key ok',
      'members ok',
    ])
    expect([right.code, messageOf(right, 'members')]).toEqual([0, 'heard: alice (just now)'])
    const wrong = await doctor('lobby', '--passphrase=two')
    expect([wrong.code, verdicts(wrong).slice(-2)]).toEqual([5, ['key failed', 'members unknown']])
    const none = await doctor('lobby')
    expect([none.code, verdicts(none).slice(-2)]).toEqual([5, ['key failed', 'members unknown']])
  })

  it('finds a clock that is off by what no store keeps', async () => {
    for (const node of network.nodes) node.faults.set({ clockSkewMs: -60_000 })
    const found = await doctor()
    expect(verdicts(found)).toEqual([
      'network ok',
      'sending ok',
      'receiving ok',
      'memory warning',
      'clock warning',
    ])
    expect(found.code).toBe(0)
  })

  it('finds service nodes that take messages and deliver none', async () => {
    for (const node of network.nodes) node.faults.set({ dropFilterPush: 1 })
    const found = await doctor()
    expect([found.code, verdicts(found).slice(0, 3)]).toEqual([
      1,
      ['network ok', 'sending ok', 'receiving failed'],
    ])
  })

  it('finds that the service nodes are of another cluster, and names the option', async () => {
    const found = await runInProcess(['doctor', '--waku', network.multiaddrs[0]!])
    expect([found.code, verdicts(found)]).toEqual([3, ['network failed']])
    expect(messageOf(found, 'network')).toContain('set --cluster and --shards to that of the network')
  })
})
