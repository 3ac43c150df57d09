import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

import { bytesOf, startNetwork, until } from './network.ts'

/** Starts a member in a process of its own, and follows what it prints. */
function startSleeper(
  addresses: readonly string[],
  networkConfig: unknown,
): { process: ChildProcess; lines: string[] } {
  const script = fileURLToPath(new URL('sleeper.ts', import.meta.url))
  const conditions = '--conditions=@reliable-channels/source'
  const process_ = spawn(
    process.execPath,
    [conditions, script, addresses.join(), JSON.stringify(networkConfig)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      // Trap 11 does not show when NODE_ENV is "test".
      env: { ...process.env, NODE_ENV: 'production' },
    },
  )
  const lines: string[] = []
  let rest = ''
  process_.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop()!
    lines.push(...parts)
  })
  return { process: process_, lines }
}

it('a member whose machine sleeps hears everything when it wakes, and its process ends when it is closed', async () => {
  // The service nodes give up on it while it sleeps.
  await using network = await startNetwork({ filter: { subscriptionTimeoutMs: 1500 } })
  const alice = await network.member('alice', { at: [0] })
  const sleeper = startSleeper(network.devnet.multiaddrs.slice(1), network.devnet.networkConfig)
  const ended = new Promise<number | null>((resolve) => sleeper.process.once('exit', resolve))
  const heard = (): string[] =>
    sleeper.lines.flatMap((line) => (line.startsWith('heard: ') ? [line.slice(7)] : []))
  const said: string[] = []
  const say = (count: number): void => {
    for (let i = 0; i < count; i++) {
      said.push(`message ${said.length}`)
      alice.send(bytesOf(said.at(-1)!))
    }
  }
  try {
    await until(() => sleeper.lines.includes('connection: connected'), 'the sleeper to be connected')
    say(10)
    await until(() => heard().length === 10, 'the first messages')
    sleeper.process.kill('SIGSTOP')
    say(20)
    await until(() => network.devnet.nodes.every((node) => node.stats().subscribers < 2), 'to be given up on')
    say(20)
    sleeper.process.kill('SIGCONT')
    await until(() => heard().length >= said.length, 'what was missed')
    expect(heard()).toEqual(said)
    // Trap 10: timers would keep it alive for a minute.
    sleeper.process.stdin!.end()
    const late = setTimeout(() => sleeper.process.kill('SIGKILL'), 8000)
    expect(await ended).toBe(0)
    clearTimeout(late)
  } finally {
    sleeper.process.kill('SIGKILL')
  }
})
