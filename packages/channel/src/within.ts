import type { SchedulerLike, Subscription } from 'rxjs'

/** Waits for work that may hang, for so long at most; whether it succeeds makes no difference. Never rejects. */
export async function within(
  scheduler: SchedulerLike,
  ms: number,
  work: () => Promise<unknown>,
): Promise<void> {
  let timer: Subscription | undefined
  const timeUp = new Promise<void>((resolve) => {
    timer = scheduler.schedule(() => resolve(), ms)
  })
  try {
    await Promise.race([work(), timeUp])
  } catch {
    // As good as done.
  } finally {
    timer?.unsubscribe()
  }
}
