export const CHANNEL = 'channel'
/** The time of our participants; theirs read the clock. */
export const NOW = 1_750_000_000_000

/** 100 bytes, others for each index. */
export function content(index: number): Uint8Array {
  const bytes = new Uint8Array(100)
  new DataView(bytes.buffer).setInt32(0, index)
  bytes.fill(index & 0xff, 4)
  return bytes
}

/** The first so many of them. */
export const contents = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => content(i))

/** Seeded random numbers in [0, 1): mulberry32. */
export function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * CPU time of the main thread that `work` takes, in µs. Garbage is collected when it is in use too: a collection that is
 * forced before leaves the young generation small, and what comes then up to half as fast.
 */
export async function cpuUs(work: () => void | Promise<void>): Promise<number> {
  const before = process.threadCpuUsage()
  await work()
  const { user, system } = process.threadCpuUsage(before)
  return user + system
}

/** The least CPU time of several rounds, in µs: what disturbs a round only ever makes it slower. */
export async function leastUs(rounds: number, round: () => Promise<number>): Promise<number> {
  let least = Infinity
  for (let i = 0; i < rounds; i++) least = Math.min(least, await round())
  return least
}

/**
 * The mean of the middle half of several measurements: now and then a collection of garbage, or a busy machine, falls
 * into one, and a single one in the middle would be as coarse as the clock of the CPU, which ticks every 4 ms.
 */
export function midmean(values: readonly number[]): number {
  const quarter = values.length >> 2
  const middle = values.toSorted((a, b) => a - b).slice(quarter, values.length - quarter)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}

/** Memory in use, in bytes, once what was let go before is given back. */
export async function memoryInUse(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
