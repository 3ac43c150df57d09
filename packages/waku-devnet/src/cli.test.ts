import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'

import { afterEach, describe, expect, it } from 'vitest'

import { Cleanup } from '../test/cleanup.ts'
import { RawClient } from '../test/raw-client.ts'
import { runDevnet } from './cli.ts'
import type { DevnetNode } from './index.ts'
import { until } from './until.ts'

const TOPIC = '/devnet-test/1/cli/proto'
const WAIT_MS = 30_000

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

interface Run {
  readonly out: () => string[]
  readonly errors: () => string
  readonly type: (line: string) => void
  readonly stop: () => void
  readonly code: Promise<number>
}

/** Runs the command in this process. */
function start(...args: string[]): Run {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  let out = ''
  let errors = ''
  stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = new AbortController()
  const code = runDevnet(args, { stdin, stdout, stderr, signal: ended.signal })
  cleanup.add({
    close: async () => {
      ended.abort()
      await code
    },
  })
  return {
    out: () => out.split('\n').filter((line) => line !== ''),
    errors: () => errors,
    type: (line) => stdin.write(`${line}\n`),
    stop: () => ended.abort(),
    code,
  }
}

async function answer(run: Run, line: string): Promise<unknown> {
  const before = run.out().length
  run.type(line)
  await until(() => run.out().length > before, WAIT_MS, `an answer to ${line}`)
  return JSON.parse(run.out()[before] as string)
}

