import { afterEach, beforeEach, vi } from 'vitest'

/**
 * Gives each test of a file timers and a clock of its own, which stand still but for what is called here.
 *
 * @returns Lets so many ms pass.
 */
export function inFakeTime(startMs = 1_750_000_000_000): (ms: number) => Promise<unknown> {
  beforeEach(() => void vi.useFakeTimers({ now: startMs }))
  afterEach(() => void vi.useRealTimers())
  return (ms) => vi.advanceTimersByTimeAsync(ms)
}
