import { nextTurn } from '@reliable-channels/stage'
import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs'

/** A scheduler whose clock stands still until it is told to run. */
export interface VirtualTime extends SchedulerLike {
  /**
   * Does what is due, earliest first, letting promises settle between moments, until `until` says so.
   *
   * @param options.until Asked before each moment. @default never
   * @param options.maxMs Virtual time after which it stops in any case, ms. @default 3_600_000
   * @returns Whether `until` was met; `false` when time was up or nothing was left to do.
   */
  run(options?: { until?: () => boolean; maxMs?: number }): Promise<boolean>
  /** Lets exactly so much time pass, ms. */
  advance(ms: number): Promise<void>
}

interface Due {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
  calledOff: boolean
}

/** Lets everything that promises have queued happen: one turn of the event loop. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    nextTurn(resolve)
  })
}

/**
 * Makes virtual time: hours of a protocol pass as fast as the machine computes, in the same order every time.
 *
 * Unlike the `flush()` of a `VirtualTimeScheduler`, {@link VirtualTime.run} lets promises settle between two moments.
 * Code that waits for more than promises and this scheduler (disks, sockets, WebCrypto) does not belong into virtual time,
 * unless `settled` waits for it.
 *
 * @param options.startMs What the clock shows first, ms since 1970. @default 1_750_000_000_000
 * @param options.settled Also awaited between two moments, after the promises.
 * @example
 * ```ts
 * const time = virtualTime()
 * const network = simulatedNetwork({ scheduler: time })
 * const channel = await openChannel({ ...options, transport: network.peer('alice'), scheduler: time })
 * await time.advance(3_600_000)
 * ```
 */
export function virtualTime({
  startMs = 1_750_000_000_000,
  settled,
}: { startMs?: number; settled?: () => Promise<unknown> } = {}): VirtualTime {
  let nowMs = startMs
  let order = 0
  /** Sorted, earliest last, so that the next one is popped. */
  const agenda: Due[] = []

  const insert = (due: Due): void => {
    let low = 0
    let high = agenda.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = agenda[middle]!
      if (other.atMs > due.atMs || (other.atMs === due.atMs && other.order > due.order)) low = middle + 1
      else high = middle
    }
    agenda.splice(low, 0, due)
  }

  const time: VirtualTime = {
    now: () => nowMs,
    schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
      let pending: Due | undefined
      const callOff = (): void => {
        if (pending !== undefined) pending.calledOff = true
      }
      const action = new Subscription(callOff) as SchedulerAction<T>
      const at = (delayMs: number, value?: T): void => {
        if (action.closed) return
        callOff()
        const due: Due = {
          atMs: nowMs + Math.max(delayMs, 0),
          order: order++,
          run: () => {
            if (!due.calledOff) work.call(action, value)
          },
          calledOff: false,
        }
        pending = due
        insert(due)
      }
      action.schedule = (value?: T, delayMs = 0): Subscription => {
        at(delayMs, value)
        return action
      }
      at(delay, state)
      return action
    },
    async run({ until = () => false, maxMs = 3_600_000 } = {}) {
      const endMs = nowMs + maxMs
      for (;;) {
        await settle()
        await settled?.()
        if (until()) return true
        // An action that was called off must not move the clock.
        while (agenda.at(-1)?.calledOff === true) agenda.pop()
        const next = agenda.at(-1)
        if (next === undefined) return false
        if (next.atMs > endMs) {
          nowMs = endMs
          return false
        }
        nowMs = next.atMs
        const due: Due[] = []
        while (agenda.at(-1)?.atMs === nowMs) due.push(agenda.pop()!)
        for (const each of due) each.run()
      }
    },
    async advance(ms) {
      const endMs = nowMs + ms
      await time.run({ maxMs: ms })
      nowMs = endMs
    },
  }
  return time
}