describe('the command', () => {
  it('starts nodes, prints their addresses and a line for each message, takes commands, and ends', async () => {
    const run = start('--json', '--nodes', '2', '--port', '0', '--no-rate-limits')
    await until(() => run.out().length === 1, WAIT_MS, 'the addresses')
    const ready = JSON.parse(run.out()[0] as string) as { nodes: DevnetNode[] }
    expect(ready).toMatchObject({
      event: 'ready',
      networkConfig: { clusterId: 66, numShardsInCluster: 8 },
      nodes: [{ index: 0 }, { index: 1 }],
    })
    const client = cleanup.add(await RawClient.connect(ready.nodes[0] as DevnetNode))
    const timestamp = BigInt(Date.now()) * 1_000_000n
    const message = { payload: new Uint8Array(10), contentTopic: TOPIC, timestamp }
    await client.pushV3({ pubsubTopic: '/waku/2/rs/66/0', message })
    await until(() => run.out().length === 2, WAIT_MS, 'the message')
    expect(JSON.parse(run.out()[1] as string)).toMatchObject({
      event: 'message',
      node: 0,
      via: 'light-push',
      contentTopic: TOPIC,
      pubsubTopic: '/waku/2/rs/66/0',
      payloadBytes: 10,
      timestamp: String(timestamp),
      stored: true,
      subscribers: 0,
    })

    expect(await answer(run, 'set 1 refuse=1 silent=off')).toMatchObject({ event: 'answer', text: 'ok' })
    expect(await answer(run, 'status')).toMatchObject({ text: expect.stringMatching(/node 1: .*refuse=1$/) })
    expect(await answer(run, 'clear all')).toMatchObject({ text: 'ok' })
    expect(await answer(run, 'restart 1')).toMatchObject({ text: 'ok' })
    expect(await answer(run, 'stop 1')).toMatchObject({ text: 'ok' })
    expect(await answer(run, 'status')).toMatchObject({ text: expect.stringMatching(/node 1: stopped/) })
    expect(await answer(run, 'start 1')).toMatchObject({ text: 'ok' })
    expect(await answer(run, 'forget 0')).toMatchObject({ text: 'ok' })
    expect(await answer(run, 'restart 7')).toEqual({
      event: 'error',
      line: 'restart 7',
      text: 'expected the number of a node, 0 to 1, or all, got "7"',
    })
    expect(await answer(run, '__proto__ 0')).toMatchObject({ event: 'error' })
    expect(await answer(run, 'set 0 explode=1')).toMatchObject({ event: 'error' })
    run.type('quit')
    expect(await run.code).toBe(0)
    expect(run.out().at(-1)).toBe('{"event":"stopped"}')
    expect(run.errors()).toBe('')
  })

  it('speaks plainly without --json, and lets no message steer the terminal', async () => {
    const run = start('--nodes', '2', '--port', '0', '--shard', '0', '--quota', '5/600', '--delay', '1')
    await until(() => run.out().length === 8, WAIT_MS, 'the addresses')
    expect(run.out()[0]).toBe('node 0')
    expect(run.out()[6]).toMatch(/networkConfig \{"clusterId":66\}$/)
    expect(run.out()[7]).toContain('static sharding on 0')
    const multiaddrs = run
      .out()
      .slice(1, 3)
      .map((line) => line.trim())
    const client = cleanup.add(await RawClient.connect({ multiaddrs } as unknown as DevnetNode))
    const message = { payload: new Uint8Array(3), contentTopic: '/a/1/\u001B[2J/b', timestamp: 1n }
    await client.pushV3({ pubsubTopic: '/waku/2/rs/66/0', message })
    await until(() => run.out().length === 9, WAIT_MS, 'the message')
    expect(run.out()[8]).toMatch(
      /node 0 {2}light-push {2}\/a\/1\/\uFFFD\[2J\/b {2}3 B {2}[\da-f]{16}… {2}not stored {2}0 subscribers$/,
    )
    run.stop()
    expect(await run.code).toBe(0)
  })

  it('shows its options', async () => {
    const run = start('--help')
    expect(await run.code).toBe(0)
    expect(run.out()[0]).toContain('waku-devnet')
  })

  it.each<[string[], string]>([
    [['--nodes', 'x'], '--nodes expected a number, got x'],
    [['--nodes', '0'], '"nodes" expected an integer from 1 to 32, got 0'],
    [
      ['--shards', '2', '--shard', '1'],
      '--shards (autosharding) and --shard (static sharding) exclude each other',
    ],
    [['--topology', 'ring'], '--topology expected mesh or line, got ring'],
    [['--quota', '5'], '--quota expected MESSAGES/SECONDS, as in 20/600, got 5'],
    [['--drop', '2'], '"dropLightPush" expected a share from 0 to 1, got 2'],
    [['--port', '70000'], '"port" expected an integer from 0 to 65530, got 70000'],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['extra'], "Unexpected argument 'extra'"],
  ])('says in one line what is wrong with %j, and exits with 2', async (args, problem) => {
    const run = start(...args)
    expect(await run.code).toBe(2)
    expect(run.errors().startsWith(`waku-devnet: ${problem}`)).toBe(true)
    expect(run.errors().trimEnd()).not.toContain('\n')
    expect(run.out()).toEqual([])
  })

  it('exits with 1 and one line when its port is taken', async () => {
    const first = start('--json', '--nodes', '1', '--port', '0')
    await until(() => first.out().length === 1, WAIT_MS, 'the addresses')
    const port = /tcp\/(\d+)/.exec(first.out()[0] as string)?.[1] ?? ''
    const second = start('--nodes', '1', '--port', port)
    expect(await second.code).toBe(1)
    expect(second.errors()).toMatch(/^waku-devnet: .*\n$/)
    expect(second.errors()).toContain(`/tcp/${port}`)
    expect(second.errors()).toContain(
      '(EADDRINUSE): another program listens there; choose other ports, 0 takes free ones',
    )
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('as a process, stops cleanly on %s', async (signal) => {
    const bin = fileURLToPath(new URL('bin.ts', import.meta.url))
    const args = ['--conditions=@reliable-channels/source', bin, '--json', '--nodes', '1', '--port', '0']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    cleanup.add({ close: () => void child.kill('SIGKILL') })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    await until(() => out.includes('"ready"'), WAIT_MS, 'the addresses')
    child.kill(signal)
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(0)
    expect(out).toContain('{"event":"stopped"}')
  })
})
