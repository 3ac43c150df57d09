import { forked } from '../forked.ts'
import type { Case, Run } from './case.ts'
import type { Flame } from './flame.ts'

/** Runs a case once, with the sources of the checkout in `folder`, in a process of its own. */
export const measured = (one: Pick<Case, 'id'>, folder: string): Promise<Run> =>
  told<Run>(one, folder, 'plain')

/** The same; tells where the time went. */
export const flameOfCase = (one: Pick<Case, 'id'>, folder: string): Promise<Flame> =>
  told<Flame>(one, folder, 'profiled')

const told = <T>({ id }: Pick<Case, 'id'>, folder: string, how: 'plain' | 'profiled'): Promise<T> =>
  forked(new URL('worker.ts', import.meta.url), [id, folder, how], `case "${id}" in ${folder}`)
