import { type WaitReport, withinLimit } from '@reliable-channels/stage'
import type { SchedulerLike } from 'rxjs'

/** How long a channel waits for an answer of what it was handed. What comes later counts as failed, and everything goes on. */
export interface WaitLimits {
  /**
   * Each read and each write of the store, ms.
   * @limit Opening rejects; a write counts as failed and is tried again.
   * @default 10_000
   */
  storeMs?: number
  /**
   * Each call of the transport but `send`, and each message of its memory, ms; see also `dispatchTimeoutMs`.
   * @limit Opening rejects; the network's memory is asked again.
   * @default 30_000
   */
  transportMs?: number
  /**
   * Taking a name that is free, and letting go of it, ms.
   * @limit Opening, or closing, rejects.
   * @default 10_000
   */
  lockMs?: number
  /**
   * The cipher: each seal and each open, ms.
   * @limit The frame fails: it does not go on, and is left to retransmission.
   * @default 30_000
   */
  hookMs?: number
}

/** The limits with their defaults. */
export const waitLimitsOf = ({
  storeMs = 10_000,
  transportMs = 30_000,
  lockMs = 10_000,
  hookMs = 30_000,
}: WaitLimits = {}): Required<WaitLimits> => ({ storeMs, transportMs, lockMs, hookMs })

/** The limits of waits for outsiders, and where waits are reported. */
export interface Patience {
  readonly limits: Required<WaitLimits>
  readonly scheduler: SchedulerLike
  /** Told what is slow, and what was given up. */
  readonly report: (report: WaitReport) => void
  /** Aborted when nobody waits any more. */
  readonly signal?: AbortSignal
}

/** Waits for what `work` promises, within the limit of its kind. `late` is given what came after it. */
export function waitFor<T>(
  { limits, scheduler, report, signal }: Patience,
  kind: keyof WaitLimits,
  what: string,
  work: (signal: AbortSignal) => T | PromiseLike<T>,
  late?: (value: T) => void,
): Promise<T> {
  return withinLimit(work, {
    what,
    limitMs: limits[kind],
    scheduler,
    report,
    ...(late && { late }),
    ...(signal && { signal }),
  })
}

/** The same iteration, each step of which has a limit. Ending it early is not waited for. */
export async function* iterateWithin<T>(
  patience: Patience,
  kind: keyof WaitLimits,
  what: string,
  iterable: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const iterator = iterable[Symbol.asyncIterator]()
  let isOver = false
  try {
    for (;;) {
      const step = await waitFor(patience, kind, what, () => iterator.next())
      isOver = step.done === true
      if (step.done === true) return
      yield step.value
    }
  } finally {
    if (!isOver) void Promise.resolve(iterator.return?.()).catch(() => {})
  }
}
