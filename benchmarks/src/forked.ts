import { fork } from 'node:child_process'

/** Runs a worker in a process of its own; returns the one thing that it sends. @param name Of what fails, if it does. */
export function forked<T>(worker: URL, args: readonly string[], name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = fork(worker, [...args], {
      execArgv: [
        '--conditions=@reliable-channels/source',
        '--expose-gc',
        '--disable-warning=ExperimentalWarning',
      ],
    })
    child.once('message', (told) => resolve(told as T))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
  })
}
