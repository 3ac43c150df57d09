/** Processes that are killed, with a LevelDB directory. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiledIn } from './bundle.ts'
import type { Ground, Victim } from './ground.ts'
import type { Answer, JournalEntry } from './protocol.ts'

/** A directory of its own, for processes that run a script made by `bundleChild`. */
export async function processGround(script: string): Promise<Ground> {
  const directory = await mkdtemp(join(tmpdir(), 'kill-test-'))
  const journal = join(directory, 'journal')
  let read = 0
  return {
    start: () => startProcess(script),
    place: { directory: join(directory, 'store'), journal },
    async read() {
      const lines = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').slice(0, -1) : []
      const fresh = lines.slice(read)
      read = lines.length
      return fresh.map((line) => JSON.parse(line) as JournalEntry)
    },
    diesByItself: true,
    close: () => rm(directory, { recursive: true }),
  }
}

function startProcess(script: string): Victim {
  const child: ChildProcess = fork(script, {
    env: compiledIn(script),
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'close')
  let waiting: ((answer: Answer | undefined) => void) | undefined
  const settle = (answer?: Answer): void => {
    waiting?.(answer)
    waiting = undefined
  }
  child.on('message', (answer: Answer) => settle(answer))
  child.on('close', () => settle())
  child.on('error', () => settle())
  return {
    tell: (command) =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve(undefined)
        waiting = resolve
        // It may be gone by now: its end is the answer.
        child.send(command, () => {})
      }),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
