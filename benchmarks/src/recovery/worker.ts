/** Runs single runs of cases for whoever started this thread, one at a time. */
import { parentPort } from 'node:worker_threads'
import { cases } from './cases.ts'
import type { Task, TaskDone } from './pool.ts'

const port = parentPort!
port.on('message', ({ index, seed }: Task) => {
  void cases[index]!.run(seed).then(
    (run) => port.postMessage({ run } satisfies TaskDone),
    (error: unknown) =>
      port.postMessage({ error: (error as Error).stack ?? String(error) } satisfies TaskDone),
  )
})
