/** Options of {@link measure}. */
export interface MeasureOptions {
  /** The best of this many rounds counts: what disturbs a round only ever makes it slower. @default 7 */
  rounds?: number
  /** A round lasts at least this long, in ms. @default 100 */
  roundMs?: number
}

/**
 * Measures the CPU time of one call of `work`, in nanoseconds, on the main thread.
 *
 * @param work Does what is measured `times` times; what it makes must be kept or folded, so that it is not optimised away.
 */
export function measure(work: (times: number) => void, options: MeasureOptions = {}): number {
  const { rounds = 7, roundMs = 100 } = options
  let times = 1
  // Warms up, and finds how often fits into a round.
  for (let ns = cpuNs(work, times); ns < roundMs * 1e6; ns = cpuNs(work, times)) {
    times = Math.ceil(times * Math.min(10, Math.max(1.5, (roundMs * 1.1e6) / Math.max(ns, 1))))
  }
  let best = Infinity
  for (let round = 0; round < rounds; round++) best = Math.min(best, cpuNs(work, times) / times)
  return best
}

function cpuNs(work: (times: number) => void, times: number): number {
  globalThis.gc?.()
  const before = process.threadCpuUsage()
  work(times)
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) * 1000
}
