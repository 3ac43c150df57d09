/** The process that is killed, as its parent sees it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Answer, Command } from './protocol.ts'

/** A process that waits for commands. */
export interface Victim {
  /** Its answer, or `undefined` when it died instead. */
  tell(command: Command): Promise<Answer | undefined>
  /** Kills it and waits for its end. */
  kill(): Promise<void>
}

/** Starts a process on a script made by `bundleChild`. */
export function startVictim(script: string): Victim {
  const child: ChildProcess = fork(script, {
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
