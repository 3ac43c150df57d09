import { fork } from 'node:child_process'
import type { Case, Run } from './case.ts'
import type { Flame } from './flame.ts'

/** Runs a case once, with the sources of the checkout in `folder`, in a process of its own. */
export const measured = (one: Pick<Case, 'id'>, folder: string): Promise<Run> =>
  told<Run>(one, folder, 'plain')

/** The same; tells where the time went. */
export const flameOfCase = (one: Pick<Case, 'id'>, folder: string): Promise<Flame> =>
  told<Flame>(one, folder, 'profiled')

function told<T>({ id }: Pick<Case, 'id'>, folder: string, how: 'plain' | 'profiled'): Promise<T> {
  return new Promise((resolve, reject) => {
    const worker = fork(new URL('worker.ts', import.meta.url), [id, folder, how], {
      execArgv: [
        '--conditions=@reliable-channels/source',
        '--expose-gc',
        '--disable-warning=ExperimentalWarning',
      ],
    })
    worker.once('message', (run) => resolve(run as T))
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`case "${id}" ended with ${code} in ${folder}`)))
  })
}
