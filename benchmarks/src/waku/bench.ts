import { type Bench, type Judged, judge } from '../document.ts'
import { type Link, bareLink, channelLink } from './link.ts'
import { type Network, startServiceNodes } from './network.ts'

const ROUNDS = 3
const KILOBYTE = 1024
/** What 1 KB weighs once SDS has put its filter and history around it, as the specification wants. */
const WRAPPED = 19_900
const AT_ONCE = 32

type Make = (network: Network) => Promise<Link>

/** The bare network with as many bytes as the channel has to move, both ends listening: what no channel can beat. */
interface Bound {
  readonly delayMs: number
  readonly perSecond: number
}

/** What one link does in one round. */
interface Figures {
  readonly connectMs: number
  readonly delayMs: number
  readonly perSecond: number
  readonly largePerSecond: number
}

async function* run(): AsyncGenerator<Judged> {
  const network = await startServiceNodes()
  try {
    const ours: Figures[] = []
    const theirs: Figures[] = []
    const bounds: Bound[] = []
    // Turn and turn about, so that both meet the same machine.
    for (let round = 0; round < ROUNDS; round++) {
      theirs.push(await figures(network, (where) => bareLink(where, false)))
      bounds.push(await bound(network))
      ours.push(await figures(network, channelLink))
    }
    const compare = (pick: (figures: Figures) => number): { ours: number; theirs: number } => ({
      ours: median(ours.map(pick)),
      theirs: median(theirs.map(pick)),
    })
    yield judge({ case: 'connect', unit: 'ms', ...compare(({ connectMs }) => connectMs) })
    yield judge({
      case: 'delay, 1 KB, one after another, p50',
      unit: 'ms',
      atLeast: 1 / 1.3,
      bound: median(theirs.map(({ delayMs }) => delayMs)) / median(bounds.map(({ delayMs }) => delayMs)),
      ...compare(({ delayMs }) => delayMs),
    })
    yield judge({
      case: `rate, 1 KB, ${AT_ONCE} at once`,
      unit: 'messages/s',
      better: 'larger',
      atLeast: 0.8,
      bound:
        median(bounds.map(({ perSecond }) => perSecond)) / median(theirs.map(({ perSecond }) => perSecond)),
      ...compare(({ perSecond }) => perSecond),
    })
    yield judge({
      case: `rate, 100 KB, ${AT_ONCE} at once`,
      unit: 'messages/s',
      better: 'larger',
      ...compare(({ largePerSecond }) => largePerSecond),
    })
  } finally {
    await network.close()
  }
}

async function figures(network: Network, make: Make): Promise<Figures> {
  const start = performance.now()
  const link = await make(network)
  const connectMs = performance.now() - start
  try {
    await rate(link, 50, KILOBYTE)
    return {
      connectMs,
      delayMs: await delay(link, 100, KILOBYTE),
      perSecond: await rate(link, 500, KILOBYTE),
      largePerSecond: await rate(link, 60, 100 * KILOBYTE),
    }
  } finally {
    await link.close()
  }
}

async function bound(network: Network): Promise<Bound> {
  const link = await bareLink(network, true)
  try {
    await rate(link, 50, WRAPPED)
    return { delayMs: await delay(link, 100, WRAPPED), perSecond: await rate(link, 500, WRAPPED) }
  } finally {
    await link.close()
  }
}

/** Median time from sending to arrival. */
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

function content(bytes: number, seed: number): Uint8Array {
  const payload = new Uint8Array(bytes)
  crypto.getRandomValues(payload.subarray(0, Math.min(bytes, 65_536)))
  new DataView(payload.buffer).setUint32(0, seed)
  return payload
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

/** A channel over real libp2p beside the bare network under it. */
export const bench: Bench = {
  about: 'a channel over two service nodes on loopback, beside light push and filter of @waku/sdk alone',
  run,
}
