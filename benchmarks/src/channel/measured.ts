import { fork } from 'node:child_process'
import type { Case, Run } from './case.ts'

/** Runs a case once, with the sources of the checkout in `folder`, in a process of its own. */
export function measured({ id }: Pick<Case, 'id'>, folder: string): Promise<Run> {
  return new Promise((resolve, reject) => {
    const worker = fork(new URL('worker.ts', import.meta.url), [id, folder], {
      execArgv: [
        '--conditions=@reliable-channels/source',
        '--expose-gc',
        '--disable-warning=ExperimentalWarning',
      ],
    })
    worker.once('message', (run) => resolve(run as Run))
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`case "${id}" ended with ${code} in ${folder}`)))
  })
}
