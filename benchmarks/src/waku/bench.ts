import { type Bench, type Row, type Measured, judge } from '../document.ts'
import { AT_ONCE, type Figures, figuresOf, median } from './figures.ts'
import { bareLink, channelLink, transportLink } from './link.ts'
import { LOSSY, lossyS } from './lossy.ts'
import { type Network, startServiceNodes } from './network.ts'

/** Rounds that count, after one that warms everybody up. */
const ROUNDS = 6
/** Rounds of the transfer over nodes that lose. */
const LOSSY_ROUNDS = 5
/** Bytes of a message of 1 KB once SDS has put its filter and history around it, as the specification wants. */
const WRAPPED = 19_900

type Side = 'ours' | 'theirs' | 'bound'

const sides: Readonly<Record<Side, (network: Network) => Promise<Figures>>> = {
  theirs: (network) => figuresOf(network, bareLink),
  ours: (network) => figuresOf(network, channelLink),
  // As many bytes as the channel has to move, both ends listening: what no channel over this transport can beat.
  bound: (network) => figuresOf(network, transportLink, WRAPPED),
}

async function* run(): AsyncGenerator<Row> {
  const network = await startServiceNodes()
  try {
    yield* rows(await measured(network))
    const lossy: number[] = []
    for (let round = 0; round < LOSSY_ROUNDS; round++) lossy.push(await lossyS(network))
    yield judge({ case: LOSSY, unit: 's', ours: Math.max(...lossy), atMost: 10, runs: LOSSY_ROUNDS })
  } finally {
    await network.close()
  }
}

/** Turn and turn about, and each time the other way round, so that all meet the same machine. */
async function measured(network: Network): Promise<Record<Side, Figures[]>> {
  const figures: Record<Side, Figures[]> = { theirs: [], ours: [], bound: [] }
  const order: Side[] = ['theirs', 'bound', 'ours']
  for (let round = 0; round <= ROUNDS; round++) {
    for (const side of order) {
      const found = await sides[side](network)
      if (round > 0) figures[side].push(found)
    }
    order.reverse()
  }
  return figures
}

function* rows(figures: Record<Side, Figures[]>): Generator<Row> {
  const compared = (
    pick: (figures: Figures) => number,
    better: 'smaller' | 'larger' = 'smaller',
  ): Pick<Measured, 'ours' | 'theirs' | 'better' | 'bound'> => {
    const [ours, theirs, bound] = [figures.ours, figures.theirs, figures.bound].map((all) =>
      median(all.map(pick)),
    )
    return {
      ours: ours!,
      theirs: theirs!,
      better,
      bound: better === 'smaller' ? theirs! / bound! : bound! / theirs!,
    }
  }
  yield judge({ case: 'connect', unit: 'ms', ...compared(({ connectMs }) => connectMs) })
  yield judge({
    case: 'delay, 1 KB, one after another, p50',
    unit: 'ms',
    atLeast: 1 / 1.3,
    ...compared(({ delayMs }) => delayMs),
  })
  yield judge({
    case: `rate, 1 KB, ${AT_ONCE} at once`,
    unit: 'messages/s',
    atLeast: 0.8,
    ...compared(({ perSecond }) => perSecond, 'larger'),
  })
  yield judge({
    case: 'CPU time of both ends at that rate',
    unit: 'µs/message',
    ...compared(({ endsUs }) => endsUs),
  })
  yield judge({
    case: 'CPU time of both service nodes at that rate',
    unit: 'µs/message',
    ...compared(({ nodesUs }) => nodesUs),
  })
  yield judge({
    case: `rate, 100 KB, ${AT_ONCE} at once`,
    unit: 'messages/s',
    ...compared(({ largePerSecond }) => largePerSecond, 'larger'),
  })
}

/** A channel over real libp2p beside the bare network under it. */
export const bench: Bench = {
  about: 'a channel over two service nodes on loopback, beside light push and filter of @waku/sdk alone',
  run,
}
