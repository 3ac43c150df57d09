import { Worker } from 'node:worker_threads'
import type { Run } from './case.ts'

/** One run of one case. */
export interface Task {
  /** Of the case, among all cases. */
  readonly index: number
  readonly seed: number
}

/** How it ended. */
export type TaskDone = { readonly run: Run } | { readonly error: string }

/** Threads that share the runs: virtual time is CPU time. */
export interface Pool {
  /** The runs of a case in the order of the seeds, whichever thread made them. */
  runs(index: number, seeds: readonly number[]): Promise<readonly Run[]>
  close(): Promise<void>
}

/** Starts the threads. What is asked for first is done first. */
export function createPool(threads: number): Pool {
  const waiting: { readonly task: Task; readonly done: (done: TaskDone) => void }[] = []
  const idle: Worker[] = []
  const workers: Worker[] = []

  const assign = (): void => {
    while (waiting.length > 0 && idle.length > 0) {
      const { task, done } = waiting.shift()!
      const worker = idle.pop()!
      worker.once('message', (result: TaskDone) => {
        idle.push(worker)
        done(result)
        assign()
      })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(task)
    }
  }
  for (let i = 0; i < threads; i++) workers.push(new Worker(new URL('worker.ts', import.meta.url)))
  idle.push(...workers)

  const one = async (task: Task): Promise<Run> => {
    const result = await new Promise<TaskDone>((done) => {
      waiting.push({ task, done })
      assign()
    })
    if ('error' in result) throw new Error(`seed ${task.seed}: ${result.error}`)
    return result.run
  }
  return {
    runs: (index, seeds) => Promise.all(seeds.map((seed) => one({ index, seed }))),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}
