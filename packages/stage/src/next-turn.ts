import type { SchedulerLike } from 'rxjs'

interface Immediate {
  setImmediate?: (callback: () => void) => unknown
}

/**
 * Calls `resume` after others have had their turn: by the scheduler if there is one, else in the next turn of the
 * event loop. Browsers delay timers by milliseconds, but not messages.
 *
 * @returns what calls it off
 */
export function nextTurn(resume: () => void, scheduler?: SchedulerLike): () => void {
  if (scheduler !== undefined) {
    const scheduled = scheduler.schedule(resume, 0)
    return () => scheduled.unsubscribe()
  }
  let calledOff = false
  const turn = (): void => {
    if (!calledOff) resume()
  }
  const { setImmediate } = globalThis as Immediate
  if (setImmediate === undefined) {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener('message', () => {
      port1.close()
      turn()
    })
    port1.start()
    port2.postMessage(0)
  } else {
    setImmediate(turn)
  }
  return () => {
    calledOff = true
  }
}
