import type { Link } from './link.ts'
import { type Network, cpuTimeMs } from './network.ts'

/** Messages under way at the same time. */
export const AT_ONCE = 32

const KILOBYTE = 1024
const WARM_UP_MESSAGES = 50
const DELAY_MESSAGES = 100
const RATE_MESSAGES = 500
const LARGE_MESSAGES = 60

/** How a link is made. */
export type Make = (network: Network) => Promise<Link>

/** The figures of one link in one round. */
export interface Figures {
  readonly connectMs: number
  /** Median time from sending to arrival. */
  readonly delayMs: number
  readonly perSecond: number
  /** CPU time of both ends for one of those, µs. */
  readonly endsUs: number
  /** CPU time of both service nodes for one of those, µs. */
  readonly nodesUs: number
  readonly largePerSecond: number
}

/** Makes a link, measures it with payloads of so many bytes where 1 KB is meant, and closes it. */
export async function figuresOf(network: Network, make: Make, bytes: number = KILOBYTE): Promise<Figures> {
  // Nobody is to be charged for the garbage of whoever was measured before.
  globalThis.gc?.()
  const start = performance.now()
  const link = await make(network)
  const connectMs = performance.now() - start
  try {
    await rate(link, WARM_UP_MESSAGES, bytes)
    const delayMs = await delay(link, DELAY_MESSAGES, bytes)
    const nodesMs = await network.cpuMs()
    const before = process.cpuUsage()
    const perSecond = await rate(link, RATE_MESSAGES, bytes)
    const endsMs = cpuTimeMs(process.cpuUsage(before))
    const toUs = 1000 / RATE_MESSAGES
    return {
      connectMs,
      delayMs,
      perSecond,
      endsUs: endsMs * toUs,
      nodesUs: ((await network.cpuMs()) - nodesMs) * toUs,
      largePerSecond: await rate(link, LARGE_MESSAGES, 100 * KILOBYTE),
    }
  } finally {
    await link.close()
  }
}

async function delay(link: Link, count: number, bytes: number): Promise<number> {
  const delays: number[] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    const arrived = new Promise<void>((resolve) => {
      link.onReceived = () => resolve()
    })
    await Promise.all([
      link.send(content(bytes, i)),
      arrived.then(() => delays.push(performance.now() - start)),
    ])
  }
  return median(delays)
}

/** Messages a second, from the first that is sent to the last that arrives. */
async function rate(link: Link, count: number, bytes: number): Promise<number> {
  const start = performance.now()
  let arrived = 0
  const all = new Promise<void>((resolve) => {
    link.onReceived = () => {
      if (++arrived === count) resolve()
    }
  })
  let next = 0
  const sender = async (): Promise<void> => {
    while (next < count) await link.send(content(bytes, next++))
  }
  await Promise.all([all, ...Array.from({ length: AT_ONCE }, sender)])
  return (count * 1000) / (performance.now() - start)
}

function content(bytes: number, seed: number): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(bytes)
  crypto.getRandomValues(payload.subarray(0, Math.min(bytes, 65_536)))
  new DataView(payload.buffer).setUint32(0, seed)
  return payload
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
