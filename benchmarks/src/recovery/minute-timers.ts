import type { SchedulerAction, SchedulerLike, Subscription } from 'rxjs'

const MINUTE_MS = 60_000

/**
 * A scheduler whose timers fire once a minute, as those of a tab in the background: each waits for the full minute after
 * it is due. What comes from the network comes at once all the same.
 */
export function minuteTimers(scheduler: SchedulerLike): SchedulerLike {
  const late = (delayMs: number): number => {
    const now = scheduler.now()
    return Math.ceil((now + Math.max(0, delayMs)) / MINUTE_MS) * MINUTE_MS - now
  }
  return {
    now: () => scheduler.now(),
    schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
      const run = function run(this: SchedulerAction<T>, value?: T): void {
        work.call(lateAction(this, late), value)
      }
      return scheduler.schedule(run, late(delay), state)
    },
  }
}

/** An action that schedules itself as late. */
function lateAction<T>(action: SchedulerAction<T>, late: (delayMs: number) => number): SchedulerAction<T> {
  return new Proxy(action, {
    get(target, name) {
      if (name === 'schedule') return (state?: T, delay = 0) => target.schedule(state, late(delay))
      return Reflect.get(target, name, target) as unknown
    },
  })
}
